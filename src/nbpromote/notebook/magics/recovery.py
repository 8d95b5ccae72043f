"""What can be read of a cell that is not Python as a whole: statement by statement, around what is broken."""

import ast
import bisect
import keyword
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

Parse = Callable[[str], ast.Module | Exception]
# A line at the left margin that begins a statement, rather than going on with one.
_BEGINS = re.compile(r"[^\s#)\]}]")
_GOES_ON = re.compile(r"(?:else|elif|except|finally)\b")
_QUOTES = re.compile(r'"""|\'\'\'')
_NAMED = re.compile(r"(?:async[ ]+)?(?:def|class|type(?=[ ]+\w+[ ]*(?:\[.*\])?[ ]*=))[ ]+([^\W\d]\w*)")
_ASSIGNED = re.compile(r"[ \t]*((?:[^\W\d]\w*[ \t]*[,=][ \t]*)*[^\W\d]\w*)[ \t]*(?::[^=]*)?=(?!=)")
# Beyond these, a cell is not worth more of anybody's time.
_MOST_CHARACTERS = 3_000_000
_MOST_JOINED = 12


@dataclass(slots=True)
class Recovered:
    """The rows that could be read, with blank ones for the others, and what they say.

    `stand_ins` are rows that bind the names that a broken statement would have bound: `total = ...`. The value is not
    known, but the name is there.
    """

    rows: list[str]
    stand_ins: dict[int, str] = field(default_factory=dict)


def recover(rows: Sequence[str], parse: Parse) -> Recovered:
    """Keep each statement at the left margin that can be parsed, alone or with those that it needs."""
    starts = [index for index, row in enumerate(rows) if _BEGINS.match(row) and not _GOES_ON.match(row)]
    found = Recovered([""] * len(rows))
    ends = [*starts[1:], len(rows)]
    at, spent, broken, kept = 0, 0, 0, 0
    while at < len(starts) and spent < _MOST_CHARACTERS:
        after, characters = _readable(rows, starts, ends, at, parse)
        spent += characters
        if after > at:
            first, last = starts[at], ends[after - 1]
            found.rows[first:last] = rows[first:last]
            kept += after - at
            at = after
            continue
        names = _names_bound(rows[starts[at] : ends[at]])
        broken += not names
        if names:
            found.stand_ins[starts[at]] = "".join(f"{name} = " for name in names) + "..."
        if _opens_text(rows[starts[at] : ends[at]]):
            # All that follows may be text.
            break
        at += 1
    if broken > kept:
        # Prose, or another language, in which a line is Python only by chance.
        found.rows = [""] * len(rows)
    for line, text in found.stand_ins.items():
        found.rows[line] = text
    return found


def _readable(rows: Sequence[str], starts: list[int], ends: list[int], at: int, parse: Parse) -> tuple[int, int]:
    """Behind which statement the text that begins with statement `at` can be parsed, and how much was tried."""
    spent = 0

    def is_read(after: int) -> ast.Module | Exception:
        nonlocal spent
        text = "\n".join(rows[starts[at] : ends[after - 1]])
        spent += len(text) + 50
        return parse(text)

    result = is_read(len(starts))
    if isinstance(result, ast.Module):
        return len(starts), spent
    if isinstance(result, SyntaxError) and result.lineno:
        # All above the error is often right.
        line = starts[at] + result.lineno - 1
        above = bisect.bisect_right(starts, line) - 1
        if above > at and isinstance(is_read(above), ast.Module):
            return above, spent
    for after in _ends_to_try(rows, starts, ends, at):
        result = is_read(after)
        if isinstance(result, ast.Module):
            return (after if _says_something(result) else at), spent
        if spent > _MOST_CHARACTERS:
            break
    return at, spent


def _ends_to_try(rows: Sequence[str], starts: list[int], ends: list[int], at: int) -> Iterator[int]:
    """A few statements further each; an open text goes on until one in which quotes are."""
    is_text = _opens_text(rows[starts[at] : ends[at]])
    for after in range(at + 1, len(starts) + 1 if is_text else min(at + _MOST_JOINED, len(starts)) + 1):
        if after <= at + _MOST_JOINED or _QUOTES.search("\n".join(rows[starts[after - 1] : ends[after - 1]])):
            yield after


def _opens_text(rows: Sequence[str]) -> bool:
    return len(_QUOTES.findall("\n".join(rows))) % 2 == 1


def _says_something(tree: ast.Module) -> bool:
    """A word or a comparison alone, beside broken code, is more likely prose than a statement."""
    return not all(
        isinstance(each, ast.Expr) and not any(isinstance(node, ast.Call | ast.Await) for node in ast.walk(each))
        for each in tree.body
    )


def _names_bound(rows: Sequence[str]) -> list[str]:
    named = _NAMED.match(rows[0])
    if named:
        return [] if keyword.iskeyword(named[1]) else [named[1]]
    found = [
        name for row in rows for match in [_ASSIGNED.match(row)] if match for name in re.split(r"[,=\s]+", match[1])
    ]
    return [name for name in dict.fromkeys(found) if name.isidentifier() and not keyword.iskeyword(name)]
