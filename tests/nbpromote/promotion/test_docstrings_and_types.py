"""Functions that move say what their author said of them, and have the types that they were seen with."""

import subprocess
import sys
from pathlib import Path

import pytest

from nbpromote.notebook import parse
from nbpromote.notebook.model import CellKind
from nbpromote.promotion.annotating import annotate
from nbpromote.promotion.code import parse_cell
from nbpromote.promotion.docstrings import documented, markdown_above
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.planning import make_draft, options_for
from nbpromote.promotion.seen import types_of
from tests.nbpromote.promotion.empty_repository import EmptyRepository


@pytest.mark.parametrize(
    ("text", "markdown", "docstring"),
    [
        ("# worth of money, today\ndef f(x):\n    return x", None, "Worth of money, today."),
        ("# one thing\n# and another\ndef f(x):\n    return x", "Elsewhere.", "One thing and another."),
        ("def f(x):\n    # inside\n    return x", "Said above.", "Said above."),
        ("@cache\ndef f(\n    x,  # a number\n):\n    return x", "Said above.", "Said above."),
    ],
)
def test_a_comment_or_the_markdown_above_becomes_the_docstring(text: str, markdown: str | None, docstring: str) -> None:
    made = documented(text, markdown)
    assert f'    """{docstring}"""\n' in made
    assert not made.startswith("#")
    compile(made, "module", "exec")


@pytest.mark.parametrize(
    "text",
    [
        'def f(x):\n    """Has one."""\n    return x',
        '# says more\ndef f(x):\n    """Has one."""\n    return x',
        "# x = f(2)\ndef f(x):\n    return x",
        "# TODO make it faster\ndef f(x):\n    return x",
        "# clouds = function(image) {\ndef f(x):\n    return x",
        "# ------------ helpers ------------\ndef f(x):\n    return x",
        "# helper\ndef f(x):\n    return x",
        "def f(x): return x",
        "def f(x):\n    return x",
    ],
)
def test_nothing_is_invented(text: str) -> None:
    assert documented(text, None) == text


def test_only_markdown_that_is_about_the_one_function_is_taken() -> None:
    text = "# %% [markdown]\n# # Title\n\n# %% [markdown]\n# ## 2. Clean the orders\n\n# %%\n{}\n"
    found = []
    one = "def cleaned(x):\n    return x"
    for code in (one, f"{one}\ndef g(x):\n    return x", f"y = 1\n{one}", one.replace("cleaned", "loaded")):
        notebook = parse(text.format(code).encode(), "n.py")
        cell = next(each for each in notebook.cells if each.kind is CellKind.CODE)
        parsed = parse_cell(cell.source)
        assert parsed is not None
        name = "cleaned" if "cleaned" in code else "loaded"
        found.append(markdown_above(notebook.cells, cell, parsed, name))
    assert found == ["Clean the orders.", None, None, None]


SEEN = {
    "f": {"frame": "pandas.DataFrame", "share": "float", "day": "datetime.date", "return": "pandas.DataFrame"},
    "g": {"xs": "list[float]", "n": "int", "label": "str", "return": "float"},
    "h": {"x": "int", "return": "int"},
}
CODE = """\
def f(frame, share=1, *, day):
    frame = frame[frame.share > share]
    return frame


def g(xs, n,
      label="é", **more):  # ) odd
    n = n + 1
    return max(xs) * n


def h(x: int):
    return x
"""


def test_types_are_written_where_none_are_and_where_they_hold() -> None:
    made = annotate(CODE, SEEN, {"np": "numpy"})
    assert made.text.splitlines()[0] == (
        'def f(frame: "pd.DataFrame", share: float = 1, *, day: "date") -> "pd.DataFrame":'
    )
    assert '      label: str = "é", **more) -> float:  # ) odd' in made.text
    assert "def g(xs: list[float], n,\n" in made.text  # n is bound anew
    assert "def h(x: int):" in made.text
    assert set(made.imports) == {"import pandas as pd", "from datetime import date"}
    again = annotate(CODE, SEEN, {"p": "pandas", "date": "datetime.date"})
    assert "def f(frame: p.DataFrame, share: float = 1, *, day: date) -> p.DataFrame:" in again.text
    assert again.imports == ()
    clash = annotate(CODE, SEEN, {"pd": "polars"})
    assert "pd.DataFrame" not in clash.text


def test_a_type_checker_is_content(tmp_path: Path) -> None:
    made = annotate(CODE, SEEN, {})
    guarded = "".join(f"    {line}\n" for line in made.imports)
    module = tmp_path / "module.py"
    module.write_text(f"from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n{guarded}\n\n{made.text}")
    command = [sys.executable, "-m", "mypy", "--ignore-missing-imports", "--cache-dir", str(tmp_path), str(module)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "pandas" not in subprocess.run(
        [sys.executable, "-c", "import sys, module; print([*sys.modules])"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


def lifted(code: str) -> Draft:
    source = "notebooks/adhoc/n.py"
    return make_draft(parse(code.encode(), source), options_for(source), EmptyRepository())


def test_only_what_all_calls_agree_on_is_a_type() -> None:
    draft = lifted("# %%\ndef f(a, b, c=None, d=0):\n    return a\n\n# %%\nprint(f(1, 2))\n")
    calls = [
        {"args": [1, "x"], "kwargs": {"c": 1.5}, "free": {}, "result": {"tuple": [1, {"list": [1, 2.5]}]}},
        {
            "args": [2.5, 3],
            "kwargs": {"c": None, "d": {"list": []}},
            "free": {},
            "result": {"tuple": [2, {"list": [1]}]},
        },
    ]
    assert types_of(draft, {"f": calls}) == {"f": {"a": "float", "c": "float | None"}}
    passed = lifted("# %%\ndef f(a):\n    return a\n\n# %%\nprint(list(map(f, [1])))\n")
    assert types_of(passed, {"f": [{"args": [1], "kwargs": {}, "free": {}, "result": 1}]}) == {}
