"""`nbpromote run` and `nbpromote test`, whole: a repository, kernels, records, pages, references."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from nbpromote.cli import main
from nbpromote.effects.running.ledger import Ledger

pytestmark = pytest.mark.kernel

NOTEBOOK = """\
# %% tags=["parameters"]
cutoff: "date" = "1997-09-30"  # last day of calibration
least: float = 1.0

# %%
import datetime, os
from commonlib import lake

# %%
purchases = lake.read_pandas("validated/purchases")
kept = purchases[(purchases["date"].astype(str) <= cutoff) & (purchases["spend"] >= least)]
print("at", datetime.datetime.now(), "in", os.getcwd())
kept

# %%
value = kept.groupby("customer", as_index=False)["spend"].sum()
lake.write(value, "derived/value")
float(value["spend"].mean())
"""
CASE = "parameters: {cutoff: 1997-06-30}\nlake: {validated/purchases: data/purchases.csv}\n"
DATA = "customer,date,spend\n1,1997-01-01,11.77\n2,1997-01-12,77.00\n2,1997-01-13,12.00\n3,1997-08-01,20.76\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one production notebook and one case."""
    shutil.copytree(Path(__file__).parents[3] / "commonlib", tmp_path / "commonlib")
    (tmp_path / "pyproject.toml").write_text("[tool.nbpromote]\n")
    (tmp_path / "notebooks/production").mkdir(parents=True)
    (tmp_path / "notebooks/production/value.py").write_text(NOTEBOOK)
    (tmp_path / "tests/notebooks/value/data").mkdir(parents=True)
    (tmp_path / "tests/notebooks/value/small.yml").write_text(CASE)
    (tmp_path / "tests/notebooks/value/data/purchases.csv").write_text(DATA)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LAKE_ROOT", raising=False)
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", "add", "."], check=True)
    identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", *identity, "commit", "-q", "-m", "begin"], check=True)
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_run_leaves_a_record_a_page_and_its_notebook(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "notebooks/production/value.py", "-p", "least=5"]) == 1
    failed = capfd.readouterr().out
    assert "cell 3" in failed
    assert "> " in failed
    assert "validated/purchases" in failed

    (root / "notebooks/adhoc").mkdir()
    (root / "notebooks/adhoc/land.py").write_text(
        "# %%\nimport os, pandas\nfrom commonlib import lake\nprint(os.getcwd())\n"
        "lake.write(pandas.read_csv('../../tests/notebooks/value/data/purchases.csv'), 'validated/purchases')\n"
    )
    assert main(["run", "notebooks/adhoc/land.py"]) == 0
    assert main(["run", "notebooks/production/value.py", "-p", "least=12", "--output", "out.ipynb"]) == 0
    said = capfd.readouterr().out
    assert "derived/value version 1: 2 rows" in said
    last, landed, first = Ledger(root / "runs").runs()
    assert (last.status, landed.status, first.status) == ("done", "done", "failed")
    assert dict(last.parameters) == {"cutoff": "1997-09-30", "least": 12.0}
    assert last.given == ("least",)
    assert [(one.dataset, one.version) for one in last.reads] == [("validated/purchases", 1)]
    assert last.code.commit == subprocess.check_output(["git", "rev-parse", "HEAD"], text=True).strip()
    assert last.code.dirty == ("notebooks/adhoc/land.py",), "what a run leaves behind is not in git's way"
    assert last.environment.versions["commonlib"]
    folder = root / "runs" / last.run_id
    assert sorted(path.name for path in folder.iterdir()) == ["executed.ipynb", "page.html", "record.json"]
    assert f"in {root}" in json.dumps(json.loads((root / "out.ipynb").read_text()))
    assert last.run_id in (root / "runs/index.html").read_text()
    assert main(["runs", "list"]) == 0
    assert last.run_id in capfd.readouterr().out
    assert main(["runs", "show", "last"]) == 0
    assert "least = 12.0" in capfd.readouterr().out

    # What came into the lake since changes nothing: the rerun reads what was read then, and leaves the lake alone.
    assert main(["run", "notebooks/adhoc/land.py"]) == 0
    before = sorted(path for path in (root / "lake").rglob("*"))
    assert main(["runs", "rerun", last.run_id]) == 0
    assert "1 dataset and 4 cells, as in" in capfd.readouterr().out
    assert sorted(path for path in (root / "lake").rglob("*")) == before
    assert dict(Ledger(root / "runs").find("last").digests) == dict(last.digests)
    assert main(["runs", "diff", "last", landed.run_id]) == 0
    assert "least: 12.0 -> nothing" in capfd.readouterr().out


