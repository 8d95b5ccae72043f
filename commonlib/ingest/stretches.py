"""Stretches of a delimited text that hold no surprise, which arrow reads at once as record by record would."""

import re
from typing import TypeAlias

import numpy as np

from commonlib.ingest.dialect import Dialect, Grammar

Bytes: TypeAlias = np.ndarray[tuple[int], np.dtype[np.uint8]]
Places: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int64]]
_LONE_RETURN = re.compile(rb"\r(?!\n)")


def clean_until(data: bytes, start: int, limit: int, dialect: Dialect, grammar: Grammar, *, at_end: bool) -> int:
    """The end of the records in these bounds that hold no surprise: what arrow reads as we would. `start` for none."""
    delimiter = (dialect.delimiter or "").encode()
    if grammar.end != b"\n" or len(delimiter) != 1 or len(grammar.quote) > 1:
        return start
    if dialect.comment:
        mark = dialect.comment.encode()
        if data.startswith(mark, start):
            return start
        limit = _first(data, b"\n" + mark, start, limit)
    if grammar.escape:
        limit = _first(data, grammar.escape, start, limit)
    if data.find(b"\r", start, limit) >= 0 and (lone := _LONE_RETURN.search(data, start, limit)):
        limit = min(limit, lone.start())
    is_all = at_end and limit == len(data)
    if not grammar.quote or data.find(grammar.quote, start, limit) < 0:
        return limit if is_all else data.rfind(b"\n", start, limit) + 1 or start
    quotes, wrong = _quotes(np.frombuffer(data, np.uint8)[start:limit], delimiter[0], grammar.quote[0])
    if wrong is None and is_all and len(quotes) % 2 == 0:
        return limit
    stop = limit if wrong is None else start + wrong
    while (stop := data.rfind(b"\n", start, stop)) >= 0:
        before = int(np.searchsorted(quotes, stop - start))
        if before % 2 == 0:
            return stop + 1
        stop = start + int(quotes[before - 1])
    return start


def _quotes(data: Bytes, delimiter: int, quote: int) -> tuple[Places, int | None]:
    """Where the quotes are, and the first that is neither right before or after a cell nor doubled within one.

    When there is none, quotes open and close by turns, and what they hold is the same to every reader.
    """
    found = np.flatnonzero(data == quote)
    opening, closing = found[0::2], found[1::2]
    before = data[np.maximum(opening - 1, 0)]
    after = data[np.minimum(closing + 1, len(data) - 1)]
    is_right = np.ones(len(found), bool)
    is_right[0::2] = (opening == 0) | (before == delimiter) | (before == 10) | (before == quote)
    is_right[1::2] = (closing == len(data) - 1) | np.isin(after, (delimiter, 10, 13, quote))
    wrong = found[~is_right]
    return found, int(wrong[0]) if len(wrong) else None


def _first(data: bytes, what: bytes, start: int, otherwise: int) -> int:
    found = data.find(what, start, otherwise)
    return otherwise if found < 0 else found
