"""All of a notebook's Python as one text for linters, with the way back to the cells."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from nbpromote.analysis.code import CellCode, span_of_place
from nbpromote.analysis.facts import Span
from nbpromote.analysis.findings import Fix


@dataclass(frozen=True, slots=True)
class Remark:
    """What a linter says of a text: 1-based lines, 0-based columns in characters, end exclusive.

    `edit` is a change that the linter knows to be safe: what goes in place of a span of the text."""

    code: str
    message: str
    span: Span
    edit: tuple[Span, str] | None = None


Linter = Callable[[str], Sequence[Remark]]


@dataclass(frozen=True, slots=True)
class CodeView:
    """The cells' Python in one text; `starts` are the cells with the number of lines before each."""

    source: str
    starts: tuple[tuple[CellCode, int], ...]

    def place_of(self, span: Span) -> tuple[CellCode, Span] | None:
        """The cell, and where in it the user wrote what stands here in the text."""
        for code, before in reversed(self.starts):
            if span.line > before:
                last = min(span.end_line - before, len(code.python.rows))
                place = code.python.place(span.line - before, span.column, last, span.end_column)
                found = span_of_place(place)
                return (code, found) if found is not None else None
        return None

    def fix_of(self, edit: tuple[Span, str]) -> tuple[CellCode, Fix] | None:
        """The edit of the text as a fix of one cell, when it touches nothing but what the user wrote as it stands."""
        span, text = edit
        found = self.place_of(Span(span.line, span.column, span.line, span.column))
        if found is None:
            return None
        code, start = found
        before = next(number for each, number in self.starts if each is code)
        first, last = span.line - before, span.end_line - before
        rows = code.python.rows or tuple(code.python.source.split("\n"))
        is_same = last <= len(rows) and rows[first - 1 : last] == tuple(code.rows[first - 1 : last])
        if not is_same or (start.line, start.column) != (first, span.column):
            return None
        return code, Fix(Span(first, span.column, last, span.end_column), text)


def view_of(codes: Iterable[CellCode]) -> CodeView:
    """The cells, in this order, as one text; what is not Python is left out."""
    lines: list[str] = []
    starts: list[tuple[CellCode, int]] = []
    for code in codes:
        if code.tree.body:
            starts.append((code, len(lines)))
            lines += code.python.rows or code.python.source.split("\n")
    return CodeView("\n".join(lines) + "\n", tuple(starts))
