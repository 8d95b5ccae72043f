"""Functions of several notebooks in one module of commonlib: nothing that is there is lost or means something else."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbpromote.promotion.joining import NamesClash, NotPython, join

PATH, SOURCE = "commonlib/dates.py", "notebooks/adhoc/b.py"
HELD = '''\
"""Functions that came out of notebooks/adhoc/a.py."""

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

DAYS = 7


def weeks(frame: "pd.DataFrame") -> float:
    return math.floor(len(frame) / DAYS)
'''
OWN = '''\
"""Functions that came out of notebooks/adhoc/b.py."""

import datetime

import pandas as pd

DAYS = 7
FIRST = 1  # the first of the month


def month(day):
    return day.replace(day=FIRST)


# a row a day
def daily(first, last):
    return pd.DataFrame({"day": pd.date_range(first, last + datetime.timedelta(DAYS))})
'''


def test_what_is_new_comes_behind_what_is_there_with_its_imports() -> None:
    joined = join(PATH, HELD, OWN, SOURCE)
    assert joined.held == ("DAYS", "weeks")
    assert (
        joined.text
        == '''\
"""Functions that came out of notebooks/adhoc/a.py and notebooks/adhoc/b.py."""

import datetime
import math

import pandas as pd

DAYS = 7


def weeks(frame: "pd.DataFrame") -> float:
    return math.floor(len(frame) / DAYS)


FIRST = 1  # the first of the month


def month(day):
    return day.replace(day=FIRST)


# a row a day
def daily(first, last):
    return pd.DataFrame({"day": pd.date_range(first, last + datetime.timedelta(DAYS))})
'''
    )


def test_joining_again_changes_nothing() -> None:
    once = join(PATH, HELD, OWN, SOURCE).text
    assert join(PATH, once, OWN, SOURCE).text == once


def test_what_is_only_called_otherwise_inside_is_the_same_function() -> None:
    own = (
        OWN.split("\n\n\n", maxsplit=1)[0]
        + '\n\n\ndef weeks(table):\n    """In whole weeks."""\n    return m.floor(len(table) / DAYS)\n'
    )
    own = own.replace("import datetime", "import datetime\nimport math as m")
    assert join(PATH, HELD, own, SOURCE).text.count("def weeks") == 1


@pytest.mark.parametrize(
    ("held", "names"),
    [
        ("def month(day):\n    return day.month\n", "month"),
        ("DAYS = 5\n", "DAYS"),
        ("import polars as pd\n", "pd"),
        ("def week():\n    return datetime\n", "datetime"),
        ("if True:\n    FIRST = 1\n", "FIRST"),
    ],
    ids=["a function", "a constant", "an import", "a name that nothing binds", "what only the run tells"],
)
def test_what_means_something_else_there_is_refused(held: str, names: str) -> None:
    with pytest.raises(NamesClash, match=rf"commonlib/dates\.py: {names} means something else .* --module"):
        join(PATH, held, OWN, SOURCE)


def test_what_is_no_python_is_refused() -> None:
    with pytest.raises(NotPython, match=r"commonlib/dates\.py line 2: is not Python"):
        join(PATH, "x = 1\ndef (\n", OWN, SOURCE)


@given(
    st.lists(
        st.sampled_from([
            '"""By hand."""', "# why", "", "import os, sys", "import re  # regular", "from a import b as c",
            "X = {1: 2}",
            "def f(x):\n    # no\n    return x", "if True:\n    import q", "class C:\n    y = 1", "@C\ndef g(): ...",
        ]),
        max_size=8,
    )
)  # fmt: skip
def test_every_line_written_by_hand_stays(parts: list[str]) -> None:
    held = "\n".join(parts) + "\n"
    text = join(PATH, held, OWN, SOURCE).text
    ast.parse(text)
    lines = iter(text.splitlines())
    wanted = [line for line in held.splitlines() if line.strip() and not line.startswith(("import", "from"))]
    assert all(line in lines for line in wanted)
    imports = [ast.dump(node) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    singles = {ast.dump(one) for node in ast.parse(held).body if isinstance(node, ast.Import) for one in node.names}
    assert all(any(one in line for line in imports) for one in singles)
