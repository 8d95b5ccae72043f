"""Reading a delimited text record by record, where something about it is unusual; `delimited` does the rest at once."""

from dataclasses import dataclass

from commonlib.ingest.dialect import Grammar

# A quote that is not closed within so many bytes was no opening quote.
LONGEST = 256 << 20


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its cells, or the reason why it has none; where it begins, ends, and how many lines it takes.

    A cell is None when it is empty and stands in no quotes; `quoted` says which stood in them.
    """

    start: int
    stop: int
    lines: int
    cells: tuple[bytes | None, ...] = ()
    quoted: tuple[bool, ...] = ()
    reason: str | None = None


def record(data: bytes, start: int, grammar: Grammar, *, at_end: bool) -> Record | None:
    """The record that begins at `start`; None when it is not whole, and without `at_end` more data may follow."""
    cells: list[bytes | None] = []
    quoted: list[bool] = []
    position, size = start, len(data)
    while True:
        if grammar.quoted is not None and data.startswith(grammar.quote, position):
            match = grammar.quoted.match(data, position)
            if match is None:
                return _misquoted(data, start, position, grammar, at_end=at_end)
            text: bytes | None = _unquote(match[1], grammar)
            quoted.append(True)
        else:
            match = grammar.cell.match(data, position)
            if match is None:  # an escape is the last byte
                return Record(start, size, 1, reason="an escape has nothing behind it") if at_end else None
            text = _unescape(match[1], grammar) or None
            quoted.append(False)
        position, ending = match.end(), match[2]
        if position == size and not ending.endswith(grammar.end):
            if not at_end:
                return None
            cells.append(text if quoted[-1] else _without_return(text, ending))
            # A delimiter at the very end has one more, empty cell behind it.
            if ending:
                cells.append(None)
                quoted.append(False)
            break
        cells.append(text)
        if ending.endswith(grammar.end):
            break
    return Record(start, position, max(1, data.count(grammar.end, start, position)), tuple(cells), tuple(quoted))


def _without_return(text: bytes | None, ending: bytes) -> bytes | None:
    return text if ending or text is None else (text.removesuffix(b"\r") or None)


def _misquoted(data: bytes, start: int, position: int, grammar: Grammar, *, at_end: bool) -> Record | None:
    inside = grammar.inside.match(data, position) if grammar.inside is not None else None
    reached = position if inside is None else inside.end()
    # Until its line is whole, what follows may yet make it right.
    if not at_end and data.find(grammar.end, reached) < 0 and len(data) - start < LONGEST:
        return None
    is_open = reached == len(data)
    stop = data.find(grammar.end, start)
    stop = len(data) if stop < 0 else stop + len(grammar.end)
    reason = "a quote is opened and never closed" if is_open else "there is text after a closing quote"
    return Record(start, stop, 1, reason=reason)


def _unquote(text: bytes, grammar: Grammar) -> bytes:
    if not grammar.escape:
        return text.replace(grammar.quote * 2, grammar.quote) if grammar.quote in text else text
    return _unescape(text.replace(grammar.quote * 2, grammar.quote), grammar)


def _unescape(text: bytes, grammar: Grammar) -> bytes:
    """What stands behind an escape is taken as it is; no escape makes a line feed of an n."""
    if not grammar.escape or grammar.escape not in text:
        return text
    parts, position = [], 0
    while (found := text.find(grammar.escape, position)) >= 0:
        parts += [text[position:found], text[found + 1 : found + 2]]
        position = found + 2
    return b"".join([*parts, text[position:]])
