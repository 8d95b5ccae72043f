"""What stands between this environment and Spark on Databricks is told at once."""

import socket
from pathlib import Path

import pytest

from nbpromote.cli import main
from nbpromote.effects.environment import doctor


def test_a_workspace_that_answers_is_well_and_a_missing_profile_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.delenv("DATABRICKS_CONFIG_PROFILE", raising=False)
    monkeypatch.delenv("DATABRICKS_HOST", raising=False)
    assert main(["doctor"]) == 1
    assert "has no profile DEFAULT" in capsys.readouterr().out
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("DATABRICKS_HOST", f"http://127.0.0.1:{server.getsockname()[1]}")
        assert main(["doctor"]) == 0
    assert "ok     it answers" in capsys.readouterr().out


def test_a_clash_and_a_version_that_does_not_fit_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABRICKS_HOST", "http://127.0.0.1:1")
    monkeypatch.setattr(doctor, "distributions", lambda: {"pyspark": "4.0.0", doctor.CLIENT: "13.3.0"})
    said = " ".join(one.problem or "" for one in doctor.examine())
    assert "the one replaces files of the other" in said
    assert "UDFs need the runtime's Python, 3.10" in said
    assert "cannot be reached" in said
