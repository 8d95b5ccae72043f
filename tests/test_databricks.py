"""The sample with Databricks Connect, the vendor's client, in the locked environment: Spark on an open-source server.

NBPROMOTE_TEST_DATABRICKS=1 switches it on; it makes that environment from its lock, which takes a network and 700 MB.
NBPROMOTE_TEST_DATABRICKS=FOLDER takes the environment in that folder instead.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nbpromote.effects import git

ROOT = Path(__file__).parents[1]
WANTED = os.environ.get("NBPROMOTE_TEST_DATABRICKS")
DATA = "tests/notebooks/customer_value/data/validated-purchases.parquet"

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


def await_server(remote: str) -> None:
    host, _, port = remote.removeprefix("sc://").partition(":")
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.2)
    raise AssertionError("the Spark Connect server did not start")


@pytest.mark.spark
@pytest.mark.kernel
def test_the_sample_computes_the_same_by_the_vendors_client(
    environment: Path, connect_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pandas as pd
    import pyarrow.parquet as pq

    from commonlib import lake

    checkout = tmp_path / "checkout"
    git.clone(ROOT, checkout)
    await_server(connect_server)
    monkeypatch.setenv("LAKE_ROOT", str(tmp_path / "lake"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "src"), str(ROOT)]))
    monkeypatch.setenv("NBPROMOTE_DATABRICKS", str(environment))

    def told(*words: str) -> str:
        command = [sys.executable, "-m", "nbpromote.cli", *words]
        done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    lake.write(pq.read_table(ROOT / DATA), "validated/purchases")
    told("run", "notebooks/production/customer_value.py")
    monkeypatch.setenv("SPARK_REMOTE", connect_server)
    assert "databricks-connect" in told("doctor")
    told("run", "notebooks/production/customer_value.py", "--on", "databricks")

    here, there = (json.loads(path.read_text()) for path in sorted(checkout.glob("runs/*/record.json")))
    assert (here["on"], there["on"]) == ("here", "databricks")
    assert "databricks-connect" in there["environment"]["versions"]
    assert there["environment"]["apart"] == []
    first, second = (lake.read_pandas("derived/customer_value", version=number) for number in (1, 2))
    pd.testing.assert_frame_equal(first, second, rtol=1e-9)
