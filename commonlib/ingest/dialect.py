"""How a delimited text is written: what parts its cells, what quotes them, which lines are none of its rows."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

CANDIDATES = (",", ";", "\t", "|")
_NAMES = {"\t": "a tab", " ": "a blank"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """What is declared of a delimited text; None where the source itself is to be asked.

    `header` is whether the first line that is no comment and not skipped names the columns. `nulls` are the cells that
    mean absent, beside the empty one; in quotes they are text like any other.
    """

    delimiter: str | None = None
    quote: str | None = '"'
    escape: str | None = None
    comment: str | None = None
    header: bool | None = None
    skip: int = 0
    nulls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grammar:
    """The dialect as patterns on bytes, for reading record by record."""

    cell: re.Pattern[bytes]
    quoted: re.Pattern[bytes] | None
    inside: re.Pattern[bytes] | None
    end: bytes
    quote: bytes
    escape: bytes


def grammar(dialect: Dialect, end: bytes = b"\n") -> Grammar:
    """The patterns of a dialect whose delimiter is known. `end` is what ends a line: LF, on old files CR."""
    if dialect.delimiter is None:
        raise ValueError("BUG: a grammar needs the delimiter; please report how")
    part = re.escape(dialect.delimiter.encode())
    quote = (dialect.quote or "").encode()
    escape = (dialect.escape or "").encode()
    mark, slash, stop = re.escape(quote), re.escape(escape), re.escape(end)
    # A line ends with LF or CRLF; a lone CR is text, unless CR is what ends the lines.
    finish = rb"(?:%b|%b%b|\Z)" % (part, b"" if end == b"\r" else rb"\r?", stop)
    is_one_byte = len(dialect.delimiter.encode()) == 1
    one = rb"[^%b%b]" % (part, stop) if is_one_byte else rb"(?:(?!%b)[^%b])" % (part, stop)
    if escape:
        one = rb"(?:%b[\s\S]|(?!%b)%b)" % (slash, slash, one)
    cell = re.compile(rb"(%b*?)(%b)" % (one, finish))
    if not quote:
        return Grammar(cell, None, None, end, quote, escape)
    inner = rb"[^%b%b]" % (mark, slash) if escape else rb"[^%b]" % mark
    more = rb"(?:%b%b" % (mark, mark) + (rb"|%b[\s\S]" % slash if escape else b"") + b")"
    body = rb"%b(%b*+(?:%b%b*+)*+)" % (mark, inner, more, inner)
    quoted = re.compile(rb"%b%b(%b)" % (body, mark, finish))
    return Grammar(cell, quoted, re.compile(body), end, quote, escape)


def describe(delimiter: str) -> str:
    """The delimiter as a person reads it."""
    return _NAMES.get(delimiter, repr(delimiter))


def guess_delimiter(widths: Mapping[str, Sequence[int]]) -> str | None:
    """The one that parts the first rows most evenly, by how many cells each makes of a row; None for no certain one.

    A text that no candidate parts has one column, and the comma is as good as any.
    """
    scores: dict[str, tuple[float, int]] = {}
    for delimiter, counts in widths.items():
        common, often = Counter(counts).most_common(1)[0] if counts else (1, 0)
        if common > 1:
            scores[delimiter] = (often / len(counts), common)
    if not scores:
        return ","
    even = {delimiter: width for delimiter, (share, width) in scores.items() if share == 1}
    if len(even) == 1:
        return next(iter(even))
    if not even:
        best = max(scores, key=lambda each: scores[each])
        rivals = [each for each in scores if scores[each][0] > scores[best][0] - 0.2]
        return best if len(rivals) == 1 else None
    return None
