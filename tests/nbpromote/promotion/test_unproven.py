"""A draft says what to mend first, and is marked where people and machines look."""

import pytest

from nbpromote.analysis import analyse
from nbpromote.notebook import parse
from nbpromote.promotion import assemble
from nbpromote.promotion.planning import CannotPromote, make_draft, options_for
from nbpromote.promotion.unproven import Todo, marked, of_failures
from nbpromote.running.executed import Failure
from tests.nbpromote.promotion.empty_repository import EmptyRepository

NOTEBOOK = b"""\
# %%
table = load()
# %%
wide = table * 2
# %%
import gone
# %%
wide.to_csv("wide.csv")
"""


def failure(number: int, name: str, message: str) -> Failure:
    notebook = parse(NOTEBOOK, "a.py")
    return Failure(notebook.cells[number - 1].id, number, name, message)


def test_causes_come_before_what_follows_from_them() -> None:
    failures = (
        failure(1, "KeyError", "'k'"),
        failure(2, "NameError", "name 'table' is not defined"),
        failure(3, "ModuleNotFoundError", "No module named 'gone.deep'"),
        failure(4, "NameError", "name 'wide' is not defined"),
    )
    todo = of_failures(failures, analyse(parse(NOTEBOOK, "a.py")))
    assert [one.where for one in todo] == ["cell 1", "cell 3", "cell 2", "cell 4"]
    assert todo[1].what == "add gone to environment.yml, or do without it"
    assert "mend cell 1" in todo[2].what
    assert "mend cell 2" in todo[3].what


@pytest.mark.parametrize("why", ["one\nof two lines", "a *marked* `one`", "# %% a cell"])
def test_a_mark_is_a_cell_and_a_header_whatever_it_tells(why: str) -> None:
    source = b"# %%\nimport pandas as pd\n# %%\npd.DataFrame({'a': [1]}).to_csv('a.csv')\n"

    draft = make_draft(parse(source, "a.py"), options_for("a.py"), EmptyRepository())
    text = assemble.text_of(draft)
    was, now = parse(text.encode(), "b.py"), parse(marked(text, draft, [Todo("cell 1", why, "do")]).encode(), "b.py")
    assert [cell.source for cell in now.cells[1:]] == [cell.source for cell in was.cells]
    assert "Unproven draft" in now.cells[0].source
    assert now.metadata["nbpromote"]["proof"] == "unproven"  # type: ignore[index]


WRITES = "# %%\nimport pandas as pd\n# %%\npd.DataFrame({'n': [n]}).to_csv('a.csv')\n"


@pytest.mark.parametrize(
    ("source", "code", "lines"),
    [
        ("# %%\nn = 1\nx = n + 1\n", "PR101", ["n = 1", "x = n + 1"]),
        (f"# %%\nn = 1 +\n{WRITES}", "NB101", ["# n = 1 +", "n = ...  # to do: nothing before binds it"]),
        (f"# %%\nn = k\n{WRITES}", "NB102", ["k = ...  # to do: nothing before binds it"]),
        (WRITES, "PR101", ["n = ...  # to do: nothing before binds it"]),
        (f"# %%\nk = 1\ndel k\n# %%\nn = k\n{WRITES}", "NB102", ["k = ...  # to do: nothing before binds it"]),
        (f"# %%\nimport json\n# %%\n%%R -o n\nn <- 1\n{WRITES}", "PR301", ["# n <- 1"]),
    ],
)
def test_a_draft_is_made_of_what_cannot_be_promoted_and_says_what_is_missing(
    source: str, code: str, lines: list[str]
) -> None:
    with pytest.raises(CannotPromote) as refused:
        make_draft(parse(source.encode(), "a.py"), options_for("a.py"), EmptyRepository())
    assert code in {one.code for one in refused.value.findings}
    draft = refused.value.draft
    assert draft is not None
    text = assemble.text_of(draft)
    assert set(lines) <= set(text.splitlines())
    assert "decisions:" not in text.partition("# %%")[0], "nobody has chosen that these cells stay"
    assert not analyse(parse(text.encode(), "b.py")).flow.hidden_in_document


@pytest.mark.parametrize(
    "source", ["# %%\n# nothing here\n", "# %%\nn = = 1\n", f"# %%\nn = 1\nkey = 'AKIAIOSFODNN7EXAMPLE'\n{WRITES}"]
)
def test_no_draft_is_made_of_no_code_or_of_a_credential(source: str) -> None:
    with pytest.raises(CannotPromote) as refused:
        make_draft(parse(source.encode(), "a.py"), options_for("a.py"), EmptyRepository())
    assert refused.value.draft is None
