"""What people wrote for Databricks runs elsewhere, or says why it does not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from commonlib.dbutils import NotOnDatabricks, dbutils
from commonlib.dbutils.elsewhere import Elsewhere
from commonlib.dbutils.files import FileRefused
from commonlib.dbutils.notebooks import _exit_of
from commonlib.dbutils.secrets import NoSuchSecret
from commonlib.ending import exit_run
from commonlib.receipts import MIME


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAKE_ROOT", str(tmp_path / "lake"))
    return tmp_path / "lake"


def test_widgets_hold_their_defaults() -> None:
    here = Elsewhere()
    here.widgets.text("n", 5)
    here.widgets.dropdown("env", "dev", ["dev", "prod"], "Where")
    here.widgets.text("n", 6)
    assert here.widgets.getAll() == {"n": "5", "env": "dev"}
    assert here.getArgument("other", "x") == "x"
    here.widgets.removeAll()
    with pytest.raises(ValueError, match="no widget is called 'n'; make it first"):
        here.widgets.get("n")


def test_files_lie_on_the_root_of_the_lake_and_its_data_is_not_touched(lake: Path) -> None:
    fs = Elsewhere().fs
    fs.put("dbfs:/FileStore/a.txt", "hello")
    fs.cp("/FileStore/a.txt", "/dbfs/other/b.txt")
    assert (lake / "other" / "b.txt").read_text() == "hello"
    (one,) = fs.ls("dbfs:/FileStore")
    assert (one.path, one.name, one.size, one.isDir()) == ("dbfs:/FileStore/a.txt", "a.txt", 5, False)
    assert fs.head("/other/b.txt", 2) == "he"
    assert fs.mv("/FileStore", "/moved", True)
    assert not (lake / "FileStore").exists()
    assert fs.rm("/nothing") is False
    for refused, why in (
        (lambda: fs.put("/moved/a.txt", ""), "is there already"),
        (lambda: fs.rm("/moved"), "say recurse=True"),
        (lambda: fs.rm("/", True), "is the lake's root itself"),
        (lambda: fs.rm("/derived", True), "is data of the lake"),
        (lambda: fs.put("/raw/x/a.csv", ""), "is data of the lake"),
        (lambda: fs.ls("/../.."), "leads out of the lake's root"),
        (lambda: fs.ls("s3://bucket/x"), "lies elsewhere"),
        (lambda: fs.head("/no"), "does not exist"),
    ):
        with pytest.raises(FileRefused, match=why):
            refused()


def test_secrets_are_text_and_redacted_where_they_are_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MY_SCOPE_API_KEY", "hunter2hunter2")
    monkeypatch.setattr("commonlib.dbutils.redaction._secrets", [])
    monkeypatch.setattr(sys.stdout, "write", sys.stdout.write)
    monkeypatch.setattr(sys.stderr, "write", sys.stderr.write)
    secrets = Elsewhere().secrets
    found = secrets.get("my-scope", "api.key")
    assert f"Bearer {found}".endswith("hunter2hunter2")
    assert repr(found) == "'[REDACTED]'"
    print("the key is", found)
    assert "hunter2" not in capsys.readouterr().out
    with pytest.raises(NoSuchSecret, match="environment variable MY_SCOPE_OTHER"):
        secrets.get("my-scope", "other")


def test_a_secret_stays_out_of_every_later_cell(tmp_path: Path) -> None:
    code = """
import os
from IPython.core.interactiveshell import InteractiveShell
os.environ["S_K"] = "hunter2hunter2"
shell = InteractiveShell.instance()
shell.run_cell("from commonlib.dbutils import dbutils; t = dbutils.secrets.get('s', 'k'); print('one', t)")
shell.run_cell("print('two', t)")
shell.run_cell("'three ' + t")
shell.run_cell("len(t)")
"""
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, cwd=tmp_path
    )
    assert "hunter2" not in done.stdout + done.stderr
    assert [word in done.stdout for word in ("one [R", "two [R", "three [R", "14")] == [True] * 4, done.stdout


def test_a_run_ends_with_a_value_and_tasks_hand_values_on() -> None:
    here = Elsewhere()
    assert here.notebook.exit is exit_run
    receipt = {MIME: {"kind": "exit", "details": {"value": "done"}}}
    assert _exit_of({"cells": [{"outputs": [{"data": receipt}]}]}) == "done"
    here.jobs.taskValues.set(key="rows", value=3)
    assert here.jobs.taskValues.get(taskKey="first", key="rows") == 3
    assert here.jobs.taskValues.get("first", "none", debugValue=7) == 7
    with pytest.raises(ValueError, match="give a debugValue"):
        here.jobs.taskValues.get("first", "none")


def test_everything_else_says_what_it_is_for() -> None:
    with pytest.raises(NotOnDatabricks, match=r"dbutils\.fs\.mount ties a bucket to a workspace"):
        dbutils.fs.mount("a", "b")
    with pytest.raises(NotOnDatabricks, match=r"dbutils\.library installs packages"):
        dbutils.library.restartPython()
    with pytest.raises(NotOnDatabricks, match=r"dbutils\.notebook\.getContext"):
        dbutils.notebook.getContext()
    with pytest.raises(NotOnDatabricks, match=r"dbutils\.meters exists on Databricks only"):
        dbutils.meters.read()
