"""Spark DataFrames to and from a version's Parquet files, also over Spark Connect."""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from commonlib import session
from commonlib.lake import arrow_frames, partitions, paths, schema, spark_counts, spark_remote
from commonlib.lake.errors import LakeError, SchemaRefused
from commonlib.lake.logs import Version
from commonlib.lake.manifest import Column

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

_TIMESTAMPS = "spark.sql.parquet.outputTimestampType"


def is_frame(frame: object) -> bool:
    """Whether it is a Spark DataFrame, classic or Connect, found without importing Spark."""
    return any(kind.__module__.startswith("pyspark.sql") and kind.__name__ == "DataFrame" for kind in type(frame).mro())


def columns(frame: "DataFrame") -> tuple[Column, ...]:
    """The frame's columns with their types, without running it."""
    return tuple(Column(field.name, field.dataType.simpleString()) for field in frame.schema)


def write(
    frame: "DataFrame",
    location: str,
    partition: tuple[partitions.PartitionValue, ...] = (),
    partition_by: tuple[Column, ...] = (),
    *,
    is_new: bool = True,
) -> int:
    """Write the frame as Parquet into the folder, and return how many rows the same job observed.

    Columns of the partition are left out of the files, once every row was observed to hold the partition's value, as
    are those in `partition_by`, whose values name folders. When the folder is not new, what lies there stays.
    """
    from pyspark.sql import Observation
    from pyspark.sql import functions as sf

    if "://" not in location:
        _check_location(location)
    schema.check_names(frame.columns)
    keys = {value.name.casefold(): value for value in partition}
    measures = [sf.count(sf.lit(1)).alias("rows")]
    for name in frame.columns:
        if (value := keys.get(name.casefold())) is not None:
            same = frame[schema.quote(name)].eqNullSafe(sf.lit(value.text).cast(value.type))
            measures.append(sf.count_if(~same).alias(f"other {value.name}"))
    by = {column.name: column for column in partition_by}
    for name in by:
        measures.append(sf.count_if(_is_reserved(sf.col(schema.quote(name)))).alias(f"reserved {name}"))
    kept = [schema.quote(name) for name in frame.columns if name.casefold() not in keys]
    if len(kept) == len(by):
        raise SchemaRefused("the frame has no columns beside those of the partition; there is nothing to write")
    if is_new and len(measures) == 1 and (rows := _save_counted(frame.select(*kept), location)) is not None:
        return rows
    observation, target = Observation(), frame.select(*kept).schema
    observed = frame.observe(observation, *measures).select(*kept)
    for column in partition_by:
        observed = observed.withColumn(column.name, _spelled(column))
    _save(observed, location, tuple(by), "overwrite" if is_new else "append")
    found = observation.get
    if by and not found["rows"]:
        _leave_empty(target, location, partition_by)
    for name in by:
        if found[f"reserved {name}"]:
            words = " or ".join(map(repr, (partitions.NULL, partitions.EMPTY)))
            raise SchemaRefused(
                f"column {name!r} holds {words}, which is how a null or the empty text is spelled in a folder's name; "
                "use another value"
            )
    for value in partition:
        if others := found.get(f"other {value.name}", 0):
            raise SchemaRefused(
                f"column {value.name!r} holds something else in {others:,} rows of a write of partition "
                f"{value.name}={value.text}; filter the frame to the partition, or drop the column"
            )
    return int(found["rows"])


def _is_reserved(column: "SparkColumn") -> "SparkColumn":
    return column.cast("string").isin(partitions.NULL, partitions.EMPTY)


def _spelled(column: Column) -> "SparkColumn":
    """The value as Spark is to put it into a folder's name: it drops empty texts, and spells times in its own zone."""
    from pyspark.sql import functions as sf

    name = schema.quote(column.name)
    if column.type == "string":
        return sf.expr(f"CASE WHEN {name} = '' THEN '{partitions.EMPTY}' ELSE {name} END")
    if column.type == "timestamp":
        seconds = f"CAST(unix_micros({name}) AS DECIMAL(20, 0)) / 1000000"
        since = f"make_dt_interval(0, 0, 0, CAST({seconds} AS DECIMAL(18, 6)))"
        return sf.expr(f"CAST(TIMESTAMP_NTZ'1970-01-01 00:00:00' + {since} AS STRING) || 'Z'")
    return sf.expr(name)


