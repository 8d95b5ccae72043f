"""Tables in memory, and streams of them, to and from a version's Parquet files, without Spark."""

import datetime
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from commonlib.lake import arrow_files, failpoints, partitions, schema
from commonlib.lake.errors import BadName, SchemaRefused
from commonlib.lake.logs import Version
from commonlib.lake.manifest import Column
from commonlib.lake.parted_files import PartedFiles

if TYPE_CHECKING:
    import pandas as pd

_TYPES = "commonlib.lake.types"


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


def to_pandas(table: pa.Table) -> "pd.DataFrame":
    """The table as pandas has it, which remembers the types that pandas does not have: see `typed`."""
    frame: pd.DataFrame = table.to_pandas()
    types = {column.name: column.type for column in schema.columns_of(table.schema)}
    if unknown := {name: types[name] for name in types if frame[name].dtype.kind == "O"}:
        frame.attrs[_TYPES] = unknown
    return frame


def remembered(frame: "pd.DataFrame") -> dict[str, str]:
    """The types of a frame's columns that `to_pandas` noted, also for selections of it."""
    return dict(frame.attrs.get(_TYPES, {}))


def untyped(table: pa.Table | pa.RecordBatchReader) -> list[str]:
    """The columns without a type: those without a value, such as text of pandas when no row was selected."""
    return [field.name for field in table.schema if pa.types.is_null(field.type)]


def typed(table: pa.Table, known: Mapping[str, str]) -> pa.Table:
    """The table, with columns that have no value in the type that is known of them."""
    for name in untyped(table):
        if (kind := schema.arrow_type(known.get(name, ""))) is not None:
            place = table.schema.get_field_index(name)
            table = table.set_column(place, pa.field(name, kind), pa.nulls(table.num_rows, kind))
    return table


def write(
    frame: pa.Table | pa.RecordBatchReader,
    location: str,
    partition: tuple[partitions.PartitionValue, ...] = (),
    partition_by: tuple[Column, ...] = (),
) -> int:
    """Write the rows as Parquet into the new folder, batch by batch, and return how many were seen.

    Columns of the partition are left out of the files, once every row is seen to hold the partition's value, as are
    those in `partition_by`, whose values name folders.
    """
    schema.check_names(frame.schema.names)
    keys = {value.name.casefold(): value for value in partition}
    by = {column.name for column in partition_by}
    kept = [name for name in frame.schema.names if name.casefold() not in keys and name not in by]
    if not kept:
        raise SchemaRefused("the frame has no columns beside those of the partition; there is nothing to write")
    target = pa.schema([frame.schema.field(name) for name in kept])
    schema.columns_of(target)
    files, folder = arrow_files.at(location)
    files.create_dir(folder, recursive=True)
    rows = 0
    with PartedFiles(files, folder, target, partition_by) as parts:
        parts.begin()
        for batch in _pieces(frame, is_whole=bool(partition_by)):
            for name in batch.schema.names:
                if (value := keys.get(name.casefold())) is not None:
                    _check_partition(batch.column(name), value)
            try:
                parts.write(batch)
            except pa.ArrowInvalid as error:
                raise SchemaRefused(f"cannot be kept in Parquet: {error}; round timestamps to microseconds") from error
            rows += batch.num_rows
            failpoints.reach("data-half-written")
    return rows


def _pieces(frame: pa.Table | pa.RecordBatchReader, *, is_whole: bool) -> Iterator[pa.Table]:
    """The rows in pieces; a table that is parted comes whole, so that each of its parts is one file."""
    if isinstance(frame, pa.Table) and is_whole:
        yield frame
        return
    for batch in frame.to_batches() if isinstance(frame, pa.Table) else frame:
        yield pa.Table.from_batches([batch])


def _check_partition(column: pa.ChunkedArray, value: partitions.PartitionValue) -> None:
    for item in column.unique().to_pylist():
        if not _is_value(item, value):
            raise SchemaRefused(
                f"column {value.name!r} holds {'null' if item is None else repr(str(item))} in a write of partition "
                f"{value.name}={partitions.shown(value.text)}; filter the frame to the partition, or drop the column"
            )


def _is_value(item: object, value: partitions.PartitionValue) -> bool:
    if item is None or value.text is None:
        return item is None and value.text is None
    if isinstance(item, datetime.datetime) and str(item.isoformat()).endswith("T00:00:00"):
        return value.text in {item.date().isoformat(), str(item)}
    try:
        (found,) = partitions.partition_values({value.name: item}, {value.name: value.type})
    except BadName:
        return False
    return found.text == value.text


def dataset(version: Version) -> ds.Dataset:
    """The version as a pyarrow dataset: its files by name, partition columns with their types."""
    keys = version.manifest.partition_columns
    source, folder = arrow_files.at(version.folder)
    files = [f"{folder}/{file.path}" for file in version.files]
    if not keys:
        return ds.dataset(files, schema=None, format="parquet", filesystem=source)
    fields = [pa.field(key.name, schema.arrow_type(key.type)) for key in keys]
    # A file of the latest write has all columns; in earlier partitions some can be missing, which reads as nulls.
    newest = f"{folder}/{version.manifest.files[0].path}"
    physical = pq.read_schema(newest, filesystem=source)
    whole = pa.schema([*physical, *fields]).remove_metadata()
    told = [_told(file.slot, fields) for file in version.files]
    return ds.FileSystemDataset.from_paths(
        files, schema=whole, format=ds.ParquetFileFormat(), filesystem=source, partitions=told
    )


def _told(slot: str, fields: list[pa.Field]) -> pc.Expression:
    """What the folders of a file say of its rows. pyarrow itself takes a text that spells a null for one."""
    values, told = partitions.values_of(slot), pc.scalar(True)
    for field in fields:
        value = pa.scalar(values[field.name], pa.string()).cast(field.type)
        told &= pc.field(field.name) == value if value.is_valid else pc.field(field.name).is_null()
    return told


def read(version: Version) -> pa.Table:
    """The whole version as one table."""
    return dataset(version).to_table(columns=[column.name for column in version.columns])


def batches(version: Version) -> Iterator[pa.RecordBatch]:
    """The version piece by piece, in bounded memory, in the order of its files and rows."""
    scanner = dataset(version).scanner(
        columns=[column.name for column in version.columns], batch_readahead=2, fragment_readahead=1
    )
    yield from scanner.to_batches()
