"""The sample with Databricks Connect, the vendor's client, in the locked environment: Spark on an open-source server.

NBPROMOTE_TEST_DATABRICKS=1 switches it on; it makes that environment from its lock, which takes a network and 1 GB.
NBPROMOTE_TEST_DATABRICKS=FOLDER takes the environment in that folder instead.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nbpromote.effects import git

ROOT = Path(__file__).parents[1]
WANTED = os.environ.get("NBPROMOTE_TEST_DATABRICKS")
CASE = ROOT / "tests/notebooks/customer_value"
# As commonlib.connect_server, without a token: clients as old as the vendor's know none but with TLS.
SERVER = """
import sys
from commonlib.connect_server import SETTINGS
from commonlib.session import get_spark
spark = get_spark("server", config=SETTINGS)
connect = spark.sparkContext._jvm.org.apache.spark.sql.connect
service = getattr(getattr(connect.service, "SparkConnectService$"), "MODULE$")
print(service.server().getPort(), flush=True)
sys.stdin.read()
spark.stop()
"""

pytestmark = pytest.mark.skipif(not WANTED, reason="NBPROMOTE_TEST_DATABRICKS is not set")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment made of requirements-databricks.lock."""
    if WANTED and Path(WANTED).is_dir():
        return Path(WANTED).resolve()
    folder = tmp_path_factory.mktemp("environment") / "made"
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or "uv"
    lock = ROOT / "requirements-databricks.lock"
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, folder], check=True)
    subprocess.run([uv, "pip", "sync", "-q", "--require-hashes", "--python", folder, lock], check=True)
    return folder


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of a Spark Connect server on the loopback that asks for no token."""
    environ = {name: value for name, value in os.environ.items() if name != "SPARK_REMOTE"}
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], cwd=tmp_path, env={**environ, "PYTHONPATH": str(ROOT)}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        yield f"sc://127.0.0.1:{process.stdout.readline().strip()}"
        process.communicate("")


@pytest.mark.spark
@pytest.mark.kernel
def test_the_sample_computes_the_same_by_the_vendors_client(
    environment: Path, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow.parquet as pq

    from commonlib import lake

    checkout = tmp_path / "checkout"
    git.clone(ROOT, checkout)
    monkeypatch.setenv("LAKE_ROOT", str(tmp_path / "lake"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "src"), str(ROOT)]))
    monkeypatch.setenv("NBPROMOTE_DATABRICKS", str(environment))
    monkeypatch.setenv("SPARK_REMOTE", server)

    def told(*words: str) -> str:
        command = [sys.executable, "-m", "nbpromote.cli", *words]
        done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    lake.write(pq.read_table(CASE / "data/validated-purchases.parquet"), "validated/purchases")
    assert "databricks-connect" in told("doctor")
    told("run", "notebooks/production/customer_value.py", "--on", "databricks")

    (path,) = checkout.glob("runs/*/record.json")
    record = json.loads(path.read_text())
    assert record["on"] == "databricks"
    assert "databricks-connect" in record["environment"]["versions"]
    assert record["spark"]["where"] == "by Databricks Connect"
    # NumPy is another one than here, and the optimiser of scipy ends elsewhere behind the seventh digit.
    assert value_of(path.with_name("executed.ipynb")) == pytest.approx(value_of(CASE / "default.ipynb"), rel=1e-6)
    assert lake.read_pandas("derived/customer_value").shape == (23_570, 9)


def value_of(notebook: Path) -> float:
    """What the cell that ends with `value.sum()` shows."""
    cells: list[Any] = json.loads(notebook.read_text())["cells"]
    (shown,) = (cell["outputs"] for cell in cells if "".join(cell["source"]).endswith("value.sum()"))
    return float(re.findall(r"[\d.]+", "".join(shown[-1]["data"]["text/plain"]))[-1])
