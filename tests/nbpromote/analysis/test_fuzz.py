"""Programs, files and names that nobody would write: analysis answers, or the file is said to be unreadable."""

import json
import unicodedata
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from notebook_making import notebook_of

from nbpromote.analysis import analyse, rules
from nbpromote.analysis.results import find_results
from nbpromote.analysis.slices import slice_for
from nbpromote.errors import UnreadableNotebook
from nbpromote.notebook import parse
from nbpromote.notebook.model import Notebook

CALM = settings(deadline=None, suppress_health_check=list(HealthCheck))


def everything(notebook: Notebook) -> None:
    facts = analyse(notebook)
    slice_for(facts, [result.cell_id for result in find_results(facts)])
    for finding in rules.find(facts):
        assert finding.message
    assert sorted(facts.flow.order) == sorted(cell.cell_id for cell in facts.cells)


def test_any_program_of_the_grammar_is_analysed() -> None:
    hypothesmith = pytest.importorskip("hypothesmith")

    @settings(CALM, max_examples=60)
    @given(st.lists(hypothesmith.from_grammar(auto_target=False), min_size=1, max_size=3))
    def analysed(cells: list[str]) -> None:
        everything(notebook_of(*cells))

    analysed()


SOURCES = [
    "import pandas as pd\ndf = pd.read_csv('a.csv')",
    "%%time\nfor n in range(3):\n    df['x'] = n\n!ls {n}",
    "def f(x):\n    return x + total\n\ntotal = 3\nprint(f(1))",
    "df.to_csv('b.csv')",
]
IPYNB = json.dumps(
    {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": number,
                "id": f"c{number}",
                "metadata": {"tags": ["parameters"]},
                "outputs": [
                    {"name": "stdout", "output_type": "stream", "text": ["1\n"]},
                    {"data": {"text/html": "<b>1</b>"}, "metadata": {}, "output_type": "display_data"},
                ],
                "source": source.splitlines(keepends=True),
            }
            for number, source in enumerate(SOURCES)
        ]
        + [{"cell_type": "markdown", "id": "m", "metadata": {}, "source": "# Title"}],
        "metadata": {"kernelspec": {"display_name": "P", "language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    },
    indent=1,
).encode()
PERCENT = "\n".join(["# ---", "# jupyter: {}", "# ---", *(f"\n# %%\n{source}" for source in SOURCES)]).encode()
DATABRICKS = (
    "# Databricks notebook source\n" + "\n# COMMAND ----------\n".join([*SOURCES, "# MAGIC %sql\n# MAGIC select 1"])
).encode()
FILES = {"a.ipynb": IPYNB, "a.py": PERCENT, "b.py": DATABRICKS}


def damaged(data: bytes) -> st.SearchStrategy[bytes]:
    """The file, cut off, with bits turned over, a part left out or doubled."""
    place = st.integers(0, len(data) - 1)
    flips = st.lists(st.tuples(place, st.integers(0, 7)), min_size=1, max_size=6)

    def flipped(changes: list[tuple[int, int]]) -> bytes:
        found = bytearray(data)
        for at, bit in changes:
            found[at] ^= 1 << bit
        return bytes(found)

    def repeated(ends: tuple[int, int]) -> bytes:
        return data[: max(ends)] + data[min(ends) :]

    def shortened(ends: tuple[int, int]) -> bytes:
        return data[: min(ends)] + data[max(ends) :]

    parts = st.tuples(place, place)
    return st.one_of(place.map(lambda at: data[:at]), flips.map(flipped), parts.map(repeated), parts.map(shortened))


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_analysed_or_said_to_be_unreadable(name: str) -> None:
    @settings(CALM, max_examples=150)
    @given(damaged(FILES[name]))
    def read(data: bytes) -> None:
        with suppress(UnreadableNotebook):
            everything(parse(data, name))

    read()


def bombs() -> Iterator[bytes]:
    cell = (
        '{"cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "source": %s}], "metadata": %s, "nbformat": 4}'
    )
    deep = "[" * 50_000 + "]" * 50_000
    yield b"[" * 200_000
    yield b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    yield (cell % ('"x = 1"', deep)).encode()
    yield (cell % (deep, "{}")).encode()
    yield (cell % (json.dumps("(" * 100_000), "{}")).encode()
    yield (cell % ("1" * 5_000, "{}")).encode()
    yield b"\xff\xfe" + (cell % ('"x = 1"', "{}")).encode("utf-16-le")
    yield b"# %%\n" * 5_000


@pytest.mark.parametrize("data", tuple(bombs()), ids=range(8))
@pytest.mark.parametrize("name", ["a.ipynb", "a.py"])
def test_a_bomb_of_a_file_is_survived(name: str, data: bytes) -> None:
    with suppress(UnreadableNotebook):
        everything(parse(data, name))


NAMES = st.text(
    st.characters(categories=["Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "Mn", "Mc", "Nd", "Pc"]), min_size=1, max_size=8
).filter(str.isidentifier)


@settings(CALM, max_examples=150)
@given(NAMES, NAMES)
def test_names_of_every_script_are_followed(one: str, other: str) -> None:
    # Python compares names in this form (PEP 3131).
    first, second = f"{one}_1", unicodedata.normalize("NFKC", f"{other}_2")
    facts = analyse(notebook_of(f"{first} = []", f"{second} = [{first}]", f"{second}[0].append(1)"))
    known = unicodedata.normalize("NFKC", first)
    assert facts.of("c1").binds == {known}
    assert facts.of("c3").mutates == {known, second}
    assert not facts.flow.hidden


@settings(CALM, max_examples=80)
@given(NAMES, st.text(max_size=20))
def test_spans_of_any_text_are_where_the_user_wrote_it(name: str, text: str) -> None:
    source = f"import pandas as pd; {name}_ = {text!r}; pd.read_csv({text!r} + {name}_)"
    for access in analyse(notebook_of(source)).cells[0].accesses:
        assert access.expression_span is not None
        span = access.expression_span
        assert source.split("\n")[span.line - 1][span.column : span.end_column] == access.expression
