"""The one SparkSession."""

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def prepare_environment() -> None:
    """Set the environment so that a plain `SparkSession.builder.getOrCreate()` starts here."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")


def get_spark(app_name: str | None = None, *, config: Mapping[str, str] | None = None) -> "SparkSession":
    """The Spark session of this notebook, started if there is none."""
    prepare_environment()
    from pyspark.sql import SparkSession

    builder = SparkSession.builder
    if app_name is not None:
        builder = builder.appName(app_name)
    for key, value in (config or {}).items():
        builder = builder.config(key, value)
    return builder.getOrCreate()
