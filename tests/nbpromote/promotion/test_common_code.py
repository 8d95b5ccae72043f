"""What happens to the functions of a notebook that commonlib has already, and what a person may decide otherwise."""

from pathlib import Path

import pytest

from nbpromote.effects.files.workspace import Workspace
from nbpromote.notebook import parse
from nbpromote.promotion import assemble
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.plan import Answer, Decision, Topic
from nbpromote.promotion.planning import make_draft, options_for

SOURCE = "notebooks/adhoc/story.py"
THERE = '''\
"""Functions of everyone."""


def late(frame, limit=30):
    delays = (frame["paid"] - frame["due"]).dt.days
    return frame[delays.gt(limit) & frame["amount"].gt(0)]
'''
NOTEBOOK = '''\
# %%
import pandas as pd

# %%
def late(df, limit=30):
    """Who paid late."""
    wait = (df["paid"] - df["due"]).dt.days
    return df[wait.gt(limit) & df["amount"].gt(0)]

# %%
late(pd.read_csv("payments.csv", parse_dates=["paid", "due"]))
'''


@pytest.fixture
def repository(tmp_path: Path) -> Workspace:
    (tmp_path / "commonlib").mkdir()
    (tmp_path / "commonlib/payments.py").write_text(THERE)
    return Workspace(tmp_path)


def draft_of(text: str, repository: Workspace, *answers: Answer) -> Draft:
    return make_draft(parse(text.encode(), SOURCE), options_for(SOURCE, answers=answers), repository)


def decided(draft: Draft, name: str = "late") -> Decision:
    return next(one for one in draft.decisions if one.subject == name)


def test_the_same_function_is_imported_without_a_question(repository: Workspace) -> None:
    draft = draft_of(NOTEBOOK, repository)
    assert "from commonlib.payments import late" in assemble.text_of(draft)
    assert assemble.module_of(draft) is None
    assert not decided(draft).doubt
    assert decided(draft).why.startswith("the same code stands there already, with other names")


@pytest.mark.parametrize("choice", ["move", "stay"])
def test_a_person_may_keep_a_copy(repository: Workspace, choice: str) -> None:
    draft = draft_of(NOTEBOOK, repository, Answer(Topic.FUNCTION, "late", choice))
    assert ("def late" in assemble.text_of(draft)) == (choice == "stay")
    assert (assemble.module_of(draft) is not None) == (choice == "move")


def test_nearly_the_same_function_moves_in_doubt_and_can_be_imported(repository: Workspace) -> None:
    near = NOTEBOOK.replace(".gt(limit)", ".ge(limit)")
    draft = draft_of(near, repository)
    decision = decided(draft)
    assert decision.doubt
    assert "`- return df[wait.ge(limit) & df['amount'].gt(0)]` `+ return df[wait.gt(limit)" in decision.why
    assert "def late" in (assemble.module_of(draft) or "")
    turned = draft_of(near, repository, Answer(Topic.FUNCTION, "late", "import"))
    assert "from commonlib.payments import late" in assemble.text_of(turned)
    assert not decided(turned).doubt


def test_what_a_notebook_has_lifted_itself_stays_where_it_is(repository: Workspace) -> None:
    own = repository.root / "commonlib/story.py"
    own.write_text(THERE.replace("Functions of everyone.", f"Functions that came out of {SOURCE}."))
    assert "def late" in (assemble.module_of(draft_of(NOTEBOOK, repository)) or "")


def test_a_module_that_needs_the_notebooks_own_is_not_imported_into_it(repository: Workspace) -> None:
    there = repository.root / "commonlib/payments.py"
    there.write_text("from commonlib import story\n" + THERE)
    assert "def late" in (assemble.module_of(draft_of(NOTEBOOK, repository)) or "")


def test_a_call_that_cannot_follow_keeps_its_own_function(repository: Workspace) -> None:
    draft = draft_of(NOTEBOOK + '\nprint(late(**{"df": None}) if False else 0)\n', repository)
    assert "def late(df" in (assemble.module_of(draft) or "")