def _leave_empty(target: "StructType", location: str, partition_by: tuple[Column, ...]) -> None:
    """One file without rows, which Spark does not leave when it parts them: readers take the columns from a file."""
    from pyspark.sql.pandas.types import to_arrow_schema

    arrow_frames.write(to_arrow_schema(target, timezone="UTC").empty_table(), location, (), partition_by)


def write_sifted(frame: "DataFrame", location: str, sift: "Callable[[DataFrame], DataFrame]") -> tuple[int, int] | None:
    """Write what `sift` leaves of the frame's rows; how many these are, and how many there were.

    None when Spark does not count both, or the folder is on no disk; then write in another way.
    """
    spark = frame.sparkSession
    if "://" in location or not spark_counts.are_kept(spark):
        return None
    _check_location(location)
    schema.check_names(frame.columns)
    kept = _save_counted(sift(spark_counts.counted(frame)), location)
    seen = spark_counts.rows_seen(spark, _description(location))
    return None if kept is None or seen is None or seen < kept else (kept, seen)


def _description(location: str) -> str:
    return f"commonlib.lake: write {location}"


def _save_counted(frame: "DataFrame", location: str) -> int | None:
    """Write the frame, and return how many rows its tasks counted; None where Spark does not say, so write again."""
    spark = frame.sparkSession
    place = location if "://" not in location else spark_remote.connected(spark, location)
    if place is None or not spark_counts.are_kept(spark):
        return None
    what = _description(location)
    with _exact_timestamps(spark), spark_counts.described(spark, what):
        # To be overwritten is only what was left of the same write, not counted: the folder is this write's alone.
        frame.write.mode("overwrite").parquet(place)
    return spark_counts.rows_written(spark, what)


def _save(frame: "DataFrame", location: str, partition_by: tuple[str, ...], mode: str) -> None:
    spark = frame.sparkSession
    place = location if "://" not in location else spark_remote.connected(spark, location)
    if place is not None:
        with _exact_timestamps(spark):
            frame.write.mode(mode).parquet(place, partitionBy=list(partition_by) or None)
        return
    scheme, _, folder = location.partition("://")
    for name in partition_by:  # spelled by Spark, as it does on a disk
        frame = frame.withColumn(name, frame[schema.quote(name)].cast("string"))
    options = {"folder": folder, "by": json.dumps(partition_by)}
    frame.write.format(spark_remote.source(spark, scheme)).mode("append").options(**options).save()


def read(version: Version) -> "DataFrame":
    """The version as a DataFrame: its files by name, every column with the type in the manifest."""
    spark, folder = session.get_spark(), version.folder
    reader = spark.read.schema(schema.ddl(version.columns))
    if "://" in folder:
        connected = spark_remote.connected(spark, folder)
        if connected is None:
            reader = reader.format(spark_remote.source(spark, folder.partition("://")[0]))
            return reader.option("files", spark_remote.files(version)).load()
        folder = connected
    else:
        _check_location(folder)
    if version.manifest.partition_columns:
        reader = reader.option("basePath", f"{folder}/{paths.DATA}")
    files = (f"{folder}/{file.path}" for file in version.files)
    empty = {name for file in version.files for name, text in partitions.values_of(file.slot).items() if text == ""}
    return reader.parquet(*files).select(*(_read_back(column.name, empty) for column in version.columns))


def _read_back(name: str, empty: set[str]) -> "SparkColumn":
    from pyspark.sql import functions as sf

    quoted = schema.quote(name)
    whole = f"CASE WHEN {quoted} = '{partitions.EMPTY}' THEN '' ELSE {quoted} END" if name in empty else quoted
    return sf.expr(whole).alias(name)


def _check_location(location: str) -> None:
    """Spark takes brackets in a path for a pattern; told not to (`__globPaths__`), Spark 4.3 reads rows twice."""
    if found := sorted(set(location) & set("*?[]{}\\")):
        raise LakeError(f"{location}: Spark takes {' '.join(found)} in a path for a pattern; keep the lake elsewhere")


@contextlib.contextmanager
def _exact_timestamps(spark: "SparkSession") -> Iterator[None]:
    """Spark's default, INT96, is deprecated in Parquet and does not say whether a time is in UTC."""
    before = spark.conf.get(_TIMESTAMPS)
    spark.conf.set(_TIMESTAMPS, "TIMESTAMP_MICROS")
    try:
        yield
    finally:
        spark.conf.set(_TIMESTAMPS, before or "INT96")
