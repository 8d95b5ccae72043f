"""A comment goes with what it speaks of, and only then."""

import pytest

from nbpromote.analysis.facts import Span
from nbpromote.notebook.model import Cell, CellKind
from nbpromote.promotion.remarks import without_remarks
from nbpromote.promotion.rewriting import Rewrite, rewrite


def left(source: str) -> str:
    """The cell without its lines that import, and with those that call `new()` rewritten."""
    edits = []
    for number, line in enumerate(source.splitlines(), 1):
        if line.startswith("import"):
            edits.append(Rewrite("c", Span(number, 0, number + 1, 0), ""))
        elif line.startswith("new"):
            edits.append(Rewrite("c", Span(number, 0, number, len(line)), "made()"))
    cell = Cell("c", 1, CellKind.CODE, source)
    return rewrite(source, [*edits, *without_remarks(cell, edits)])


@pytest.mark.parametrize(
    ("source", "rest"),
    [
        ("# Libraries\nimport a\nimport b\n\nrun()\n", "\nrun()\n"),
        ("# One\nimport a\n# Two\nimport b\n\nrun()\n", "\nrun()\n"),
        ("run()\n# At the end\nimport a", "run()\n"),
        ("# Two lines\n# of them\nimport a\n", ""),
    ],
)
def test_what_speaks_of_lines_that_go_goes(source: str, rest: str) -> None:
    assert left(source) == rest


@pytest.mark.parametrize(
    ("source", "rest"),
    [
        ("# Load and show\nimport a\nrun()\n", "# Load and show\nrun()\n"),
        ("# A title\n\nimport a\n", "# A title\n\n"),
        ("# Author: A. Person\nimport a\n", "# Author: A. Person\n"),
        ("# See https://example.org\nimport a\n", "# See https://example.org\n"),
        ("# One\n# Two\n# Three lines say more\nimport a\n", "# One\n# Two\n# Three lines say more\n"),
        ("# The session\nimport a\nnew()\n", "# The session\nmade()\n"),
        ("if x:\n    # inside\n    run()\n", "if x:\n    # inside\n    run()\n"),
        ("# Nothing goes here\n\nrun()\n", "# Nothing goes here\n\nrun()\n"),
    ],
)
def test_all_other_comments_stay(source: str, rest: str) -> None:
    assert left(source) == rest
