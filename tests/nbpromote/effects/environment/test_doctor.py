"""What stands between here and Spark on Databricks is told at once, by `doctor` and by a run that wants it."""

import os
import stat
import sys
from pathlib import Path

import pytest

from nbpromote.cli import main
from nbpromote.effects.environment import databricks, doctor

NOTEBOOK = '# %% tags=["parameters"]\nn: int = 1\n\n# %%\nfrom commonlib import lake\n'


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DATABRICKS_CONFIG_PROFILE", "DATABRICKS_HOST", "SPARK_REMOTE", "LAKE_ROOT", databricks.VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(tmp_path / "none"))
    (tmp_path / "pyproject.toml").write_text('[tool.nbpromote.databricks]\nenvironment = "there"\n')
    path = tmp_path / "notebooks/production/one.py"
    path.parent.mkdir(parents=True)
    path.write_text(NOTEBOOK)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def environment(root: Path, *names: str) -> None:
    """An environment that says it has these packages: `pyspark 4.0.0`."""
    python = root / "there/bin/python"
    python.parent.mkdir(parents=True)
    packages = root / "packages"
    for name, version in (one.split() for one in names):
        about = packages / f"{name.replace('-', '_')}-{version}.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{packages}" exec "{sys.executable}" -S "$@"\n')
    python.chmod(python.stat().st_mode | stat.S_IXUSR)


def said(capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["doctor"]) == 1
    return capsys.readouterr().out


def test_a_missing_environment_and_a_missing_profile_are_told(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = said(capsys)
    assert "error  environment there: has no Python with databricks-connect; make it" in text
    assert "has no profile DEFAULT" in text


def test_a_clash_a_missing_kernel_and_a_python_that_does_not_fit_are_told(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment(repository, "pyspark 4.0.0", "databricks-connect 17.3.1")
    text = said(capsys)
    assert "ok     environment there: databricks-connect 17.3.1 on Python 3.11" in text
    assert "pyspark and databricks-connect, and the one replaces files of the other" in text
    assert "error  environment there: has no ipykernel" in text
    assert "note   environment there: UDFs need the Python of the compute" in text


def test_what_is_in_the_tool_s_own_environment_is_told(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "distributions", lambda: {"pyspark": "4.0.0", databricks.CLIENT: "15.4.1"})
    problems = " ".join(one.problem or "" for one in doctor.examine(repository))
    assert "the one replaces files of the other; give databricks-connect an environment of its own" in problems


def test_a_run_there_that_cannot_be_is_refused_with_all_that_stands_against_it(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = ["run", "notebooks/production/one.py", "--on", "databricks"]
    monkeypatch.setenv("DATABRICKS_HOST", "http://127.0.0.1:1")
    assert main(run) == 1
    text = capsys.readouterr().err
    assert "environment there: has no Python" in text
    assert "cannot be reached" in text
    assert f"{repository / 'lake'} is on this machine, where Spark of a workspace reads nothing" in text
    assert not any(os.scandir(repository / "runs")) if (repository / "runs").exists() else True
    assert main([*run, "--spark", "warm"]) == 2
    assert main([*run[:-1], "moon"]) == 2
    assert main([*run, "--dry-run"]) == 0
    assert "by the environment there, its Spark on Databricks" in capsys.readouterr().out
