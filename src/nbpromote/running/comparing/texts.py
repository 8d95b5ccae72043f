"""Texts, line by line: those that differ only by float noise are the same."""

import difflib
import re

from nbpromote.running.comparing import tables
from nbpromote.running.comparing.difference import Telling, Terms

_FLOAT = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?\d+[eE][-+]?\d+")
_WIDTH = 160
_LONG = 400  # lines; difflib takes the square of it


def difference(was: str, now: str, terms: Terms) -> str | None:
    """What differs in words, or None. Tables that Spark prints are compared as tables."""
    if terms.is_same(was, now):
        return None
    before, after = tables.printed(was), tables.printed(now)
    if before and len(before) == len(after):
        around = [tables.without_printed(one) for one in (was, now)]
        if terms.is_same(*around):
            found = [tables.difference(one, other, terms) for one, other in zip(before, after, strict=True)]
            told = [one for one in found if one]
            return "\n".join(told) or None
    return _lines_apart(was.splitlines(), now.splitlines(), terms)


def _lines_apart(before: list[str], after: list[str], terms: Terms) -> str | None:
    if len(before) == len(after):
        pairs = [(place, *pair) for place, pair in enumerate(zip(before, after, strict=True), 1)]
        apart = [(place, one, other) for place, one, other in pairs if not terms.is_same(one, other)]
        if not apart:
            return None  # only the widths of columns, which follow their numbers
        if len(apart) * 2 <= len(pairs) or len(pairs) > _LONG:
            told = Telling(18)
            for place, one, other in apart:
                told.lines.extend((f"line {place}", f"- {_short(one)}", f"+ {_short(other)}{how_far(one, other)}"))
            return told.text()
    told = Telling(18)
    ours, theirs = before[:_LONG], after[:_LONG]
    told.lines.extend(_short(line) for line in difflib.ndiff(ours, theirs) if line[:1] in "-+")
    if len(before) != len(after):
        return f"{len(after):,} lines instead of {len(before):,}\n{told.text()}".strip()
    return told.text()


def how_far(was: str, now: str) -> str:
    """How far numbers are apart, where nothing else differs: empty, or a remark to put behind."""
    if _FLOAT.sub("#", was) != _FLOAT.sub("#", now):
        return ""
    worst = distance(was, now)
    return f"   (apart by {worst:.2g} of the value)" if worst > 0 else ""


def distance(was: str, now: str) -> float:
    """The largest relative distance of two texts' numbers; infinite where the texts differ in more than these."""
    if re.sub(r"\s+|-{2,}", " ", _FLOAT.sub("#", was)) != re.sub(r"\s+|-{2,}", " ", _FLOAT.sub("#", now)):
        return float("inf")
    pairs = zip(map(float, _FLOAT.findall(was)), map(float, _FLOAT.findall(now)), strict=True)
    return max((abs(a - b) / max(abs(a), abs(b)) for a, b in pairs if a != b), default=0.0)


def _short(line: str) -> str:
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 3]}..."
