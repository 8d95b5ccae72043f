"""A promotion replaces what nbpromote wrote, and nothing else; found out before anything runs."""

import subprocess
from pathlib import Path

import pytest

from nbpromote.effects.files.untouched import (
    Edited,
    ModuleTaken,
    NameTaken,
    NotCommitted,
    check_names,
    check_untouched,
    still_vouched,
    without_edited,
)
from nbpromote.effects.files.workspace import Workspace
from nbpromote.notebook import parse
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.plan import FileEdit
from nbpromote.promotion.planning import make_draft, make_plan, options_for, slug
from nbpromote.proof import report
from nbpromote.proof.verdict import Outcome, Verdict

NOTEBOOK = """\
# %%
import pandas as pd
frame = pd.DataFrame({"a": [1]})

# %%
def double(x):
    return 2 * x

# %%
frame["b"] = double(frame["a"])
frame.to_csv("sums.csv")
"""
OTHER = "notebooks/adhoc/b/sums.py"
OTHERS = NOTEBOOK.replace("2 * x", "2 * x + 1")  # the same function would be imported
TEST = "tests/commonlib/test_sums.py"
CASE = "tests/notebooks/sums/default.yml"


def draft_of(workspace: Workspace, source: str, *, module: str | None = None, text: str = NOTEBOOK) -> Draft:
    return make_draft(parse(text.encode(), source), options_for(source, module=module), workspace)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A repository in which `notebooks/adhoc/sums.py` was promoted."""
    source = "notebooks/adhoc/sums.py"
    made = Workspace(tmp_path)
    draft = draft_of(made, source)
    written = {edit.path: edit.after or b"" for edit in make_plan(draft, made).edits}
    written |= {TEST: b"# a test\n", CASE: b"parameters: {}\n"}
    proof = report.render(
        Verdict(Outcome.SAME, ()), source=source, source_sha256="", files=written, packages={}, made="", version=""
    )
    for path, content in {**written, source: NOTEBOOK.encode(), draft.options.proof_path: proof}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    return made


def check(workspace: Workspace, source: str = "notebooks/adhoc/sums.py") -> None:
    draft = draft_of(workspace, source)
    check_names(draft, workspace)
    check_untouched(make_plan(draft, workspace), draft, workspace)


def test_what_nbpromote_wrote_is_replaced(workspace: Workspace) -> None:
    check(workspace)


@pytest.mark.parametrize("path", ["notebooks/production/sums.py", "commonlib/sums.py", TEST])
def test_what_people_edited_is_not_replaced(workspace: Workspace, path: str) -> None:
    with (workspace.root / path).open("ab") as file:
        file.write(b"# mine\n")
    with pytest.raises(Edited, match=path):
        check(workspace)


def test_a_test_that_people_wrote_is_not_replaced(workspace: Workspace) -> None:
    (workspace.root / "notebooks/production/sums.proof.json").unlink()
    with pytest.raises(Edited, match=TEST):
        check(workspace)


def test_a_case_that_people_made_their_own_stays_and_is_vouched_for_no_more(workspace: Workspace) -> None:
    draft = draft_of(workspace, "notebooks/adhoc/sums.py")
    assert CASE in still_vouched(draft, workspace)
    edits = [FileEdit(CASE, b"parameters: {}\n", b"new\n"), FileEdit("tests/notebooks/sums/default.ipynb", None, b"{}")]
    assert without_edited(edits, draft, workspace) == tuple(edits)
    (workspace.root / CASE).write_bytes(b"parameters: {a: 1}\n")
    edits[0] = FileEdit(CASE, b"parameters: {a: 1}\n", b"new\n")
    assert without_edited(edits, draft, workspace) == ()
    assert CASE not in still_vouched(draft, workspace)


def test_changes_that_git_does_not_have_are_not_replaced(workspace: Workspace) -> None:
    subprocess.run(["git", "init", "-q", str(workspace.root)], check=True)
    (workspace.root / "notebooks/adhoc/sums.py").write_text(NOTEBOOK)
    with pytest.raises(NotCommitted, match=TEST):
        check(workspace)


def test_another_notebook_of_the_same_name_is_told_to_take_one_of_its_own(workspace: Workspace) -> None:
    with pytest.raises(NameTaken, match=r"was promoted from notebooks/adhoc/sums\.py; .* --name"):
        check(workspace, OTHER)


def test_a_notebook_that_was_moved_keeps_its_name(workspace: Workspace) -> None:
    moved = workspace.root / OTHER
    moved.parent.mkdir()
    (workspace.root / "notebooks/adhoc/sums.py").rename(moved)
    check_names(draft_of(workspace, OTHER), workspace)


@pytest.mark.parametrize(
    ("module", "told"),
    [
        ("lake", "the package lake of commonlib"),
        ("session", "a part of commonlib itself"),
    ],
)
def test_a_module_that_holds_something_else_is_left_alone(workspace: Workspace, module: str, told: str) -> None:
    (workspace.root / "commonlib/session.py").write_text('"""Sessions."""\n')
    with pytest.raises(ModuleTaken, match=told):
        check_names(draft_of(workspace, "notebooks/adhoc/b/other.py", module=module, text=OTHERS), workspace)


def test_a_module_with_functions_of_another_notebook_takes_more_of_them(workspace: Workspace) -> None:
    draft = draft_of(workspace, "notebooks/adhoc/b/other.py", module="sums", text=OTHERS)
    check_names(draft, workspace)
    check_untouched(make_plan(draft, workspace), draft, workspace)


@pytest.mark.parametrize(
    ("name", "made"), [("class", "notebook_class"), ("日本", "notebook"), ("1st", "notebook_1st"), ("it's", "it_s")]
)
def test_any_name_becomes_one_that_python_can_import(name: str, made: str) -> None:
    assert slug(name) == made
