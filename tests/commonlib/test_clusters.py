"""The production notebook of the sample on a standalone cluster and on a Spark Connect server, by configuration alone.

It takes minutes of CPU: set NBPROMOTE_CLUSTERS=1 to run it.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from commonlib.lake import logs

ROOT = Path(__file__).parents[2]
NOTEBOOK = "notebooks/production/customer_value.py"
DATA, LAYOUT = "notebooks/adhoc/data/CDNOW_master.txt", "notebooks/adhoc/data/purchases.yml"
UDF = """\
# %%
from pyspark.sql import functions as F

from commonlib import lake
from commonlib.customer_value import discount_factor
from commonlib.session import get_spark

# %%
spark = get_spark("lifted")
factor = F.udf(lambda weeks: float(discount_factor(weeks, DISCOUNT=0.15)), "double")
lake.write(spark.range(0, 40, 4, 4).withColumn("factor", factor("id")), "derived/factors")
"""
pytestmark = [
    pytest.mark.spark,
    pytest.mark.kernel,
    pytest.mark.skipif(not os.environ.get("NBPROMOTE_CLUSTERS"), reason="takes minutes: set NBPROMOTE_CLUSTERS=1"),
]


def inherited(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SPARK_", "PYSPARK_", "LAKE_"))}
    return {**kept, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_HOSTNAME": "localhost", **more}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with the sample's data landed and validated."""
    root = tmp_path_factory.mktemp("clusters") / "checkout"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(root)], check=True)
    (root / "notebooks/production/factors.py").write_text(UDF)
    tell(root, {}, "data", "ingest", DATA, "--dataset", "raw/purchases", "--schema", LAYOUT)
    tell(root, {}, "data", "validate", "raw/purchases", "--to", "validated/purchases", "--rules", LAYOUT)
    tell(root, {}, "run", NOTEBOOK, "--spark", "classic")
    return root


def tell(root: Path, environment: dict[str, str], *words: str) -> str:
    command = [sys.executable, "-m", "nbpromote.cli", *words]
    done = subprocess.run(
        command, cwd=root, env=inherited(**environment), capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def java(folder: Path, name: str, said: str, *words: str) -> Iterator[str]:
    """A program of Spark's, until it has said where it listens; the rest of it goes on until the test is over."""
    from commonlib.java_home import use_fit_java

    use_fit_java()
    home = Path(sys.modules["pyspark"].__file__ or "").parent
    log = folder / f"{name}.log"
    environment = inherited(
        PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_DIRS=str(folder), SPARK_WORKER_DIR=str(folder / "work")
    )
    with log.open("w") as output:
        process = subprocess.Popen(
            [home / "bin" / words[0], *words[1:]], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
            stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + 90
        while (found := re.search(said, log.read_text())) is None:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        yield found[1]
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A standalone master with two workers."""
    import pyspark  # noqa: F401  where its programs are

    folder = tmp_path_factory.mktemp("standalone")
    deploy = "org.apache.spark.deploy"
    options = ("--host", "localhost", "--webui-port", "0")
    begun = [java(folder, "master", r"Starting Spark master at (spark://\S+)", "spark-class", f"{deploy}.master.Master",
                  *options, "--port", "0")]  # fmt: skip
    try:
        url = next(begun[0])
        for number in range(2):
            worker = ("spark-class", f"{deploy}.worker.Worker", *options, "--cores", "1", "--memory", "1g", url)
            begun.append(java(folder, f"worker-{number}", r"(Successfully registered) with master", *worker))
            next(begun[-1])
        yield url
    finally:
        for one in reversed(begun):
            one.close()  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Spark Connect server, as it comes."""
    import pyspark  # noqa: F401

    folder = tmp_path_factory.mktemp("connect-server")
    kind = "org.apache.spark.sql.connect.service.SparkConnectServer"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ("spark-submit", "--class", kind, "--conf", f"spark.connect.grpc.binding.port={port}", "spark-internal")
    begun = java(folder, "server", "()", *words)
    next(begun)
    deadline = time.monotonic() + 90
    while socket.socket().connect_ex(("127.0.0.1", port)) != 0:
        assert time.monotonic() < deadline, (folder / "server.log").read_text()
        time.sleep(0.2)
    yield f"sc://localhost:{port}"
    begun.close()  # type: ignore[attr-defined]


def rows(root: Path, dataset: str) -> list[dict[str, object]]:
    """The latest version, its rows in order, floats to nine digits."""
    version = logs.latest(dataset, root / "lake")
    assert version is not None
    table = [
        row for file in version.files for row in pq.ParquetFile(root / "lake" / dataset / file.path).read().to_pylist()
    ]
    told = [{k: float(f"{v:.9g}") if isinstance(v, float) else v for k, v in row.items()} for row in table]
    return sorted(told, key=lambda row: str(sorted(row.items())[0]))


@pytest.mark.parametrize("where", ["standalone", "connect"])
def test_the_sample_and_lifted_functions_run_there_and_give_the_same(
    where: str, repository: Path, request: pytest.FixtureRequest
) -> None:
    if where == "standalone":
        conf = "--conf spark.executor.memory=600m --conf spark.cores.max=2"
        environment = {"PYSPARK_SUBMIT_ARGS": f"--master {request.getfixturevalue('master')} {conf} pyspark-shell"}
    else:
        environment = {"SPARK_REMOTE": request.getfixturevalue("server")}
    first = rows(repository, "derived/customer_value")
    tell(repository, environment, "run", NOTEBOOK)
    assert rows(repository, "derived/customer_value") == first
    assert len(first) == 23_570
    tell(repository, environment, "run", "notebooks/production/factors.py")
    (year,) = [row["factor"] for row in rows(repository, "derived/factors") if row["id"] == 0]
    assert year == 1.0
    settings = tell(repository, environment, "runs", "export", "last")
    assert ('"spark.master": "spark://' in settings) == (where == "standalone")
    shutil.rmtree(repository / "spark-warehouse", ignore_errors=True)
