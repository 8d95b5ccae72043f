"""Whatever a cell holds, analysis answers, and quickly."""
# ruff: noqa: E501 - a row is a line

import random
import string
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from notebook_making import notebook_of

from nbpromote.analysis import analyse, rules
from nbpromote.analysis.results import find_results
from nbpromote.analysis.slices import slice_for
from nbpromote.notebook.model import Notebook

PIECES = [
    "x", "y = x", "def f(a):", "    return a", "class A:", "    def m(self): self.x.append(x)", "A().m()", "f(f)", "for i in x:", "    pass",
    "if x:", "else:", "try:", "except E as e:", "    raise", "with a as b:", "lambda: (yield)", "x[f(x)] = {**x}", "del x, y[0]", "global x",
    "%%time", "!ls {x}", "%run a.ipynb", "import a.b as c", "from a import *", "match x:", "    case [a, *b]: pass", "x += f'{x!r:{y}}'",
    "async def g():", "    await x", "[z for z in [w := x]]", "return x", "nonlocal q", "f(*x, **y).z[1:2] = 3", "exec('x = 1')", "print(x) ;",
    "df.loc[df.a > 1, 'b'] = df.groupby('a').b.transform(f)", "spark.sql(f'select * from {x}').write.save(y)", "@f", "a = b = c, *d = x",
    "globals()[x] = y", "super().__init__()", "\x1b[31m", "\x00", "é = 'ß'", "\f", "'''", "(((", "    \t", "\\", "type X[T] = T",
]  # fmt: skip


def everything(notebook: Notebook) -> None:
    facts = analyse(notebook)
    slice_for(facts, [result.cell_id for result in find_results(facts)])
    for finding in rules.find(facts):
        assert finding.message
    assert sorted(facts.flow.order) == sorted(cell.cell_id for cell in facts.cells)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=8).map("\n".join), max_size=5))
def test_code_made_of_pieces_never_makes_it_fail(cells: list[str]) -> None:
    everything(notebook_of(*cells))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=200), max_size=3))
def test_any_text_never_makes_it_fail(cells: list[str]) -> None:
    everything(notebook_of(*cells))


@pytest.mark.parametrize(
    "bomb",
    [
        "(" * 5_000,
        "x = " + "(" * 80 + "1" + ")" * 80,
        "x = " + "+".join(["a"] * 5_000),
        "x = a" + ".b" * 900,
        "x = a" + "()" * 900,
        "x = " + "[" * 90 + "]" * 90,
        "x = " + "not " * 900 + "a",
        "\n".join(f"{'    ' * depth}if a:" for depth in range(95)) + "\n" + "    " * 95 + "x = 1",
        "\n".join(f"{' ' * depth}def f{depth}():" for depth in range(90)) + "\n" + " " * 90 + "return x",
        "\n".join(f"def f{n}(): return f{n + 1}() + f{n + 1}()" for n in range(200)) + "\ndef f200(): return 1\nf0()",
        "def f(x): return f(f(f(f(x))))\nf(1)",
        "lambda: " * 200 + "1",
    ],
)
def test_a_nesting_bomb_is_survived(bomb: str) -> None:
    start = time.process_time()
    everything(notebook_of("a = 1", bomb, "b = a"))
    assert time.process_time() - start < 10


def test_time_grows_with_the_notebook_and_not_with_its_square() -> None:
    def seconds(count: int) -> float:
        sources = [f"v{n} = v{n - 1} + [1]\nv{n // 2}.append({n})" if n else "v0 = []" for n in range(count)]
        start = time.process_time()
        everything(notebook_of(*sources))
        return time.process_time() - start

    seconds(100)
    small, large = seconds(500), seconds(4_000)
    assert large < small * 8 * 4


def test_a_cell_of_a_megabyte_is_read() -> None:
    letters = random.Random(1)
    rows = [f"x{n} = '{''.join(letters.choices(string.ascii_letters, k=40))}'" for n in range(16_000)]
    start = time.process_time()
    everything(notebook_of("\n".join(rows), "print(x1)"))
    assert time.process_time() - start < 30
