"""The Spark elsewhere that the environment of this process names."""

import shlex
from collections.abc import Mapping
from itertools import pairwise

REMOTE = "SPARK_REMOTE"
NAMES = (REMOTE, "PYSPARK_SUBMIT_ARGS", "DATABRICKS_RUNTIME_VERSION")


def named(environ: Mapping[str, str]) -> str:
    """Where that is, for a record: a server's address without what follows it, in which tokens stand; else a master."""
    if environ.get("DATABRICKS_RUNTIME_VERSION"):
        return "Databricks"
    if remote := environ.get(REMOTE):
        return remote.partition("/;")[0].rstrip("/")
    try:
        words = shlex.split(environ.get("PYSPARK_SUBMIT_ARGS", "").replace("--master=", "--master "))
    except ValueError:
        return ""
    return next((master for word, master in pairwise(words) if word == "--master"), "")
