"""Spark and a lake in object storage: by the connector that a cluster has, else by our own data source."""

import json
import os
from typing import TYPE_CHECKING

from commonlib.lake import buckets, partitions
from commonlib.lake.logs import Version

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from commonlib.lake.spark_source import Reach

_CONNECTORS = {
    "s3": "org.apache.hadoop.fs.s3a.S3AFileSystem",
    "az": "org.apache.hadoop.fs.azurebfs.SecureAzureBlobFileSystem",
}
_known: dict[tuple[int, str, tuple[tuple[str, str], ...]], str] = {}


def connected(spark: "SparkSession", location: str) -> str | None:
    """The location as this Spark's own connector spells it; None when it has none, or does not say (Spark Connect)."""
    scheme, _, path = location.partition("://")
    if scheme == "s3" and "DATABRICKS_RUNTIME_VERSION" in os.environ:
        return location
    context = getattr(spark, "_jvm", None) if "connect" not in type(spark).__module__ else None
    if context is None or not _has_class(context, _CONNECTORS[scheme]):
        return None
    if scheme == "s3":
        return f"s3a://{path}"
    container, _, rest = path.partition("/")
    return f"abfss://{container}@{buckets.azure_account()}.dfs.core.windows.net/{rest}"


def _has_class(jvm: object, name: str) -> bool:
    from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]

    try:
        jvm.java.lang.Thread.currentThread().getContextClassLoader().loadClass(name)  # type: ignore[attr-defined]
    except Py4JJavaError:
        return False
    return True


def reach(scheme: str) -> "Reach":
    """How workers reach the store, as the environment is now."""
    from commonlib.lake import spark_source

    options = buckets.options(scheme)
    provider = options.pop("credential_provider", None)
    return spark_source.Reach(scheme, dict(buckets.environment(scheme)), options, provider is not None)


def source(spark: "SparkSession", scheme: str) -> str:
    """The name under which this session knows our data source for the store, as the environment is now."""
    from pyspark import cloudpickle

    from commonlib.lake import spark_source

    key = (id(spark), scheme, buckets.environment(scheme))
    if key not in _known:
        name = f"commonlib_lake_{len(_known)}"
        given = {"known_as": name, "reach": reach(scheme), "spell": staticmethod(partitions.spell)}
        made = type("LakeSource", (spark_source.Source,), given)
        for module in (spark_source, partitions):
            cloudpickle.register_pickle_by_value(module)  # type: ignore[no-untyped-call]
        try:
            spark.dataSource.register(made)
        finally:
            for module in (spark_source, partitions):
                cloudpickle.unregister_pickle_by_value(module)  # type: ignore[no-untyped-call]
        _known[key] = name
    return _known[key]


def files(version: Version) -> str:
    """The version's files as the data source takes them."""
    listed = []
    for file in version.files:
        place = f"{version.folder.partition('://')[2]}/{file.path}"
        listed.append((place, file.bytes, partitions.values_of(file.slot)))
    return json.dumps(listed, ensure_ascii=False)
