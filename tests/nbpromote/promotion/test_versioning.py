"""commonlib's version says to those who import it what a promotion changed."""

import subprocess
from pathlib import Path

import pytest

from nbpromote.analysis.checking import Checked
from nbpromote.effects.files import scaffolding
from nbpromote.effects.files.repository import find
from nbpromote.effects.files.workspace import Workspace
from nbpromote.effects.running.ranges import with_range
from nbpromote.notebook import parse
from nbpromote.promotion.plan import FileEdit, Plan
from nbpromote.promotion.planning import make_draft, make_plan, options_for
from nbpromote.promotion.read_header import header_of
from nbpromote.promotion.version_range import VERSION_FILE, is_in_range
from nbpromote.promotion.versioning import CHANGELOG_FILE, FILES, caught_up

CODE = """\
# %%
import pandas as pd

# %%
def shares(frame, column="amount"):
    return frame[column] / frame[column].sum()

# %%
frame = pd.read_csv("payments.csv")
shares(frame)
"""


@pytest.fixture
def repository(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path)
    workspace.apply(scaffolding.edits_for(tmp_path))
    return workspace


def plan_of(repository: Workspace, name: str, code: str = CODE) -> Plan:
    source = f"notebooks/adhoc/{name}.py"
    return make_plan(make_draft(parse(code.encode(), source), options_for(source), repository), repository)


def version(repository: Workspace) -> str:
    text = (repository.read_bytes(VERSION_FILE) or b"").decode()
    return text.rpartition('__version__ = "')[2].partition('"')[0]


def range_of(repository: Workspace, name: str) -> object:
    return header_of(repository.read_bytes(f"notebooks/production/{name}.py"))["commonlib"]


def test_each_promotion_moves_the_version_once_and_says_what_it_needs(repository: Workspace) -> None:
    repository.apply(plan_of(repository, "cash").edits)
    assert (version(repository), range_of(repository, "cash")) == ("0.2.0", ">=0.2,<1")
    assert plan_of(repository, "cash").is_empty
    repository.apply(plan_of(repository, "debt", CODE.replace("shares", "parts").replace("sum", "max")).edits)
    assert (version(repository), range_of(repository, "debt")) == ("0.3.0", ">=0.3,<1")
    assert plan_of(repository, "cash").is_empty
    log = (repository.read_bytes(CHANGELOG_FILE) or b"").decode()
    assert log.index("- `debt.parts`, from notebooks/adhoc/debt.py.") < log.index("- `cash.shares`, from")


@pytest.mark.parametrize(
    ("old", "new", "moved", "told"),
    [
        ("# %%\nframe", "# %%\ndef one():\n    return 1\n\n# %%\none()\nframe", "0.3.0", "`cash.one`, from"),
        ('column="amount"', 'column="amount", scale=1', "0.3.0", "`cash.shares` takes scale, from"),
        ("sum()", "sum() * 1.0", "0.2.1", "`cash.shares` computes something else, from"),
        (
            "frame, column=",
            "frame, what, column=",
            "1.0.0",
            "`cash.shares` is called shares(frame, what, column='amount'), from",
        ),
        ("shares(", "parts(", "1.0.0", "`cash.shares` is gone, from"),
    ],
    ids=["a new function", "a new argument", "other results", "an argument without default", "a function that is gone"],
)
def test_the_version_moves_as_much_as_callers_must_follow(
    repository: Workspace, old: str, new: str, moved: str, told: str
) -> None:
    repository.apply(plan_of(repository, "cash").edits)
    repository.apply(plan_of(repository, "sales").edits)  # imports cash.shares
    plan = plan_of(repository, "cash", CODE.replace(old, new))
    repository.apply(plan.edits)
    assert version(repository) == moved
    log = (repository.read_bytes(CHANGELOG_FILE) or b"").decode()
    assert f"- {told} notebooks/adhoc/cash.py." in log
    decision = next(one for one in plan.decisions if one.subject == "commonlib")
    is_about_others = moved != "0.3.0" or "takes" in told
    assert decision.doubt == is_about_others
    assert ("notebooks/production/sales.py" in decision.why) == is_about_others


