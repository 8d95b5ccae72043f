"""Rows parted by columns of their own into Hive's folders, without Spark: one file for each combination of values."""

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from commonlib.lake import partitions, schema
from commonlib.lake.errors import BadName, SchemaRefused
from commonlib.lake.manifest import Column

_OPEN = 64  # files at once; further ones of a stream close the oldest, whose folder then gets another file
_KINDS = ("string", "tinyint", "smallint", "int", "bigint", "boolean", "date", "timestamp", "timestamp_ntz")


def key_columns(columns: Sequence[Column], names: Sequence[str]) -> tuple[Column, ...]:
    """The columns by which a write is to be parted, with types. Raises SchemaRefused, BadName."""
    known = {column.name: column.type for column in columns}
    for name in names:
        partitions.check_column(name)
        if name not in known:
            raise SchemaRefused(f"partition_by names {name!r}; the frame has {', '.join(map(repr, known))}")
        if known[name] not in _KINDS and not known[name].startswith("decimal("):
            raise SchemaRefused(
                f"column {name!r} of type {known[name]} cannot part a write: folders' names hold text, dates, times, "
                "integers, decimals and booleans; cast it"
            )
    return tuple(Column(name, known[name]) for name in names)


class PartedFiles:
    """Parquet files under `folder`, in folders named by the values of the keys; the keys are not in the files."""

    def __init__(self, files: Any, folder: str, target: pa.Schema, keys: Sequence[Column]) -> None:
        self._files, self._folder, self._target, self._keys = files, folder, target, tuple(keys)
        self._open: dict[str, pq.ParquetWriter] = {}
        self._made = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._keys and not self._made:  # readers take the columns from a file
            self._writer("/".join(f"{key.name}={partitions.NULL}" for key in self._keys))
        while self._open:
            self._open.popitem()[1].close()

    def begin(self) -> None:
        """Make the one file of a write that is not parted, which is there also when no row comes."""
        if not self._keys:
            self._writer("")

    def write(self, rows: pa.Table) -> None:
        """Add the rows, each to the file of its values."""
        for slot, part in self._parts(rows):
            self._writer(slot).write_table(part.select(self._target.names).cast(self._target))

    def _parts(self, rows: pa.Table) -> Iterator[tuple[str, pa.Table]]:
        codes, folders = np.zeros(rows.num_rows, dtype=np.int64), [""]
        for key in self._keys:
            column = rows.column(key.name).unify_dictionaries().combine_chunks()
            if not pa.types.is_dictionary(column.type):
                column = column.dictionary_encode("encode")
            named = [_folder(key, value) for value in column.dictionary.to_pylist()]
            indices = column.indices.to_numpy(zero_copy_only=False)
            wide, codes = np.unique(codes * len(named) + indices, return_inverse=True)
            folders = ["/".join(filter(None, (folders[code // len(named)], named[code % len(named)]))) for code in wide]
        if len(folders) == 1:
            if rows.num_rows:
                yield folders[0], rows
            return
        order = np.argsort(codes, kind="stable")
        ends = np.searchsorted(codes[order], np.arange(len(folders) + 1))
        for number, slot in enumerate(folders):
            yield slot, rows.take(pa.array(order[ends[number] : ends[number + 1]]))

    def _writer(self, slot: str) -> pq.ParquetWriter:
        if slot not in self._open:
            if len(self._open) >= _OPEN:
                self._open.pop(next(iter(self._open))).close()
            folder = f"{self._folder}/{slot}" if slot else self._folder
            self._files.create_dir(folder, recursive=True)
            # Every file has a number of its own: some file systems take two folders for one that Linux tells apart.
            path = f"{folder}/part-{self._made:05d}.parquet"
            self._made += 1
            self._open[slot] = pq.ParquetWriter(path, self._target, filesystem=self._files, coerce_timestamps="us")
        return self._open[slot]


def _folder(key: Column, value: object) -> str:
    (found,) = partitions.partition_values({key.name: value}, {key.name: key.type})
    if found.type != key.type:
        raise BadName(f"BUG: partition {key.name}={value!r} is of type {found.type}, not {key.type}")
    return found.folder


def plain_columns(target: pa.Schema) -> tuple[Column, ...]:
    """The columns of a frame as far as they have types that partitions can have, and the others by their own names."""
    found: list[Column] = []
    for field in target:
        try:
            found.append(*schema.columns_of(pa.schema([field])))
        except SchemaRefused:
            found.append(Column(field.name, str(field.type)))
    return tuple(found)