def test_a_secret_is_used_and_shown_nowhere_and_a_run_may_end_early(
    root: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_password", "hunter22&")
    (root / "notebooks/production/load.py").write_text(
        '# %% tags=["parameters"]\npassword: str = "secret:env/TEST_password"\nleast: int = 1\n'
        "# %%\nimport base64, commonlib, sys\nassert len(password) == 9\nprint(password, file=sys.stderr)\n"
        "print(base64.b64encode(password.encode()), [password])\npassword\n"
        "# %%\nfrom IPython.display import HTML, display\nfor part in password:\n    print(part, end='', flush=True)\n"
        "print('.', file=sys.stderr, flush=True)\nsys.stdout.write(password[:3]); sys.stdout.flush()\n"
        "print('.', file=sys.stderr, flush=True)\nprint(password[3:])\ndisplay(HTML(f'<b>{password}</b>'))\n"
        "# %%\ntry:\n    commonlib.exit_run(f'loaded by {password}')\nexcept Exception:\n    pass\n"
        "# %%\nraise ValueError('this is not reached')\n"
    )
    assert main(["run", "notebooks/production/load.py", "-p", "least=2"]) == 0
    said = capfd.readouterr()
    assert "exited early" in said.out
    assert "loaded by <secret password>" in said.out
    (record,) = Ledger(root / "runs").runs()
    assert record.exit_value == "loaded by <secret password>"
    assert dict(record.parameters) == {"password": "secret:env/TEST_password", "least": 2}
    kept = [path.read_text() for path in (root / "runs").rglob("*") if path.suffix in {".json", ".ipynb", ".html"}]
    assert len(kept) == 4
    executed = json.loads((root / "runs" / record.run_id / "executed.ipynb").read_text())
    pieces = next(cell["outputs"] for cell in executed["cells"] if "for part in" in "".join(cell["source"]))
    printed = "".join("".join(one["text"]) for one in pieces if one.get("name") == "stdout")
    assert printed == "<secret password><secret password>\n", "also where it is printed in pieces"
    assert ["<b>&lt;secret password&gt;</b>"] in [one["data"].get("text/html") for one in pieces if "data" in one]
    assert not any("hunter22" in text or "aHVudGVyMjIm" in text for text in (*kept, said.out, said.err))
    assert "error" not in [output["output_type"] for cell in executed["cells"] for output in cell.get("outputs", ())]

    assert main(["run", "notebooks/production/load.py", "-p", "password=secret:env/NOWHERE"]) == 2
    assert "the environment variable NOWHERE is not set; nothing was begun" in capfd.readouterr().err
    assert len(Ledger(root / "runs").runs()) == 1


def test_many_runs_go_on_after_a_failure_and_are_resumed(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    notebook = root / "notebooks/production/many.py"
    notebook.write_text(
        '# %% tags=["parameters"]\nas_of: "date" = "1998-01-01"\n'
        '# %%\nif as_of == "1998-02-01":\n    raise ValueError("no data")\n'
    )
    sweep = ["run", str(notebook), "--sweep", "as_of=1998-01-01..1998-03-01/month", "-j", "2"]
    assert main(sweep) == 1
    said = capfd.readouterr()
    assert "3 runs: 2 done, 1 failed" in said.out
    assert "cell 2: ValueError: no data" in said.out
    assert said.err.count("done") == 2
    records = Ledger(root / "runs").runs()
    assert {str(one.parameters["as_of"]): one.status for one in records} == {
        "1998-01-01": "done",
        "1998-02-01": "failed",
        "1998-03-01": "done",
    }
    assert len({one.batch for one in records}) == 1
    assert all(one.run_id in (root / "runs/index.html").read_text() for one in records)

    assert main([*sweep, "--resume", "--retries", "1"]) == 1
    assert "3 runs: 2 skipped, 1 failed" in capfd.readouterr().out
    assert [(one.status, one.attempt) for one in Ledger(root / "runs").runs()[:2]] == [("failed", 2), ("failed", 1)]


def test_a_case_is_recorded_passes_and_notices_a_change(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["test"]) == 1
    assert "there is no reference; record it with: nbpromote test --update value/small" in capfd.readouterr().out
    assert main(["test", "--update", "value"]) == 0
    reference = (root / "tests/notebooks/value/small.ipynb").read_bytes()
    assert b"<time>" in reference
    assert str(root).encode() not in reference
    assert main(["test"]) == 0
    assert main(["test", "--update"]) == 0
    assert (root / "tests/notebooks/value/small.ipynb").read_bytes() == reference, "recorded again it is the same"
    capfd.readouterr()

    notebook = root / "notebooks/production/value.py"
    edit(notebook, '["spend"].sum()', '["spend"].max()')
    assert main(["test"]) == 1
    said = capfd.readouterr().out
    assert "small.yml::cell-4 FAILED" in said
    assert "small.yml::cell-3 PASSED" in said
    assert "small.yml::data FAILED" in said
    assert "notebooks/production/value.py:16 cell 4" in said
    assert "derived/value, column spend: greatest 77.0, was 89.0" in said


def test_cases_of_a_repository_that_did_not_ask_are_left_alone(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (root / "pyproject.toml").write_text("[project]\nname = 'x'\nversion = '1'\n")
    assert main(["test"]) == 2
    assert "[tool.nbpromote]" in capfd.readouterr().err


def test_a_notebook_made_for_another_commonlib_does_not_begin(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stated = 'commonlib: ">=7.2,<8"\n#     source: notebooks/adhoc/value.py'
    header = f"# ---\n# jupyter:\n#   nbpromote:\n#     {stated}\n# ---\n\n"
    notebook = root / "notebooks/production/value.py"
    notebook.write_text(header + notebook.read_text())
    assert main(["run", str(notebook), "-p", "least=2"]) == 1
    told = capsys.readouterr().err
    assert "notebooks/production/value.py: needs commonlib >=7.2,<8, and here it is" in told
    assert '"nbpromote test value" says whether it still fits; promote notebooks/adhoc/value.py again' in told
    assert not (root / "runs").exists()


OF_DATABRICKS = """\
# Databricks notebook source
dbutils.widgets.removeAll()
dbutils.widgets.text("n", "1", "How many")
n = int(dbutils.widgets.get("n"))

# COMMAND ----------

display(n)
dbutils.notebook.exit(str(n * 10))
"""
CALLER = """\
# %% tags=["parameters"]
n: int = 4

# %%
dbutils.notebook.exit(dbutils.notebook.run("./other", 60, {"n": n}))
"""


def test_a_notebook_runs_one_of_databricks_beside_it_and_values_reach_its_widgets(root: Path) -> None:
    (root / "notebooks/production/other.py").write_text(OF_DATABRICKS)
    (root / "notebooks/production/caller.py").write_text(CALLER)
    assert main(["run", "notebooks/production/caller.py"]) == 0
    runs = {one.notebook: one for one in Ledger(root / "runs").runs()}
    other, caller = (runs[f"notebooks/production/{name}.py"] for name in ("other", "caller"))
    assert (other.parameters, other.exit_value) == ({"n": "4"}, "40")
    assert (caller.parameters, caller.exit_value) == ({"n": 4}, "40")
    assert main(["run", "notebooks/production/other.py", "-p", "m=4"]) == 2
