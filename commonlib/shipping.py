"""Brings commonlib to where a cluster or a Spark Connect server runs Python, so that UDFs may use its functions."""

import atexit
import io
import os
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_EPOCH = (1980, 1, 1, 0, 0, 0)
_shipped: set[str] = set()


def archive() -> bytes:
    """This package as a zip: the same bytes for the same modules."""
    root = Path(__file__).parent
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for path in sorted(root.rglob("*.py")):
            name = zipfile.ZipInfo(path.relative_to(root.parent).as_posix(), _EPOCH)
            name.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(name, path.read_bytes())
    return held.getvalue()


def ship(spark: "SparkSession") -> None:
    """Let the session's Python workers import commonlib as it is here, once a session, unless they are on this machine.

    Over Spark Connect it is an artifact of the session alone, on a cluster a Python file of the application. On
    Databricks the workspace does it.
    """
    is_remote = "connect" in type(spark).__module__
    if "DATABRICKS_RUNTIME_VERSION" in os.environ:
        return
    if not is_remote and str(spark.sparkContext.master).startswith("local"):
        return
    session = str(getattr(spark, "session_id", "")) if is_remote else str(spark.sparkContext.applicationId)
    if session in _shipped:
        return
    if is_remote:  # it is taken at once
        with tempfile.TemporaryDirectory(prefix="commonlib-") as folder:
            spark.addArtifacts(str(_written(folder)), pyfile=True)
    else:
        folder = tempfile.mkdtemp(prefix="commonlib-")
        # Executors fetch it when they begin, which may be late: it stays as long as this process.
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        spark.sparkContext.addPyFile(str(_written(folder)))
    _shipped.add(session)


def _written(folder: str) -> Path:
    path = Path(folder) / "commonlib.zip"
    path.write_bytes(archive())
    return path
