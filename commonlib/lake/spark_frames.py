"""Spark DataFrames to and from a version's Parquet files, also over Spark Connect."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from commonlib import session
from commonlib.lake import paths, schema, spark_remote
from commonlib.lake.errors import LakeError, SchemaRefused
from commonlib.lake.manifest import Version

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_TIMESTAMPS = "spark.sql.parquet.outputTimestampType"


def is_frame(frame: object) -> bool:
    """Whether it is a Spark DataFrame, classic or Connect, found without importing Spark."""
    return any(kind.__module__.startswith("pyspark.sql") and kind.__name__ == "DataFrame" for kind in type(frame).mro())


def write(frame: "DataFrame", location: str, partition: tuple[paths.PartitionValue, ...] = ()) -> int:
    """Write the frame as Parquet into the new folder, and return how many rows the same job observed.

    Columns of the partition are left out of the files, once every row was observed to hold the partition's value.
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
    kept = [schema.quote(name) for name in frame.columns if name.casefold() not in keys]
    if not kept:
        raise SchemaRefused("the frame has no columns beside those of the partition; there is nothing to write")
    observation = Observation()
    _save(frame.observe(observation, *measures).select(*kept), location)
    found = observation.get
    for value in partition:
        if others := found.get(f"other {value.name}", 0):
            raise SchemaRefused(
                f"column {value.name!r} holds something else in {others:,} rows of a write of partition "
                f"{value.name}={value.text}; filter the frame to the partition, or drop the column"
            )
    return int(found["rows"])


def _save(frame: "DataFrame", location: str) -> None:
    spark = frame.sparkSession
    place = location if "://" not in location else spark_remote.connected(spark, location)
    if place is not None:
        with _exact_timestamps(spark):
            frame.write.mode("error").parquet(place)
        return
    scheme, _, folder = location.partition("://")
    frame.write.format(spark_remote.source(spark, scheme)).mode("append").option("folder", folder).save()


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
    return reader.parquet(*files).select(*(schema.quote(column.name) for column in version.columns))


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
