"""ruff's remarks, led back to the cells."""

import sys
from pathlib import Path

import pytest

from nbpromote.analysis import analyse, rules
from nbpromote.effects.checking import linting
from nbpromote.notebook.model import Cell, CellKind, Format, Notebook


def findings_of(*sources: str) -> list[tuple[int | None, str, str]]:
    cells = tuple(Cell(f"c{n}", n, CellKind.CODE, source) for n, source in enumerate(sources, start=1))
    found = rules.find(analyse(Notebook("work.ipynb", Format.IPYNB, "python", cells)), linter=linting.lint)
    return [
        (each.cell, each.message.rpartition("(")[2].rstrip(")"), each.line[each.span.column : each.span.end_column])
        for each in found
        if each.code == "NB166" and each.span is not None
    ]


def test_a_mistake_is_told_with_its_cell_and_place_behind_magics_too() -> None:
    assert findings_of("import pandas as pd", "%%time\nname = 'é'; late = name == None", "print('%s %s' % (1,))") == [
        (2, "E711", "None"),
        (3, "F507", "'%s %s' % (1,)"),
    ]


def test_names_are_known_across_cells_and_style_is_no_mistake() -> None:
    assert findings_of("import os", "x=os.getcwd( )\nl = lambda: 0", "await something()\nl() == True", "l() < 1") == []


def test_what_is_not_python_is_left_out() -> None:
    assert findings_of("%%sql\nselect 1 == None", "x = = 3", "y = 1 is 1") == [(3, "F632", "1 is 1")]


def test_without_ruff_nothing_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    linting._program.cache_clear()
    try:
        assert linting.lint("x == None\n") == ()
    finally:
        linting._program.cache_clear()
