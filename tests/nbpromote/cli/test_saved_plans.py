"""Plans that are saved, edited and handed on, and doubts that are asked for in a terminal. Nothing is run here."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOK = """\
# %%
import pandas as pd

# %%
LEAST = 1.0  # regions below are left out

# %%
def share(part, whole):
    return part / whole

# %%
sales = pd.read_csv("sales.csv")

# %%
sales.head()

# %%
totals = sales.groupby("region", as_index=False)["amount"].sum()
totals["share"] = share(totals["amount"], totals["amount"].sum())

# %%
top = totals[totals["amount"] >= LEAST]
top.to_csv("top.csv", index=False)

# %%
totals
"""


def nbpromote(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nbpromote.cli", *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    assert nbpromote(tmp_path, "init").returncode == 0
    (tmp_path / "notebooks/adhoc/sales.py").write_text(NOTEBOOK)
    (tmp_path / "notebooks/adhoc/sales.csv").write_text("region,amount\nn,3\ns,1\n")
    return tmp_path


def saved(root: Path, *changes: tuple[str, str]) -> str:
    """A saved plan with these words put in place of others."""
    made = nbpromote(root, "plan", "notebooks/adhoc/sales.py", "-o", "plan.yml")
    assert made.returncode == 0, made.stderr
    text = (root / "plan.yml").read_text()
    for old, new in changes:
        assert text.count(old) == 1, text
        text = text.replace(old, new)
    (root / "plan.yml").write_text(text)
    return text


def test_a_saved_plan_says_what_the_plan_says(root: Path) -> None:
    saved(root)
    again = nbpromote(root, "plan", "plan.yml", "--diff")
    assert again.stdout == nbpromote(root, "plan", "notebooks/adhoc/sales.py", "--diff").stdout


def test_decisions_can_be_turned_around_by_hand(root: Path) -> None:
    saved(
        root,
        ("    cell 5: drop", "    cell 5: keep"),
        ("    cell 8: keep", "    cell 8: drop"),
        ("LEAST: parameter", "LEAST: stays"),
        ("share: move", "share: stay"),
        ("sales: check", "sales: none"),
    )
    diff = nbpromote(root, "plan", "plan.yml", "--diff").stdout
    assert "+sales.head()" in diff
    assert "+totals\n" not in diff
    assert "+LEAST = 1.0  # regions below are left out" in diff
    assert "+def share(part, whole):" in diff
    assert "commonlib/sales.py" not in diff
    assert "validation.require" not in diff


def test_what_was_chosen_is_noted_in_the_header_and_holds_when_cells_have_moved(root: Path) -> None:
    saved(root, ("    cell 5: drop", "    cell 5: keep"), ("share: move", "share: stay"))
    from nbpromote.cli.planning import planned

    made = planned(root / "plan.yml", results=(), name=None, module=None)
    made.workspace.apply(made.plan.edits)
    again = nbpromote(root, "plan", "notebooks/adhoc/sales.py")
    assert "Nothing to change" in again.stdout
    path = root / "notebooks/adhoc/sales.py"
    path.write_text("# %%\nimport numpy as np\n\n" + NOTEBOOK)
    moved = nbpromote(root, "plan", "notebooks/adhoc/sales.py")
    assert "cell 6  sales.head()" in moved.stdout
    assert "stays in the notebook" in moved.stdout


def test_a_cell_that_others_need_cannot_go_alone(root: Path) -> None:
    saved(root, ("    cell 4: keep", "    cell 4: drop"))
    refused = nbpromote(root, "promote", "plan.yml")
    assert refused.returncode == 1
    assert (
        "what stays needs sales, which cell 4 defines, and cell 4 was chosen to go" in refused.stdout + refused.stderr
    )


@pytest.mark.parametrize(
    ("old", "new", "code", "told"),
    [
        ("share: move", "share: fly", 2, "functions, share: 'fly' was chosen; choose move or stay"),
        ("    share: move", "    shore: move", 2, "functions, shore: 'move' was chosen; there is no such decision"),
        ("  functions:", "  functoins:", 2, "plan.yml: is no plan: decisions.functoins"),
        ("notebook_sha256: ", "notebook_sha256: 0", 1, "notebooks/adhoc/sales.py has changed since this plan was made"),
        ("name: sales", "name: [", 2, "plan.yml: is no plan: line"),
        ("name: sales", "nome: sales", 2, "plan.yml: is no plan: name: field required"),
    ],
)
def test_a_plan_that_does_not_fit_is_refused_with_what_is_wrong(
    root: Path, old: str, new: str, code: int, told: str
) -> None:
    saved(root, (old, new))
    refused = nbpromote(root, "promote", "plan.yml")
    assert (refused.returncode, told in refused.stderr) == (code, True), refused.stderr
    assert not (root / "notebooks/production/sales.py").exists()


def test_a_plan_is_refused_when_a_file_that_it_writes_has_moved(root: Path) -> None:
    saved(root)
    (root / "notebooks/production").mkdir(exist_ok=True)
    (root / "notebooks/production/sales.py").write_text("mine = 1\n")
    refused = nbpromote(root, "promote", "plan.yml")
    assert refused.returncode == 1
    assert "notebooks/production/sales.py has changed since this plan was made" in refused.stderr


def test_a_plan_is_never_written_over_another_file(root: Path) -> None:
    before = saved(root, ("share: move", "share: stay"))
    refused = nbpromote(root, "plan", "notebooks/adhoc/sales.py", "-o", "plan.yml")
    assert (refused.returncode, (root / "plan.yml").read_text()) == (1, before)
    assert "is there already" in refused.stderr
    assert nbpromote(root, "plan", "notebooks/adhoc/sales.py", "-o", "plan.txt").returncode == 2


ASK = """\
from pathlib import Path
from nbpromote.cli.asking import asked
from nbpromote.cli.planning import planned
made = asked(planned(Path("notebooks/adhoc/sales.py"), results=(), name=None, module=None))
print([(one.subject, one.choice) for one in made.draft.options.answers])
"""


def test_a_doubt_is_asked_for_in_a_terminal_with_its_evidence(root: Path) -> None:
    path = root / "notebooks/adhoc/sales.py"
    path.write_text(NOTEBOOK.replace("= 1.0  # regions below are left out", "= True").replace("LEAST", "least"))
    told = nbpromote(root, "plan", "notebooks/adhoc/sales.py").stdout
    assert "? 1 decision is in doubt" in told, told
    first, second = pty.openpty()
    child = subprocess.Popen([sys.executable, "-c", ASK], cwd=root, stdin=second, stdout=second, stderr=second)
    os.close(second)
    os.write(first, b"perhaps\ns\n")
    said = b""
    try:
        while piece := os.read(first, 4096):
            said += piece
    except OSError:  # the other end is closed
        pass
    assert child.wait(60) == 0, said.decode()
    assert b"least = True" in said
    assert b"is none of these" in said
    assert b"('least', 'stays')" in said
