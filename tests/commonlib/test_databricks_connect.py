"""A workspace that is not named or does not answer is told in seconds."""

import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from commonlib import databricks_connect, session

NAMES = ("HOST", "CONFIG_PROFILE", "CONFIG_FILE", "CLUSTER_ID", "SERVERLESS_COMPUTE_ID")


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in NAMES:
        monkeypatch.delenv(f"DATABRICKS_{name}", raising=False)
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(tmp_path / "databrickscfg"))
    return tmp_path / "databrickscfg"


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A stand-in for the vendor's package, which is licensed and in no lock: it says what it was asked for."""
    (tmp_path / "databricks").mkdir()
    (tmp_path / "databricks" / "connect.py").write_text("""
class _Conf(dict):
    set = dict.__setitem__
    def isModifiable(self, key): return key.startswith("spark.sql.")
class _Session:
    conf = _Conf()
class _Builder:
    def serverless(self, on): return self
    def getOrCreate(self): return _Session()
class DatabricksSession:
    builder = _Builder()
""")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    for name in ("databricks", "databricks.connect"):
        sys.modules.pop(name, None)


def test_the_host_is_the_variable_s_or_the_profile_s(profiles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(databricks_connect.NoDatabricks, match=r"has no profile DEFAULT with a host .there is none."):
        databricks_connect.host()
    profiles.write_text("[DEFAULT]\nhost = https://a.example\n[prod]\nhost = https://b.example\ntoken = x%y\n")
    assert databricks_connect.host() == "https://a.example"
    monkeypatch.setenv("DATABRICKS_CONFIG_PROFILE", "prod")
    assert databricks_connect.host() == "https://b.example"
    monkeypatch.setenv("DATABRICKS_HOST", "https://c.example")
    assert databricks_connect.host() == "https://c.example"


def test_a_host_that_does_not_answer_is_told_in_seconds() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    began = time.monotonic()
    with pytest.raises(databricks_connect.NoDatabricks, match=r"cannot be reached .*; look at its name"):
        databricks_connect.check_reachable(address)
    assert time.monotonic() - began < databricks_connect.SECONDS


@pytest.mark.usefixtures("client")
def test_an_environment_with_the_client_runs_on_the_workspace(profiles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPARK_REMOTE", raising=False)
    with pytest.raises(databricks_connect.NoDatabricks, match="set DATABRICKS_CONFIG_PROFILE"):
        session.get_spark()
    with socket.create_server(("127.0.0.1", 0)) as server:
        profiles.write_text(f"[DEFAULT]\nhost = http://127.0.0.1:{server.getsockname()[1]}\n")
        spark = session.get_spark("a", config={"spark.sql.shuffle.partitions": "8", "spark.ui.enabled": "false"})
    assert dict(spark.conf) == {"spark.sql.session.timeZone": "UTC", "spark.sql.shuffle.partitions": "8"}


def test_without_the_client_nothing_changes() -> None:
    assert not databricks_connect.is_installed()
