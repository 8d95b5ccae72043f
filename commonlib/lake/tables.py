"""Reading and writing tables in the lake."""

import contextlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias, cast

from commonlib import receipts
from commonlib.lake import bounds, commit, lineage, logs, partitions, paths
from commonlib.lake.errors import LakeError, NotFound, SchemaRefused
from commonlib.lake.logs import Log, Version
from commonlib.lake.manifest import Column, DataFile, Input, Manifest

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from pyspark.sql import DataFrame

    Frame: TypeAlias = DataFrame | pd.DataFrame | pa.Table | pa.RecordBatchReader

# Writes Parquet files into the new folder that it is given, and returns how many rows it saw.
Writer: TypeAlias = Callable[[str], int]
Approve: TypeAlias = Callable[[int], Mapping[str, object]]


def read(dataset: str, *, version: int | None = None, as_of: str | datetime | None = None) -> "DataFrame":
    """The latest committed version of a dataset, or the one named, or the latest as of a time, as a Spark DataFrame.

    `as_of` says its time zone: a datetime that has one, or text such as "2026-11-22T09:15:00Z". The frame keeps its
    version while others write. Raises NotFound when there is none, BadMoment.
    """
    from commonlib.lake import spark_frames

    found = open_version(dataset, version, as_of)
    frame = spark_frames.read(found)
    receipts.show(receipt_of("read", found))
    return frame


def read_pandas(dataset: str, *, version: int | None = None, as_of: str | datetime | None = None) -> "pd.DataFrame":
    """The version that `read` takes as a pandas DataFrame, without Spark."""
    from commonlib.lake import arrow_frames

    found = open_version(dataset, version, as_of)
    frame = arrow_frames.to_pandas(arrow_frames.read(found))
    receipts.show(receipt_of("read", found))
    return frame


def open_version(dataset: str, version: int | None = None, as_of: str | datetime | None = None) -> Version:
    """The version that a read would take, noted as an input of what this process writes next."""
    found = logs.open_log(dataset).find(version, as_of)
    if found.manifest.kind != "table":
        raise LakeError(f"{dataset}: holds files, not a table; use lake.file({dataset!r}, name)")
    lineage.note(found)
    return found


def write(
    frame: "Frame",
    dataset: str,
    *,
    partition: Mapping[str, object] | None = None,
    partition_by: Sequence[str] = (),
    key: str | None = None,
    add_columns: bool = False,
) -> Version:
    """Commit the frame as a new version of the dataset, and return it.

    `frame` is a Spark DataFrame, a pandas DataFrame or a pyarrow Table. With `partition`, for example
    `{"run_date": "1997-09-30"}`, only that partition is replaced, as a whole, and the others are taken over. The
    columns in `partition_by` part what is written further, into a folder for each of their values; none of an earlier
    write stays. A version that was committed under the same `key` is returned as it is, and nothing is written. The
    frame has the columns that the dataset has, in the same types; with `add_columns` it may have more, which are null
    in what was written before.

    Raises SchemaRefused, PartitionTaken, WriteNotProven, BadName; after each of them the dataset is as it was.
    """
    columns_may: commit.Columns = "add" if add_columns else "same"
    done = put(frame, dataset, partition=partition, partition_by=partition_by, key=key, columns_may=columns_may)
    receipts.show(receipt_of("write", done))
    return done


