"""People's edits and a new promotion, merged on what the last one wrote: kept, or shown; never resolved in silence."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbpromote.promotion.merging import MARKS, merge
from nbpromote.promotion.pieces import pieces_of, text_of

NOTEBOOK = """\
# ---
# jupyter:
#   nbpromote:
#     source_sha256: aa
# ---

# %% [markdown]
# # Sales

# %%
import numpy as np
import pandas as pd

# %% tags=["parameters"]
WORST: float = 1.0  # below are left out
DIGITS: int = 2

# %%
WORST = parameters.number("WORST", WORST)
DIGITS = parameters.integer("DIGITS", DIGITS)

# %%
sales = pd.read_csv("sales.csv")
sales = sales.dropna()

# %%
sales.to_csv("out.csv")
"""
MODULE = '''\
"""Functions that came out of sales.py."""

import numpy as np


def share(part, whole):
    return part / whole


# as finance does it
def rounded(values):
    return values.round(2)
'''


def changed(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("text", [NOTEBOOK, MODULE, "", "x = (\n"])
def test_when_one_side_is_as_it_was_the_other_stays_byte_for_byte(text: str) -> None:
    other = text + "\n\n\n# %%\nmore   = 1"
    assert merge(text, text, other).text == other
    assert merge(text, other, text).text == other
    assert merge(text, other, other).text == other


def test_what_each_side_changed_is_in_the_merge() -> None:
    yours = changed(
        NOTEBOOK, ("# # Sales", "# # Sales, monthly"), ("DIGITS: int = 2", "DIGITS: int = 3"), ("import pandas as pd",
        "import pandas as pd\nimport re"), ('to_csv("out.csv")\n', 'to_csv("out.csv")\n\n# %%\nprint(len(sales))\n'),
    )  # fmt: skip
    now = changed(
        NOTEBOOK, ("sha256: aa", "sha256: bb"), ("left out\n", "left out\nTOP: int = 5\n"), ('"WORST", WORST)\n',
        '"WORST", WORST)\nTOP = parameters.integer("TOP", TOP)\n'), ("import pandas as pd",
        "import pandas as pd\nimport math"), ("sales.dropna()", "sales.dropna(how='all')"),
    )  # fmt: skip
    merged = merge(NOTEBOOK, yours, now)
    assert merged.conflicts == ()
    assert merged.text == changed(
        now, ("# # Sales", "# # Sales, monthly"), ("DIGITS: int = 2", "DIGITS: int = 3"), ("import math",
        "import re\nimport math"), ('to_csv("out.csv")\n', 'to_csv("out.csv")\n\n# %%\nprint(len(sales))\n'),
    )  # fmt: skip
    assert merged.kept == ("cell 1", "cell 2", "cell 3", "cell 7")


def test_functions_are_merged_one_by_one() -> None:
    yours = changed(MODULE, ("part / whole", "part / whole if whole else 0.0"))
    now = changed(
        MODULE, ("    return values.round(2)\n", "    return values.round(3)\n\n\ndef new():\n    return 1\n")
    )
    merged = merge(MODULE, yours, now)
    assert merged.text == changed(now, ("part / whole", "part / whole if whole else 0.0"))
    assert merged.kept == ("share",)


@pytest.mark.parametrize(
    ("yours", "now"),
    [
        (("left out", "left out (finance)"), ("= 1.0", "= 2.0")),
        (("DIGITS: int = 2", "DIGITS: int = 3"), ("DIGITS: int = 2\n", "")),
        (('sales = pd.read_csv("sales.csv")\n', ""), ('"sales.csv"', '"s.csv"')),
        (("sales = sales.dropna()", "sales = sales.fillna(0)"), ("sales = sales.dropna()\n", "")),
        (("\n# %%\nsales.to_csv", "\n# %%\ntotal = 1\n\n# %%\nsales.to_csv"),
         ("\n# %%\nsales.to_csv", "\n# %%\nprint(total)\n\n# %%\nsales.to_csv")),
    ],
    ids=["one line", "a parameter gone", "lines side by side", "a line gone", "new cells that hang together"],
)  # fmt: skip
def test_what_both_sides_changed_is_shown_and_marked_whoever_is_first(
    yours: tuple[str, str], now: tuple[str, str]
) -> None:
    for mine, theirs in ((yours, now), (now, yours)):
        sides = changed(NOTEBOOK, mine), changed(NOTEBOOK, theirs)
        merged = merge(NOTEBOOK, *sides)
        assert len(merged.conflicts) == 1
        assert all(mark in merged.text.split("\n") for mark in MARKS)
        # Taking one side in every marked place gives that side; nothing of either is lost.
        assert [taken(merged.text, side) for side in (0, 2)] == list(sides)


def taken(text: str, side: int) -> str:
    """The text with this side of every marked place."""
    lines, at = [], None
    for line in text.split("\n"):
        if line in MARKS:
            at = MARKS.index(line) if line != MARKS[3] else None
        elif at in {None, side}:
            lines.append(line)
    return text_of(pieces_of("\n".join(lines)))


@pytest.mark.parametrize("file", ["production.py", "module.py"])
def test_the_story_of_a_promotion_that_people_edited(file: str) -> None:
    story = Path(__file__).parents[2] / "cases" / "what_people_edited_is_merged"
    last, edited, now, told = ((story / f"{which}{file}").read_text() for which in ("last_", "edited_", "", "merged_"))
    merged = merge(last, edited, now)
    assert merged.conflicts == ()
    assert merged.text == told


CELLS = st.lists(st.sampled_from(["a = 1", "b = a\nc = 2", "print(c)", "# note", "d = 3\ne = 4", ""]), max_size=5)


def notebook(cells: list[str]) -> str:
    return "".join(f"# %%\n{cell}\n\n" for cell in cells).rstrip("\n") + "\n"


@given(CELLS, CELLS, CELLS)
def test_no_line_that_a_side_added_is_lost(base: list[str], yours: list[str], now: list[str]) -> None:
    merged = merge(notebook(base), notebook(yours), notebook(now))
    for side in (yours, now):
        for line in {line for cell in side for line in cell.split("\n")} - {one for c in base for one in c.split("\n")}:
            assert line in merged.text.split("\n")
