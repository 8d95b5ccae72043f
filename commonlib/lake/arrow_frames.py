"""Tables in memory, and streams of them, to and from a version's Parquet files, without Spark."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from commonlib.lake import arrow_files, failpoints, paths, schema
from commonlib.lake.errors import SchemaRefused
from commonlib.lake.manifest import Version

if TYPE_CHECKING:
    import pandas as pd

_PARTITION_TYPES = {"string": pa.string(), "date": pa.date32(), "bigint": pa.int64(), "boolean": pa.bool_()}


def from_pandas(frame: "pd.DataFrame") -> pa.Table:
    """The frame as a table. A named index becomes columns, an index without a name is dropped."""
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    schema.check_names(list(frame.columns))
    try:
        table = pa.Table.from_pandas(frame, preserve_index=False)
    except pa.ArrowException as error:
        raise SchemaRefused(f"the frame has a column of mixed or unknown type: {error}; give it one type") from error
    return table.replace_schema_metadata(None)


def write(
    frame: pa.Table | pa.RecordBatchReader, location: str, partition: tuple[paths.PartitionValue, ...] = ()
) -> int:
    """Write the rows as one Parquet file in the new folder, batch by batch, and return how many were seen.

    Columns of the partition are left out of the file, once every row is seen to hold the partition's value.
    """
    schema.check_names(frame.schema.names)
    keys = {value.name.casefold(): value for value in partition}
    kept = [name for name in frame.schema.names if name.casefold() not in keys]
    if not kept:
        raise SchemaRefused("the frame has no columns beside those of the partition; there is nothing to write")
    target = pa.schema([frame.schema.field(name) for name in kept])
    schema.columns_of(target)
    files, folder = arrow_files.at(location)
    files.create_dir(folder, recursive=True)
    rows = 0
    with pq.ParquetWriter(f"{folder}/part-00000.parquet", target, filesystem=files, coerce_timestamps="us") as writer:
        for batch in frame.to_batches() if isinstance(frame, pa.Table) else frame:
            for name in batch.schema.names:
                if (value := keys.get(name.casefold())) is not None:
                    _check_partition(batch.column(name), value)
            try:
                writer.write_batch(batch.select(kept))
            except pa.ArrowInvalid as error:
                raise SchemaRefused(f"cannot be kept in Parquet: {error}; round timestamps to microseconds") from error
            rows += batch.num_rows
            failpoints.reach("data-half-written")
    return rows


def _check_partition(column: pa.Array, value: paths.PartitionValue) -> None:
    found = {_text(item) for item in column.unique().to_pylist()}
    if found - {value.text}:
        other = sorted(map(str, found - {value.text}))[0]
        raise SchemaRefused(
            f"column {value.name!r} holds {other!r} in a write of partition {value.name}={value.text}; "
            "filter the frame to the partition, or drop the column"
        )


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if hasattr(value, "isoformat"):
        return str(value.isoformat()).removesuffix("T00:00:00")
    return None if value is None else str(value)


def dataset(version: Version) -> ds.Dataset:
    """The version as a pyarrow dataset: its files by name, partition columns with their types."""
    keys = version.manifest.partition_columns
    source, folder = arrow_files.at(version.folder)
    files = [f"{folder}/{file.path}" for file in version.files]
    if not keys:
        return ds.dataset(files, schema=None, format="parquet", filesystem=source)
    fields = [pa.field(key.name, _PARTITION_TYPES[key.type]) for key in keys]
    # A file of the latest write has all columns; in earlier partitions some can be missing, which reads as nulls.
    newest = f"{folder}/{version.manifest.files[0].path}"
    physical = pq.read_schema(newest, filesystem=source)
    whole = pa.schema([*physical, *fields]).remove_metadata()
    partitioning = ds.partitioning(pa.schema(fields), flavor="hive")
    return ds.dataset(files, schema=whole, format="parquet", partitioning=partitioning, filesystem=source)


def read(version: Version) -> pa.Table:
    """The whole version as one table."""
    return dataset(version).to_table(columns=[column.name for column in version.columns])


def batches(version: Version) -> Iterator[pa.RecordBatch]:
    """The version piece by piece, in bounded memory, in the order of its files and rows."""
    scanner = dataset(version).scanner(
        columns=[column.name for column in version.columns], batch_readahead=2, fragment_readahead=1
    )
    yield from scanner.to_batches()
