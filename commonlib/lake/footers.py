"""What was written, read back: the footers of an attempt's Parquet files."""

import json
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from commonlib.lake import arrow_files, failpoints, schema
from commonlib.lake.bounds import Statistics, merged
from commonlib.lake.commit import Attempt, seal
from commonlib.lake.errors import LakeError, WriteNotProven
from commonlib.lake.footer_bounds import bounds_of
from commonlib.lake.logs import Log
from commonlib.lake.manifest import Bounds, Column, DataFile

WRITTEN = "_written.json"
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Proven:
    """The files of an attempt, whose footers say what was observed while writing."""

    files: tuple[DataFile, ...]
    columns: tuple[Column, ...]
    statistics: Statistics


def prove(log: Log, attempt: Attempt, observed: int) -> Proven:
    """Read the footers back, make the files safe on the disk and hash them.

    `observed` is the number of rows counted while they were written. Raises WriteNotProven when the files hold another.
    """
    failpoints.reach("data-written")
    folder, found = attempt.data_folder, dict[str, list[Bounds | None]]()
    names = _names(log, folder)
    # While one file is hashed, others wait for the disk or the store.
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        parts = [*pool.map(lambda name: _prove_one(log, f"{folder}/{name}"), names)]
    rows = sum(part.file.rows or 0 for part in parts)
    for part in parts:
        for column, each in part.bounds:
            found.setdefault(column, []).append(each)
    files, schemas = tuple(part.file for part in parts), [part.schema for part in parts]
    if rows != observed:
        raise WriteNotProven(str(log.dataset), observed, rows)
    if not files:
        raise LakeError(f"{log.dataset}: the write left no Parquet file in {log.storage.location(folder)}")
    columns = _one_schema(log, schemas)
    failpoints.reach("data-sealed")
    types = {column.name: column.type for column in columns}
    known = {name: [one for one in each if one is not None] for name, each in found.items() if None not in each}
    return Proven(files, columns, {name: merged(each, types[name]) for name, each in known.items()})


@dataclass(frozen=True, slots=True)
class _Part:
    file: DataFile
    schema: pa.Schema
    bounds: tuple[tuple[str, Bounds | None], ...]


def _prove_one(log: Log, path: str) -> _Part:
    source, place = arrow_files.at(log.storage.location(path))
    footer = pq.read_metadata(place, filesystem=source)
    plain = _plain(footer)
    file = seal(log.storage, log.dataset, path, footer.num_rows, _nulls(footer, plain))
    return _Part(file, footer.schema.to_arrow_schema(), tuple(bounds_of(footer, plain)))


def _names(log: Log, folder: str) -> list[str]:
    """The Parquet files of a write; where Spark's tasks wrote by our data source, those on the list of its driver."""
    found = log.storage.files(folder)
    if WRITTEN in found:
        return sorted(one["name"] for one in json.loads(log.storage.read(f"{folder}/{WRITTEN}")))
    return [name for name in found if name.endswith(".parquet") and not _is_hidden(name)]


def _is_hidden(name: str) -> bool:
    return any(part.startswith(("_", ".")) for part in name.split("/"))


def _plain(footer: pq.FileMetaData) -> dict[str, pa.DataType]:
    """The columns that are not nested, with their types."""
    return {field.name: field.type for field in footer.schema.to_arrow_schema() if not pa.types.is_nested(field.type)}


def _nulls(footer: pq.FileMetaData, plain: Collection[str]) -> dict[str, int] | None:
    """Nulls by column, of the columns that have any and hold plain values; None where a writer counted none."""
    found: dict[str, int] = {}
    for group in range(footer.num_row_groups):
        for number in range(footer.num_columns):
            column = footer.row_group(group).column(number)
            if column.path_in_schema in plain:
                statistics = column.statistics
                if statistics is None or not statistics.has_null_count:
                    return None
                if statistics.null_count:
                    found[column.path_in_schema] = found.get(column.path_in_schema, 0) + statistics.null_count
    return found


def _one_schema(log: Log, schemas: list[pa.Schema]) -> tuple[Column, ...]:
    found = {schema.columns_of(each) for each in schemas}
    if len(found) != 1:
        raise LakeError(f"BUG: {log.dataset}: one write made files of {len(found)} schemas; please report how")
    return found.pop()
