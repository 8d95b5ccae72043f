"""A workspace that is not named or does not answer is told in seconds."""

import http.server
import socket
import sys
import threading
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
def workspace() -> Iterator[str]:
    """Something that speaks HTTP on the loopback, as a workspace does; it knows no page."""
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A stand-in for the vendor's package, which is licensed and in no lock: it says what it was asked for."""
    (tmp_path / "databricks").mkdir()
    (tmp_path / "databricks" / "connect.py").write_text("""
class _Conf(dict):
    set = dict.__setitem__
    def isModifiable(self, key): return key.startswith("spark.sql.")
class _Session:
    session_id, version = "one", "3.5.0"
    def __init__(self, where): self.conf, self.where, self.artifacts = _Conf(), where, []
    def addArtifacts(self, path, pyfile): self.artifacts.append(path)
_Session.__module__ = "pyspark.sql.connect.session"
class _Builder:
    where = "named"
    def serverless(self, on): self.where = "serverless"; return self
    def remote(self, address): self.where = address; return self
    def getOrCreate(self): return _Session(self.where)
class DatabricksSession:
    builder = _Builder()
""")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    for name in ("databricks", "databricks.connect"):
        sys.modules.pop(name, None)


def test_the_host_is_the_variable_s_or_the_profile_s(profiles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(databricks_connect.NoDatabricks, match=r"has no profile DEFAULT .* .the file is not there."):
        databricks_connect.profile()
    profiles.write_text(
        "[DEFAULT]\nhost = https://a.example\n[prod]\nhost = https://b.example\ncluster_id = x%y\n[e]\n"
    )
    assert databricks_connect.profile() == databricks_connect.Profile("https://a.example")
    monkeypatch.setenv("DATABRICKS_CONFIG_PROFILE", "prod")
    assert databricks_connect.profile() == databricks_connect.Profile("https://b.example", "x%y", names_compute=True)
    monkeypatch.setenv("DATABRICKS_HOST", "https://c.example")
    assert databricks_connect.profile().host == "https://c.example"
    monkeypatch.delenv("DATABRICKS_HOST")
    monkeypatch.setenv("DATABRICKS_CONFIG_PROFILE", "e")
    with pytest.raises(databricks_connect.NoDatabricks, match=r"no profile e with a host .there is DEFAULT, prod, e."):
        databricks_connect.profile()


def test_a_host_that_does_not_answer_is_told_in_seconds(workspace: str) -> None:
    databricks_connect.check_reachable(workspace)
    with socket.socket() as free, socket.create_server(("127.0.0.1", 0)) as silent:
        free.bind(("127.0.0.1", 0))
        began = time.monotonic()
        with pytest.raises(databricks_connect.NoDatabricks, match=r"cannot be reached .*; look at its name"):
            databricks_connect.check_reachable(f"http://127.0.0.1:{free.getsockname()[1]}")
        with pytest.raises(databricks_connect.NoDatabricks, match=r"does not answer within 0\.2 s"):
            databricks_connect.check_reachable(f"http://127.0.0.1:{silent.getsockname()[1]}", seconds=0.2)
        with pytest.raises(databricks_connect.NoDatabricks, match="is no address of a workspace"):
            databricks_connect.check_reachable("ftp://x")
        with pytest.raises(databricks_connect.NoDatabricks, match=r"cannot be reached .*; start it, or look at SPARK_"):
            databricks_connect.check_server(f"sc://127.0.0.1:{free.getsockname()[1]}/;token=hush")
        databricks_connect.check_server(f"sc://127.0.0.1:{silent.getsockname()[1]}")
        assert time.monotonic() - began < databricks_connect.SECONDS


@pytest.mark.usefixtures("client")
def test_an_environment_with_the_client_runs_on_the_workspace(
    profiles: Path, workspace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPARK_REMOTE", raising=False)
    with pytest.raises(databricks_connect.NoDatabricks, match="set DATABRICKS_CONFIG_PROFILE"):
        session.get_spark()
    profiles.write_text(f"[DEFAULT]\nhost = {workspace}\n")
    spark = session.get_spark("a", config={"spark.sql.shuffle.partitions": "8", "spark.ui.enabled": "false"})
    assert dict(spark.conf) == {"spark.sql.session.timeZone": "UTC", "spark.sql.shuffle.partitions": "8"}
    assert spark.where == "serverless"
    assert [Path(one).name for one in spark.artifacts] == ["commonlib.zip"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("SPARK_REMOTE", f"sc://127.0.0.1:{server.getsockname()[1]}")
        assert session.get_spark().where == f"sc://127.0.0.1:{server.getsockname()[1]}"


def test_without_the_client_nothing_changes() -> None:
    assert not databricks_connect.is_installed()
