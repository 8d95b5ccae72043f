"""`nbpromote check`: what stands between notebooks and production."""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from nbpromote.analysis import analyse, rules
from nbpromote.analysis.facts import CellFacts
from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.results import find_results
from nbpromote.analysis.slices import slice_for
from nbpromote.cli.report import STYLES, print_findings
from nbpromote.cli.terminal import clean, err, out
from nbpromote.errors import UnreadableNotebook, UsageError
from nbpromote.notebook import read

_SUFFIXES = frozenset({".ipynb", ".rmd", ".qmd"})
_TEXT_SUFFIXES = frozenset({".py", ".sql", ".r", ".scala"})
_MARKS = (b"# Databricks notebook source", b"-- Databricks notebook source", b"// Databricks notebook source")
_TEXT_MARKS = (b"# %%", b"#%%", b"# jupyter:", b"#     jupytext:")
_SKIPPED = frozenset(
    {".git", ".ipynb_checkpoints", "node_modules", "__pycache__", ".venv", "venv", "runs", "lake", "site-packages"}
)


class Form(StrEnum):
    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Checked:
    """One notebook with its findings, and how far it is from production."""

    path: str
    findings: tuple[Finding, ...]
    cells: int = 0
    needed: int = 0
    results: int = 0

    @property
    def blocks(self) -> int:
        return sum(finding.severity is Severity.BLOCKS for finding in self.findings)

    @property
    def distance(self) -> str:
        """How far the notebook is from production, in words."""
        counts = Counter(finding.severity for finding in self.findings)
        if counts[Severity.BLOCKS]:
            return f"cannot be promoted: {_count(counts[Severity.BLOCKS], 'finding')} to mend first"
        if not self.results:
            return "has no result to promote"
        size = f"{self.needed} of {_count(self.cells, 'code cell')} lead to {_count(self.results, 'result')}"
        if counts[Severity.WARNING]:
            return f"can be promoted, with {_count(counts[Severity.WARNING], 'warning')}; {size}"
        return f"is ready to be promoted; {size}"


def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH...", help="Notebooks, or folders that hold some.")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How to show what is found.")] = Form.TEXT,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only what blocks and what warns.")] = False,
) -> None:
    """Say what stands between notebooks and production.

    Reads only; nothing of a notebook is executed. Exit code 1 when something blocks.
    """
    found = list(_notebooks(paths or [Path()]))
    if not found:
        raise UsageError(
            f"no notebook in {', '.join(map(str, paths or [Path()]))}; name one, or a folder that holds some"
        )
    checked: list[Checked] = []
    for path in found:
        one = check_one(path)
        checked.append(one)
        if form is Form.TEXT:
            _show(one, quiet=quiet)
    if form is Form.JSON:
        sys.stdout.write(json.dumps([_plain(one) for one in checked], indent=2, default=str) + "\n")
    elif len(checked) > 1:
        _summarise(checked)
    if any(one.blocks for one in checked):
        raise typer.Exit(1)


def check_one(path: Path) -> Checked:
    """What stands between this notebook and production; a file that cannot be read is a finding, too."""
    try:
        notebook = read(path)
    except UnreadableNotebook as error:
        finding = Finding("NB100", str(path), None, None, None, error.reason, error.hint, Severity.BLOCKS)
        return Checked(str(path), (finding,))
    facts = analyse(notebook)
    results = find_results(facts)
    needed = slice_for(facts, [result.cell_id for result in results]).cells
    cells: tuple[CellFacts, ...] = facts.cells
    return Checked(str(path), rules.find(facts), len(cells), len(needed), len(results))


def _show(one: Checked, *, quiet: bool) -> None:
    shown = [finding for finding in one.findings if not quiet or finding.severity is not Severity.NOTE]
    print_findings(shown, out())
    counts = Counter(finding.severity for finding in one.findings)
    worst = next((severity for severity in Severity if counts[severity]), None)
    style = STYLES[worst] if worst in {Severity.BLOCKS, Severity.WARNING} else "bold green"
    out().print(Text.assemble((clean(one.path), "bold"), " ", (one.distance, style)), soft_wrap=True)


def _summarise(checked: Sequence[Checked]) -> None:
    blocked = sum(one.blocks > 0 for one in checked)
    empty = sum(not one.blocks and not one.results for one in checked)
    ready = len(checked) - blocked - empty
    err().print(
        f"{_count(len(checked), 'notebook')}: {ready} can be promoted, {blocked} blocked, {empty} without a result"
    )


def _notebooks(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from (each for each in _files(path) if _is_notebook(each))
        elif path.exists():
            yield path
        else:
            raise UsageError(f"{path}: there is no such file")


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            if path.name not in _SKIPPED and not path.name.startswith("."):
                yield from _files(path)
        elif path.is_file():
            yield path


def _is_notebook(path: Path) -> bool:
    suffix = path.suffix.lower()
    if suffix in _SUFFIXES:
        return True
    if suffix not in _TEXT_SUFFIXES:
        return False
    try:
        with path.open("rb") as file:
            head = file.read(2_000)
    except OSError:
        return False
    return head.lstrip(b"\xef\xbb\xbf").startswith(_MARKS) or any(
        line.startswith(_TEXT_MARKS) for line in head.splitlines()
    )


def _plain(one: Checked) -> dict[str, object]:
    return {
        "path": one.path,
        "distance": one.distance,
        "cells": one.cells,
        "needed": one.needed,
        "results": one.results,
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity.value,
                "cell": finding.cell,
                "cell_id": finding.cell_id,
                "line": finding.span.line if finding.span else None,
                "column": finding.span.column + 1 if finding.span else None,
                "end_line": finding.span.end_line if finding.span else None,
                "end_column": finding.span.end_column + 1 if finding.span else None,
                "message": finding.message,
                "hint": finding.hint,
            }
            for finding in one.findings
        ],
    }


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
