"""Typed rows into one Parquet file of an attempt, in row groups of a good size."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from commonlib.lake import arrow_files, failpoints, schema

_GROUP_BYTES = 48 << 20
_SAMPLE = 20_000


@dataclass(slots=True)
class Out:
    """The file being written. Its first rows decide which columns are worth a dictionary."""

    place: str
    schema: pa.Schema
    rows: int = 0
    _waiting: list[pa.RecordBatch] = field(default_factory=list)
    _bytes: int = 0
    _writer: pq.ParquetWriter | None = None

    def write(self, batch: pa.RecordBatch) -> None:
        """Take these rows; some wait until there are enough for a row group."""
        self._waiting.append(batch)
        self._bytes += batch.nbytes
        self.rows += batch.num_rows
        if self._bytes >= _GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        table = pa.Table.from_batches(self._waiting, self.schema)
        if self._writer is None:
            files, path = arrow_files.at(self.place)
            self._writer = pq.ParquetWriter(
                path,
                self.schema,
                filesystem=files,
                coerce_timestamps="us",
                use_dictionary=_repeating(table),
                store_decimal_as_integer=True,
            )
        self._writer.write_table(table, row_group_size=max(1, table.num_rows))
        self._waiting, self._bytes = [], 0
        failpoints.reach("data-half-written")

    def close(self, *, is_whole: bool) -> None:
        """End the file; when it is to be written anew with other types, what waits is let go."""
        if is_whole and (self._waiting or self._writer is None):
            self._flush()
        if self._writer is not None:
            self._writer.close()


@contextlib.contextmanager
def opened(location: str, types: pa.Schema) -> Iterator[Out]:
    """The file of an attempt whose folder is this location; written again, it is a new one in its place."""
    schema.check_names(types.names)
    schema.columns_of(types)
    files, folder = arrow_files.at(location)
    files.create_dir(folder, recursive=True)
    out = Out(f"{location}/part-00000.parquet", types)
    try:
        yield out
    except BaseException:
        out.close(is_whole=False)
        raise
    out.close(is_whole=True)


def _repeating(table: pa.Table) -> list[str] | bool:
    """The columns of which a dictionary makes the file smaller, by a sample; nested ones are left to the writer."""
    if any(pa.types.is_nested(column.type) for column in table.schema):
        return True
    found = []
    for name in table.schema.names:
        cells = table.column(name).slice(0, _SAMPLE)
        if pc.count_distinct(cells).as_py() < 0.3 * max(1, len(cells)):
            found.append(name)
    return found or False
