"""Two definitions have one form when, and only when, one can stand in for the other."""

import ast
import random
import string

import pytest

from nbpromote.analysis.clones import Form, near_pairs, read_scope

ONE = """
import numpy as np
DAYS = 365
def f(days, scale=2):
    '''Says something.'''
    total = np.sum(days / DAYS)
    return [total * scale for part in days if part > rate]
"""


def form(source: str, name: str = "f") -> Form:
    return read_scope(ast.parse(source).body).forms()[name]


@pytest.mark.parametrize(
    ("words", "others"),
    [
        (("days", "total", "part"), ("d", "t", "p")),
        (("import numpy as np", "np."), ("import numpy", "numpy.")),
        (("'''Says something.'''", "\n"), ("# says nothing", "\n")),
        (("days, scale=2",), ("days: list, scale: int = 2",)),
        (("scale=2)", "rate]"), ("scale=2, *, limit)", "limit]")),
        (("DAYS",), ("YEAR",)),
        (("total = ",), ("total: float = ",)),
    ],
)
def test_names_remarks_and_types_make_no_difference(words: tuple[str, ...], others: tuple[str, ...]) -> None:
    source = ONE
    for word, other in zip(words, others, strict=True):
        source = source.replace(word, other)
    assert source != ONE
    assert form(source).key == form(ONE).key


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("365", "360"),
        ("scale=2", "scale=2.0"),
        ("np.sum", "np.max"),
        ("import numpy as np", "import cupy as np"),
        ("part > rate", "part >= rate"),
        ("part > rate", "part > scale"),
        ("def f", "async def f"),
        ("def f", "@np.vectorize\ndef f"),
        ("days, scale=2", "scale=2, days=()"),
        ("days, scale=2", "*days, scale=2"),
        ("total * scale", "(total, scale)"),
    ],
)
def test_whatever_changes_a_result_makes_a_difference(word: str, other: str) -> None:
    source = ONE.replace(word, other, 1)
    assert source != ONE
    assert form(source).key != form(ONE).key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # A name that means two things is not renamed away.
        (
            "def f(a):\n    def g():\n        return b\n    return g",
            "def f(a):\n    def g():\n        return a\n    return g",
        ),
        ("x = 1\nx = 2\ndef f():\n    return x", "x = 1\ndef f():\n    return x"),
        # What a text says of a local name.
        ("def f(t, a):\n    return t.query('v > @a')", "def f(t, b):\n    return t.query('v > @a')"),
        ("def f(a):\n    return locals()", "def f(b):\n    return locals()"),
        # A function of the same name beside it that does something else.
        (
            "def f(x):\n    return g(x)\ndef g(x):\n    return x + 1",
            "def f(x):\n    return g(x)\ndef g(x):\n    return x",
        ),
        # What others see of a class.
        ("class f:\n    def a(self, n): return n", "class f:\n    def b(self, n): return n"),
        ("class f:\n    a = 1", "class f:\n    b = 1"),
    ],
)
def test_what_only_looks_alike_is_told_apart(one: str, other: str) -> None:
    assert form(one).key != form(other).key


def test_recursion_in_turn_has_an_end() -> None:
    one = "def f(n):\n    return n and g(n - 1)\ndef g(n):\n    return n and f(n - 1)"
    other = "def f(k):\n    return k and g(k - 1)\ndef g(m):\n    return m and f(m - 1)"
    assert form(one).key == form(other).key
    assert form(one).key != form(other.replace("m - 1", "m - 2")).key


def test_near_definitions_are_found_among_many_and_strangers_are_not() -> None:
    chance = random.Random(1)
    sources = [
        "def f(x):\n"
        + "".join(f"    x = x.{''.join(chance.choices(string.ascii_lowercase, k=3))}({n})\n" for n in range(12))
        for _ in range(60)
    ]
    near = sources[7].replace("(3)", "(33)")
    forms = [form(source) for source in (*sources, near)]
    assert [(one, other) for one, other, _ in near_pairs(forms)] == [(7, 60)]
