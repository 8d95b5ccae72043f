"""All of a notebook's Python as one text for linters, with the way back to the cells."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from nbpromote.analysis.code import CellCode, span_of_place
from nbpromote.analysis.facts import Span


@dataclass(frozen=True, slots=True)
class Remark:
    """What a linter says of a text: 1-based lines, 0-based columns in characters, end exclusive."""

    code: str
    message: str
    span: Span


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


def view_of(codes: Iterable[CellCode]) -> CodeView:
    """The cells, in this order, as one text; what is not Python is left out."""
    lines: list[str] = []
    starts: list[tuple[CellCode, int]] = []
    for code in codes:
        if code.tree.body:
            starts.append((code, len(lines)))
            lines += code.python.rows or code.python.source.split("\n")
    return CodeView("\n".join(lines) + "\n", tuple(starts))
