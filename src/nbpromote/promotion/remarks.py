"""Comments of what a promotion takes out of a cell: they go with it, where nothing else is left that they speak of."""

import re
from collections.abc import Iterator, Sequence

from nbpromote.analysis.facts import Span
from nbpromote.notebook.model import Cell
from nbpromote.promotion.rewriting import Rewrite, is_empty

_MOST_LINES = 2  # a longer one says more than what its line does
_STAYS = re.compile(r"author|licen[cs]e|copyright|©|spdx|coding|https?://|todo|fixme|note\b", re.IGNORECASE)


def without_remarks(cell: Cell, edits: Sequence[Rewrite]) -> tuple[Rewrite, ...]:
    """The edits that take out the comments right above lines that go, when a blank line or nothing follows these."""
    rows = cell.source.splitlines()
    gone = {line for one in edits if _takes_lines(one) for line in range(one.span.line, one.span.end_line)}
    kept = {line for one in edits if one.text for line in range(one.span.line, one.span.end_line + 1)}
    remarks: set[int] = set()
    while found := _remarks(rows, gone | remarks, kept):  # one that stood before lines that only now go
        remarks |= found
    return tuple(Rewrite(cell.id, Span(first, 0, last + 1, 0), "") for first, last in _runs(remarks))


def _remarks(rows: Sequence[str], gone: set[int], kept: set[int]) -> set[int]:
    """The lines of comments above runs of lines that go."""
    found: set[int] = set()
    for first, last in _runs(gone):
        begin = first
        while begin > 1 and rows[begin - 2].startswith("#"):
            begin -= 1
        remark = range(begin, first)
        is_last = last >= len(rows) or not rows[last].strip()
        if is_last and len(remark) <= _MOST_LINES and not kept & set(range(begin, last + 2)):
            found |= set(remark) if not any(_STAYS.search(rows[line - 1]) for line in remark) else set()
    return found


def _takes_lines(edit: Rewrite) -> bool:
    """Whether whole lines go."""
    span = edit.span
    return not edit.text and not is_empty(span) and span.column == span.end_column == 0


def _runs(lines: set[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of lines that follow each other."""
    for first in sorted(lines):
        if first - 1 not in lines:
            last = first
            while last + 1 in lines:
                last += 1
            yield first, last
