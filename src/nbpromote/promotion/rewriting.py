"""Rewriting a cell's source on spans, so that what is not touched stays byte for byte."""

from collections.abc import Iterable
from dataclasses import dataclass

from nbpromote.analysis.facts import Span


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Replace `span` of a cell's ad-hoc source by `text`. An empty span inserts."""

    cell_id: str
    span: Span
    text: str


class Lines:
    """A source with its line starts, to go between spans and offsets."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def offset(self, line: int, column: int) -> int:
        """The offset of a 1-based line and 0-based column, in characters."""
        if line > len(self._starts):
            return len(self.source)
        return min(self._starts[line - 1] + column, len(self.source))

    def start(self, span: Span) -> int:
        return self.offset(span.line, span.column)

    def end(self, span: Span) -> int:
        return self.offset(span.end_line, span.end_column)

    def text(self, span: Span) -> str:
        """The source between the span's ends."""
        return self.source[self.start(span) : self.end(span)]

    def line_text(self, line: int) -> str:
        """The text of a 1-based line, without its end."""
        return self.source[self.offset(line, 0) : self.offset(line + 1, 0)].rstrip("\r\n")


def contains(outer: Span, inner: Span) -> bool:
    """Whether `inner` lies within `outer`."""
    return (outer.line, outer.column) <= (inner.line, inner.column) and (inner.end_line, inner.end_column) <= (
        outer.end_line,
        outer.end_column,
    )


def is_empty(span: Span) -> bool:
    """Whether something is inserted here and nothing replaced."""
    return (span.line, span.column) == (span.end_line, span.end_column)


def _is_inside(outer: Span, inner: Span) -> bool:
    """Whether `inner` lies within `outer`; what is inserted right before it does not."""
    is_before = is_empty(inner) and (inner.line, inner.column) == (outer.line, outer.column)
    return contains(outer, inner) and not is_before


def rewrite(source: str, rewrites: Iterable[Rewrite], within: Span | None = None) -> str:
    """The source with the rewrites applied, from the last to the first.

    `within` returns that part alone. A rewrite that lies inside a larger one is dropped: the larger has its text. What
    is inserted where a larger one begins stands before it. The same replacement twice is made once.
    """
    lines = Lines(source)
    wanted = [one for one in rewrites if within is None or _is_inside(within, one.span)]
    same = [one for place, one in enumerate(wanted) if not is_empty(one.span) and one in wanted[:place]]
    wanted = [one for place, one in enumerate(wanted) if one not in same or one not in wanted[:place]]
    outer: list[Rewrite] = []
    for one in sorted(wanted, key=lambda r: (lines.start(r.span), not is_empty(r.span), -lines.end(r.span))):
        within_last = outer and one.span != outer[-1].span and lines.end(one.span) <= lines.end(outer[-1].span)
        if not (within_last and lines.start(one.span) < lines.end(outer[-1].span)):
            outer.append(one)
    begin = lines.start(within) if within else 0
    text = source[begin : lines.end(within)] if within else source
    for one in reversed(outer):
        text = text[: lines.start(one.span) - begin] + one.text + text[lines.end(one.span) - begin :]
    return text
