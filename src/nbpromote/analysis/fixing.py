"""Fixes of findings as changes to the sources of cells."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from itertools import accumulate

from nbpromote.analysis.checking import FileFix
from nbpromote.analysis.facts import Span
from nbpromote.analysis.findings import Finding, Fix
from nbpromote.notebook.model import Notebook
from nbpromote.notebook.patching import Change, find_changes
from nbpromote.notebook.reading import decode


def changes_of(sources: Mapping[str, str], findings: Iterable[Finding]) -> Mapping[str, tuple[Change, ...]]:
    """For each cell's id the changes that mend these findings, in the order of its text; of two that overlap the first.

    `sources` are the cells' texts by id.
    """
    fixes: dict[str, set[Fix]] = {}
    for finding in findings:
        if finding.fix is not None and finding.cell_id is not None:
            fixes.setdefault(finding.cell_id, set()).add(finding.fix)
    return {cell_id: _apart(change_of(sources[cell_id], fix) for fix in wanted) for cell_id, wanted in fixes.items()}


def change_of(source: str, fix: Fix) -> Change:
    """The fix by places in the cell's text."""
    starts = [0, *accumulate(len(row) + 1 for row in source.split("\n"))]
    return Change(_place(starts, fix.span, is_end=False), _place(starts, fix.span, is_end=True), fix.text)


def find_file_fixes(findings: Iterable[Finding], notebook: Notebook, data: bytes) -> tuple[FileFix | None, ...]:
    """For each finding its fix as a change to the text of the notebook's file, where there is one."""
    sources = {cell.id: cell.source for cell in notebook.cells}
    made = [
        (finding.cell_id, change_of(sources[finding.cell_id], finding.fix))
        if finding.fix and finding.cell_id is not None
        else None
        for finding in findings
    ]
    wanted: dict[str, dict[Change, None]] = {}
    for one in made:
        if one is not None:
            wanted.setdefault(one[0], {})[one[1]] = None
    placed = find_changes(notebook, data, {cell_id: tuple(changes) for cell_id, changes in wanted.items()})
    text, _ = decode(data, notebook.path)
    places = {
        (cell_id, change): at
        for cell_id, changes in wanted.items()
        for change, at in zip(changes, placed.get(cell_id, ()), strict=False)
    }
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    return tuple(_in_file(places.get(one), starts) if one is not None else None for one in made)


def _in_file(change: Change | None, starts: list[int]) -> FileFix | None:
    if change is None:
        return None
    first, last = bisect_right(starts, change.start), bisect_right(starts, change.end)
    return FileFix(first, change.start - starts[first - 1] + 1, last, change.end - starts[last - 1] + 1, change.text)


def _place(starts: list[int], span: Span, *, is_end: bool) -> int:
    line, column = (span.end_line, span.end_column) if is_end else (span.line, span.column)
    return min(starts[line - 1] + column, starts[-1] - 1)


def _apart(changes: Iterable[Change]) -> tuple[Change, ...]:
    kept: list[Change] = []
    for change in sorted(changes, key=lambda each: (each.start, each.end)):
        if not kept or change.start >= kept[-1].end:
            kept.append(change)
    return tuple(kept)
