"""A draft says what to mend first, and is marked where people and machines look."""

import pytest

from nbpromote.analysis import analyse
from nbpromote.notebook import parse
from nbpromote.promotion.planning import make_draft, options_for
from nbpromote.promotion.unproven import Todo, marked, of_failures
from nbpromote.running.executed import Failure

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

    class Nothing:
        def read_bytes(self, path: str) -> bytes | None:
            return None

        def files(self, folder: str) -> tuple[str, ...]:
            return ()

    from nbpromote.promotion import assemble

    draft = make_draft(parse(source, "a.py"), options_for("a.py"), Nothing())
    text = assemble.text_of(draft)
    was, now = parse(text.encode(), "b.py"), parse(marked(text, draft, [Todo("cell 1", why, "do")]).encode(), "b.py")
    assert [cell.source for cell in now.cells[1:]] == [cell.source for cell in was.cells]
    assert "Unproven draft" in now.cells[0].source
    assert now.metadata["nbpromote"]["proof"] == "unproven"  # type: ignore[index]
