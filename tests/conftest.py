"""What every test may ask for: one Spark session for the whole run, started as a notebook's would be."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# How long an example takes says nothing on a machine that others use, too.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def spark() -> Iterator["SparkSession"]:
    """The Spark session of the whole test run. Never stop it; what a test sets on it, the test sets back."""
    from commonlib.session import get_spark

    session = get_spark("tests")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def connect_server(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Spark Connect server on the loopback. It needs the Java that the session has set up."""
    folder = tmp_path_factory.mktemp("connect")
    home = Path(sys.modules["pyspark"].__file__ or "").parent
    port = 15911 + os.getpid() % 1000
    log = folder / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [
                home / "bin" / "spark-submit",
                "--class",
                "org.apache.spark.sql.connect.service.SparkConnectServer",
                "--conf",
                f"spark.connect.grpc.binding.port={port}",
                "--conf",
                "spark.sql.session.timeZone=Asia/Tokyo",
                "spark-internal",
            ],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield f"sc://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@pytest.fixture(scope="session", autouse=True)
def nothing_stays() -> Iterator[None]:
    """What runs leave behind for the next ones is apart from the user's, and gone with the tests."""
    before = os.environ.get("XDG_RUNTIME_DIR")
    folder = tempfile.mkdtemp(prefix="nbt-")  # a socket's path is short
    os.environ["XDG_RUNTIME_DIR"] = folder
    # Each test has a repository, and so a shared Spark, of its own: those that share one say so.
    os.environ["NBPROMOTE_SPARK"] = "classic"
    yield
    if list(Path(folder).rglob("socket")):
        from nbpromote.effects.kernels.warm import client

        client.status(stop=True)
    shutil.rmtree(folder, ignore_errors=True)
    if before is None:
        del os.environ["XDG_RUNTIME_DIR"]
    else:
        os.environ["XDG_RUNTIME_DIR"] = before
