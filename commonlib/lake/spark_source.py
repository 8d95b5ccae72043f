"""Spark's way to a lake in object storage without a connector: a Python data source over pyarrow.

It is pickled by value, so that workers and servers of Spark Connect need pyarrow, obstore and fsspec, not commonlib, of
which nothing is imported here. What tasks write counts only once the driver has written the list of it.
"""

import json
import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import pyarrow as pa
import pyarrow.fs
import pyarrow.parquet as pq
from pyspark.sql.datasource import (
    DataSource,
    DataSourceArrowWriter,
    DataSourceReader,
    DataSourceWriter,
    InputPartition,
    WriterCommitMessage,
)
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

WRITTEN = "_written.json"
_TASK = 64 << 20
_OPEN = 64  # files of a task at once
Spell: TypeAlias = Callable[[str | None], str]


@dataclass(frozen=True)
class Reach:
    """How a worker reaches the store: what the driver's environment says, and options that obstore does not take there.

    Credentials travel with the code, as in any closure, and not in options, which Spark shows in plans and its pages.
    """

    scheme: str
    environment: Mapping[str, str]
    options: Mapping[str, Any]
    by_profile: bool

    def filesystem(self) -> Any:
        """The store as pyarrow takes it."""
        return pyarrow.fs.PyFileSystem(pyarrow.fs.FSSpecHandler(self.store()))

    def store(self) -> Any:
        """The store as fsspec has it."""
        from obstore.fsspec import FsspecStore

        os.environ.update(self.environment)
        options = dict(self.options)
        if self.by_profile:
            from obstore.auth.boto3 import Boto3CredentialProvider

            options["credential_provider"] = Boto3CredentialProvider()
        return FsspecStore(self.scheme, skip_instance_cache=True, **options)


class Source(DataSource):
    """What `spark.dataSource.register` gets a subclass of, with these filled in."""

    known_as: ClassVar[str]
    reach: ClassVar[Reach]
    spell: "ClassVar[staticmethod[[str | None], str]]"

    @classmethod
    def name(cls) -> str:
        return cls.known_as

    def reader(self, schema: StructType) -> DataSourceReader:
        return Reader(self.reach, json.loads(self.options["files"]), schema)

    def writer(self, schema: StructType, overwrite: bool) -> DataSourceWriter:  # noqa: ARG002
        by: list[str] = json.loads(self.options.get("by", "[]"))
        return Writer(self.reach, self.options["folder"], schema, by, self.spell)


class Reader(DataSourceReader):
    """Files that a manifest lists: `[path, bytes, {partition column: its text, or null}]` each."""

    def __init__(self, reach: Reach, files: list[tuple[str, int, dict[str, str | None]]], schema: StructType) -> None:
        self.reach, self.files, self.schema = reach, files, schema

    def partitions(self) -> list[InputPartition]:
        """Tasks of about 64 MB; a file is read by one."""
        tasks: list[list[tuple[str, int, dict[str, str | None]]]] = []
        size = _TASK
        for file in self.files:
            if size + file[1] > _TASK:
                tasks.append([])
                size = 0
            tasks[-1].append(file)
            size += file[1]
        return [InputPartition(task) for task in tasks]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """The rows, with every column in the type of the manifest, those of the partition from its name."""
        wanted = to_arrow_schema(self.schema, timezone="UTC")
        source = self.reach.filesystem()
        for path, _, values in partition.value:
            with pq.ParquetFile(path, filesystem=source) as file:
                for batch in file.iter_batches(batch_size=10_000):
                    yield pa.RecordBatch.from_arrays([_column(batch, field, values) for field in wanted], schema=wanted)


def _column(batch: pa.RecordBatch, field: pa.Field, values: Mapping[str, str | None]) -> pa.Array:
    if field.name in values:
        return pa.repeat(pa.scalar(values[field.name], pa.string()).cast(field.type), batch.num_rows)
    if field.name not in batch.schema.names:  # the dataset has got the column since
        return pa.nulls(batch.num_rows, field.type)
    return batch.column(field.name).cast(field.type)


@dataclass
class Wrote(WriterCommitMessage):
    """The files that one task wrote, with their rows; none when it saw no row."""

    files: list[tuple[str, int]]


class Writer(DataSourceArrowWriter):
    """Parquet files under names of their own for each task: what one that is run twice leaves is on no list.

    Rows are parted by the columns in `by`, which hold texts, into the folders that `spell` names.
    """

    def __init__(self, reach: Reach, folder: str, schema: StructType, by: list[str], spell: Spell) -> None:
        self.reach, self.folder, self.schema, self.by, self.spell = reach, folder, schema, by, spell

    def write(self, iterator: Iterator[pa.RecordBatch]) -> Wrote:
        from pyspark import TaskContext

        context = TaskContext.get()
        number = context.partitionId() if context else 0
        rows: dict[str, int] = {}
        open_in: dict[str, tuple[str, pq.ParquetWriter]] = {}
        try:
            for batch in iterator:
                for slot, part in self._parts(batch):
                    if slot not in open_in:
                        if len(open_in) >= _OPEN:
                            open_in.pop(next(iter(open_in)))[1].close()
                        name = f"{slot}part-{number:05d}-{uuid.uuid4().hex}.parquet"
                        open_in[slot] = name, self._open(name, part.schema)
                    name, writer = open_in[slot]
                    writer.write_batch(part)
                    rows[name] = rows.get(name, 0) + part.num_rows
        finally:
            while open_in:
                open_in.popitem()[1][1].close()
        return Wrote([*rows.items()])

    def _parts(self, batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
        """The rows of each folder, without the columns that its name says."""
        if not self.by:
            yield "", batch
            return
        places: dict[tuple[str | None, ...], list[int]] = {}
        for row, key in enumerate(zip(*(batch.column(name).to_pylist() for name in self.by), strict=True)):
            places.setdefault(key, []).append(row)
        rest = batch.select([name for name in batch.schema.names if name not in self.by])
        for key, found in places.items():
            slot = "".join(f"{name}={self.spell(text)}/" for name, text in zip(self.by, key, strict=True))
            yield slot, rest.take(pa.array(found)) if len(places) > 1 else rest

    def commit(self, messages: list[WriterCommitMessage | None]) -> None:
        """Write the list of what belongs to this write, at its driver; only a list makes files count."""
        done = [file for one in messages if isinstance(one, Wrote) for file in one.files]
        if not done:
            if self.by:  # whoever parts it leaves a file without rows in a folder
                return
            name = f"part-00000-{uuid.uuid4().hex}.parquet"
            self._open(name, to_arrow_schema(self.schema, timezone="UTC")).close()
            done = [(name, 0)]
        listed = json.dumps([{"name": name, "rows": rows} for name, rows in done])
        self.reach.store().pipe_file(f"{self.folder}/{WRITTEN}", listed.encode())

    def abort(self, messages: list[WriterCommitMessage | None]) -> None:
        """Nothing: files without a list are read by nobody, and a writer needs no right to delete."""

    def _open(self, name: str, schema: pa.Schema) -> pq.ParquetWriter:
        path, plain = f"{self.folder}/{name}", schema.remove_metadata()
        return pq.ParquetWriter(path, plain, filesystem=self.reach.filesystem(), coerce_timestamps="us")