def test_a_notebook_of_an_older_major_version_is_promoted_anew(repository: Workspace) -> None:
    repository.apply(plan_of(repository, "cash").edits)
    init = repository.read_bytes(VERSION_FILE) or b""
    repository.apply([FileEdit(VERSION_FILE, init, init.replace(b"0.2.0", b"1.4.0"))])
    assert not is_in_range((1, 4, 0), str(range_of(repository, "cash")))
    plan = plan_of(repository, "cash")
    assert [edit.path for edit in plan.edits] == ["notebooks/production/cash.py"]
    repository.apply(plan.edits)
    assert range_of(repository, "cash") == ">=1.4,<2"


def test_two_that_land_at_once_are_one_version_with_both_lines(repository: Workspace) -> None:
    first = plan_of(repository, "cash")
    second = plan_of(repository, "debt", CODE.replace("sum", "max"))
    repository.apply(first.edits)
    repository.apply(caught_up(second.edits, repository))
    assert version(repository) == "0.2.0"
    log = (repository.read_bytes(CHANGELOG_FILE) or b"").decode()
    assert log.count("## [0.2.0]") == 1
    assert "`cash.shares`, from" in log
    assert "`debt.shares`, from" in log


def test_promotions_on_two_branches_merge(repository: Workspace) -> None:
    def git(*words: str) -> None:
        who = ["-c", "user.name=n", "-c", "user.email=n@example.org"]
        subprocess.run(["git", *who, *words], cwd=repository.root, check=True, capture_output=True)

    git("init", "-b", "main")
    git("add", "-A")
    git("commit", "-m", "begin")
    for name, code in (("cash", CODE), ("debt", CODE.replace("sum", "max"))):
        git("checkout", "-b", name, "main")
        repository.apply(plan_of(repository, name, code).edits)
        git("add", "-A")
        git("commit", "-m", name)
    git("merge", "cash")
    log = (repository.read_bytes(CHANGELOG_FILE) or b"").decode()
    assert (version(repository), log.count("## [0.2.0]")) == ("0.2.0", 1)
    assert "`cash.shares`, from" in log
    assert "`debt.shares`, from" in log
    assert plan_of(repository, "cash").is_empty
    assert plan_of(repository, "debt", CODE.replace("sum", "max")).is_empty


def test_a_repository_whose_commonlib_has_no_version_is_promoted_without(repository: Workspace) -> None:
    held = repository.read_bytes(VERSION_FILE)
    repository.apply([FileEdit(VERSION_FILE, held, b'"""Ours."""\n')])
    plan = plan_of(repository, "cash")
    assert not {edit.path for edit in plan.edits} & FILES


def test_check_finds_a_notebook_that_needs_another_commonlib(repository: Workspace) -> None:
    repository.apply(plan_of(repository, "cash").edits)
    path = repository.root / "notebooks/production/cash.py"
    assert with_range(Checked(str(path), ()), find(path)).findings == ()
    init = repository.read_bytes(VERSION_FILE) or b""
    repository.apply([FileEdit(VERSION_FILE, init, init.replace(b"0.2.0", b"1.0.0"))])
    (finding,) = with_range(Checked(str(path), ()), find(path)).findings
    assert finding.message.startswith("needs commonlib >=0.2,<1, and here it is 1.0.0")


def test_what_people_edit_themselves_moves_no_version(repository: Workspace) -> None:
    promoted = plan_of(repository, "cash").edits
    repository.apply(promoted)
    made = {edit.path: edit.after or b"" for edit in promoted}
    module = repository.root / "commonlib/cash.py"
    module.write_text(module.read_text() + "\n\ndef ours():\n    return 1\n")
    source = "notebooks/adhoc/cash.py"
    draft = make_draft(parse(CODE.encode(), source), options_for(source), repository)
    assert {edit.path for edit in make_plan(draft, repository, made).edits} == {"commonlib/cash.py"}