def put(
    frame: "Frame | Writer",
    dataset: str,
    *,
    partition: Mapping[str, object] | None = None,
    partition_by: Sequence[str] = (),
    key: str | None = None,
    inputs: Sequence[Input] | None = None,
    approve: Approve | None = None,
    sources: Callable[[Log, commit.Attempt], tuple[DataFile, ...]] | None = None,
    columns_may: commit.Columns = "any",
) -> Version:
    """Commit the frame, or what a function writes, as `write` does, without a receipt.

    `approve` is called with the number of rows once they are written and proven; what it returns becomes the manifest's
    details, and what it raises stops the commit. `sources` puts further files into the attempt's folder before the
    first row is asked for.
    """
    from commonlib.lake import footers

    log = logs.open_log(dataset)
    numbers = log.numbers() if key is not None else []
    if key is not None and (done := commit.find_key(log, key, numbers)):
        return done
    attempt = commit.begin(log, partition)
    with commit.undone(log, attempt, BaseException):
        beside = sources(log, attempt) if sources else ()
        observed, keys = _write_data(frame, log, attempt, partition_by)
        proven = footers.prove(log, attempt, observed)
        details = approve(observed) if approve else {}
        made_from = lineage.inputs() if inputs is None else tuple(inputs)
        secret = bounds.secrecy(dataset, details, _manifests(log, made_from))
    draft = commit.Draft(
        kind="table",
        files=proven.files,
        columns=proven.columns,
        replaces=attempt.slot or None,
        sources=beside,
        key=key,
        inputs=made_from,
        details=details,
        columns_may=columns_may,
        partition_by=keys,
        statistics=bounds.kept(proven.statistics, proven.columns, secret),
        personal=secret.passed_on if secret else (),
    )
    return commit.publish(log, attempt, draft, key_free_to=max(numbers, default=0))


def _manifests(log: Log, inputs: Sequence[Input]) -> Iterator[Manifest]:
    for one in inputs:
        with contextlib.suppress(NotFound):  # it was read in another lake
            yield Log(log.storage, paths.parse_dataset(one.dataset)).manifest(one.version)


def _write_data(
    frame: "Frame | Writer", log: Log, attempt: commit.Attempt, partition_by: Sequence[str]
) -> tuple[int, tuple[Column, ...]]:
    """Write the frame into the attempt's folder; how many rows were seen, and the columns that parted them."""
    import pyarrow as pa

    from commonlib.lake import arrow_frames, parted_files, spark_frames

    location = log.storage.location(attempt.data_folder)
    if inspect.isroutine(frame):
        return cast("Writer", frame)(location), ()
    if taken := sorted({value.name for value in attempt.partition} & set(partition_by)):
        raise SchemaRefused(f"{log.dataset}: {taken[0]!r} is in partition= and in partition_by=; leave one out")
    if spark_frames.is_frame(frame):
        spark = cast("DataFrame", frame)
        keys = parted_files.key_columns(spark_frames.columns(spark), partition_by) if partition_by else ()
        return spark_frames.write(spark, location, attempt.partition, keys), keys
    known: dict[str, str] = {}
    if type(frame).__module__.startswith("pandas."):
        known = arrow_frames.remembered(cast("pd.DataFrame", frame))
        frame = arrow_frames.from_pandas(cast("pd.DataFrame", frame))
    if not isinstance(frame, pa.Table | pa.RecordBatchReader):
        raise LakeError(
            f"cannot write a {type(frame).__name__}; give a Spark DataFrame, a pandas DataFrame or a pyarrow Table"
        )
    if isinstance(frame, pa.Table) and arrow_frames.untyped(frame):
        before = log.latest()
        known |= {column.name: column.type for column in before.columns} if before else {}
        frame = arrow_frames.typed(frame, known)
    keys = parted_files.key_columns(parted_files.plain_columns(frame.schema), partition_by) if partition_by else ()
    return arrow_frames.write(frame, location, attempt.partition, keys), keys


def versions(dataset: str) -> tuple[Version, ...]:
    """Every committed version of a dataset, oldest first."""
    return logs.versions(dataset)


def latest(dataset: str) -> Version | None:
    """The latest committed version of a dataset, or None when it was never written."""
    return logs.latest(dataset)


def receipt_of(kind: receipts.Kind, version: Version) -> receipts.Receipt:
    """What is told of a version that was read or written."""
    names = tuple(_name(column) for column in version.columns)
    details = (
        {f"partition {name}": partitions.shown(text) for name, text in version.manifest.partition.items()}
        if kind == "write"
        else {}
    )
    return receipts.Receipt(
        kind,
        dataset=version.dataset,
        version=version.number,
        path=place(version),
        rows=version.manifest.rows_written if kind == "write" else version.rows,
        columns=names,
        details=details,
    )


def _name(column: Column) -> str:
    return column.name


def place(version: Version) -> str:
    """Where the version's own files lie, from the lake's root on, so that a receipt names no machine."""
    return paths.attempt_folder(paths.parse_dataset(version.dataset), version.manifest.attempt)
