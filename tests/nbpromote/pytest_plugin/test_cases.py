"""`nbpromote test` on notebooks without Spark: references are recorded when they are stable, and hold what is shown."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from coverage import CoverageData

REPORT = """\
# ---
# jupyter:
#   title: fig, ax = plt.subplots(figsize=(3, 2))
# ---

# %% tags=["parameters"]
COUNT: int = 20

# %%
import datetime
import warnings
import matplotlib.pyplot as plt
import pandas as pd

# %%
sales = pd.DataFrame({"day": range(COUNT), "amount": [day * 0.1 for day in range(COUNT)]})
sales.tail(3)

# %%
print("made", datetime.datetime.now(), object())

# %%
fig, ax = plt.subplots(figsize=(3, 2))
ax.plot(sales.day, sales.amount);  # a comment hides no semicolon

# %%
# NBVAL_RAISES_EXCEPTION
{}["nothing"]

# %%
# NBVAL_IGNORE_OUTPUT
print(id(object()))
import random
random.random()
"""
UNSTABLE = "# %%\nimport datetime\nprint({'a', 'b', 'c', 'd', 'e'})\n\n# %%\nprint(datetime.date.today())\n"


def run(root: Path, *words: str, code: int = 0) -> str:
    command = [sys.executable, "-m", "pytest", "--tb=short", "-v", "--no-header", *words]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A repository in which references were recorded as far as they are stable, and what was said of that."""
    root = tmp_path_factory.mktemp("repository")
    (root / "pyproject.toml").write_text("[tool.nbpromote]\n")
    for name, text in {"report": REPORT, "unstable": UNSTABLE}.items():
        (root / "tests/notebooks" / name).mkdir(parents=True)
        (root / "tests/notebooks" / name / "default.yml").touch()
        (root / "notebooks/production").mkdir(parents=True, exist_ok=True)
        (root / f"notebooks/production/{name}.py").write_text(text)
    missing = run(root, "tests", code=1)
    assert "there is no reference; record it with: nbpromote test --update report/default" in missing
    assert "2 failed, 11 skipped" in missing, "each case fails once"
    alone = run(root, "tests", "-k", "report and cell-3", code=1)
    assert "tests/notebooks/report/default.ipynb: there is no reference" in alone
    return root, run(root, "tests", "--nbpromote-update", "-n", "2", "--dist", "loadscope", code=1)


@pytest.mark.kernel
def test_a_reference_is_recorded_only_when_a_second_run_on_other_settings_does_the_same(
    recorded: tuple[Path, str],
) -> None:
    root, said = recorded
    assert "report/default: recorded; 5 stable\n  cell-4: noise, masked (times, ids, addresses or paths)" in said
    assert "unstable/default: no reference was recorded, for a second run (" in said
    assert "cell-1: stdout: - {" in said
    assert "the same in another order: sort it before it is shown" in said
    assert "cell-2: stdout: - 20" in said
    assert "it hangs on the clock: make the day a parameter" in said
    assert not (root / "tests/notebooks/unstable/default.ipynb").exists()
    reference = json.loads((root / "tests/notebooks/report/default.ipynb").read_bytes())
    assert "made <time> <object object at <address>>\n" in reference["cells"][4]["outputs"][0]["text"]
    assert reference["metadata"]["nbpromote"]["environment"].keys() >= {"python", "pandas", "matplotlib"}


@pytest.mark.kernel
def test_what_differs_is_told_cell_by_cell_with_its_line_and_on_a_page(recorded: tuple[Path, str]) -> None:
    root, _ = recorded
    notebook = root / "notebooks/production/report.py"
    notebook.write_text(REPORT.replace("day * 0.1", "day * 0.1 + (day == 18)").replace('"nothing"', '"other"'))
    page = root / "page.html"
    said = run(root, "tests", "-k", "report", "--nbpromote-html", str(page), "--nbpromote-cov", code=1)
    notebook.write_text(REPORT)
    measured = CoverageData(str(root / ".coverage.report-default"))
    measured.read()
    assert {7, 10, 16, 17, 20, 23, 24, 28, 32} <= set(measured.lines(str(notebook)) or ())
    assert "notebooks/production/report.py:16 cell 3\n    sales = pd.DataFrame" in said
    assert "text/html: row 2, column amount: is '2.8' and was '1.8'" in said
    assert "notebooks/production/report.py:23 cell 5\n    fig, ax" in said, "not its line in the header"
    assert "image/png: what is plotted is another\naxes[0].drawn[0].line.y[18]: is 2.8 and was 1.8" in said
    assert "error: - KeyError: 'nothing'\n+ KeyError: 'other'" in said
    failed = [line.split()[0].rpartition("::")[2] for line in said.splitlines() if " FAILED " in line]
    assert failed == ["cell-3", "cell-5", "cell-6"], "the others still do what they did"
    html = page.read_text()
    assert "    day  amount\n17   17     1.7" in html, "tables are laid out"
    assert html.count('alt="what differs, in red"') == 1
    assert html.count("<script") == 0
    assert (root / "runs/tests/report/default.ipynb").is_file()


@pytest.mark.kernel
def test_pytest_stops_at_the_first_failure_and_takes_up_only_what_failed(recorded: tuple[Path, str]) -> None:
    root, _ = recorded
    notebook = root / "notebooks/production/report.py"
    notebook.write_text(REPORT.replace("tail(3)", "tail(4)").replace('"nothing"', '"other"'))
    assert "1 failed, 3 passed" in run(root, "tests/notebooks/report", "-x", "--cache-clear", code=1)
    again = run(root, "tests/notebooks/report", "--lf", code=1)
    assert "cell-3 FAILED" in again
    assert "1 failed" in again
    assert "passed" not in again
    notebook.write_text(REPORT)
    assert "1 passed" in run(root, "tests/notebooks/report", "--lf")


@pytest.mark.kernel
def test_a_reference_works_with_nbval_alone(recorded: tuple[Path, str]) -> None:
    root, _ = recorded
    said = run(root, "--nbval", "-p", "no:nbpromote", "tests/notebooks/report/default.ipynb")
    assert "8 passed" in said


@pytest.mark.kernel
def test_recording_again_changes_nothing(recorded: tuple[Path, str]) -> None:
    root, _ = recorded
    before = (root / "tests/notebooks/report/default.ipynb").read_bytes()
    said = run(root, "tests/notebooks/report", "--nbpromote-update", "--nbpromote-once")
    assert "report/default: as it was" in said
    assert (root / "tests/notebooks/report/default.ipynb").read_bytes() == before, "nor what is not compared"


WRITES = """\
# %%
import pandas as pd

from commonlib import lake

# %%
most = 3

# %%
lake.write(pd.DataFrame({"n": range(most)}), "derived/numbers")
"""


@pytest.mark.kernel
def test_what_a_run_did_not_reach_is_told_as_that(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.nbpromote]\n")
    for folder in ("tests/notebooks/small", "notebooks/production"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "tests/notebooks/small/default.yml").touch()
    notebook = tmp_path / "notebooks/production/small.py"
    notebook.write_text(WRITES)
    run(tmp_path, "tests", "--nbpromote-update", "--nbpromote-once")
    notebook.write_text(WRITES.replace("most = 3", "most = len(None)"))
    said = run(tmp_path, "tests", code=1)
    assert "small.py:7 cell 2\n    most = len(None)" in said
    assert "small.py:10 cell 3 not reached: cell 2: TypeError" in said
    assert "not all was written: cell 2: TypeError" in said
