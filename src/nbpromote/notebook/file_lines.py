"""Where the lines of a cell stand in the file that holds the notebook, for tools that know files only."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from json.decoder import scanstring  # type: ignore[attr-defined]

from nbpromote.notebook.model import Format, Notebook
from nbpromote.notebook.reading import decode

_SPACE = re.compile(r"[ \t\r\n]*")
_MARKS = ("", "# ", "#", "# MAGIC ", "-- MAGIC ", "// MAGIC ", "%%", "# MAGIC %", "-- ")
_DECODER = json.JSONDecoder(strict=False)
_MOST_LOST = 50  # each cell that is not found costs a look at all the rest of the file


def find_lines(notebook: Notebook, data: bytes) -> Mapping[int, tuple[int, ...]]:
    """For each cell that is found in the file's content: its number -> the file's 1-based line of each of its lines."""
    text, _ = decode(data, notebook.path)
    if notebook.format in {Format.IPYNB, Format.DATABRICKS_IPYNB}:
        try:
            return dict(enumerate(_in_json(text), start=1))
        except (ValueError, IndexError, RecursionError):
            return {}
    return dict(_in_text(notebook, text.splitlines()))


def json_sources(text: str) -> Iterator[int | None]:
    """The place of each cell's source in the text of an .ipynb file, in the order of the document.

    Raises:
        ValueError, IndexError, RecursionError: the text is no such document.
    """
    for key, at in _members(text, _skip(text, 0)):
        if key == "cells":
            yield from (_source(text, cell) for cell in items(text, at))
        elif key == "worksheets":  # nbformat 3
            for sheet in items(text, at):
                for inner, where in _members(text, sheet):
                    if inner == "cells":
                        yield from (_source(text, cell) for cell in items(text, where))


def _source(text: str, at: int) -> int | None:
    return next((where for key, where in _members(text, at) if key in {"source", "input"}), None)


def _in_json(text: str) -> Iterator[tuple[int, ...]]:
    """The lines of each cell's source, in the order of the document."""
    breaks = _Breaks(text)
    return (_lines(text, where, breaks) if where is not None else () for where in json_sources(text))


def _lines(text: str, where: int, breaks: "_Breaks") -> tuple[int, ...]:
    if text[where] != "[":
        source, _ = _DECODER.raw_decode(text, where)
        return (breaks.line(where),) * (str(source).count("\n") + 1)
    lines: list[int] = []
    is_open = False  # the last string did not end its line
    for item in items(text, where):
        string, _ = _DECODER.raw_decode(text, item)
        pieces = str(string).split("\n")
        more = len(pieces) if pieces[-1] else len(pieces) - 1
        lines += [breaks.line(item)] * (more - is_open)
        is_open = bool(pieces[-1])
    return tuple(lines) or (breaks.line(where),)


def _members(text: str, at: int) -> Iterator[tuple[str, int]]:
    """Key and place of the value of each member of the object that begins here."""
    if text[at] != "{":
        raise ValueError("no object")
    at = _skip(text, at + 1)
    while text[at] != "}":
        key, at = scanstring(text, at + 1, False)
        at = _skip(text, _skip(text, at) + 1)
        yield key, at
        at = _after(text, at)


def items(text: str, at: int) -> Iterator[int]:
    """The place of each item of the array that begins here."""
    if text[at] != "[":
        raise ValueError("no array")
    at = _skip(text, at + 1)
    while text[at] != "]":
        yield at
        at = _after(text, at)


def _after(text: str, at: int) -> int:
    """Behind the value that begins here, and its comma."""
    _, at = _DECODER.raw_decode(text, at)
    at = _skip(text, at)
    return _skip(text, at + 1) if text[at] == "," else at


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


class _Breaks:
    """Counts lines, going forward only."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at, self._line = 0, 1

    def line(self, at: int) -> int:
        self._line += self._text.count("\n", self._at, at)
        self._at = at
        return self._line


def _in_text(notebook: Notebook, rows: Sequence[str]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Each code cell where its lines stand next, magics perhaps commented out."""
    begin = lost = 0
    for cell in notebook.code_cells:
        if lost > _MOST_LOST:
            return
        source = [line.rstrip() for line in cell.source.split("\n")]
        for start in range(begin, len(rows) - len(source) + 1):
            if all(_is_same(rows[start + index], line) for index, line in enumerate(source)):
                yield cell.number, tuple(range(start + 1, start + 1 + len(source)))
                begin = start + len(source)
                break
        else:
            lost += 1


def _is_same(row: str, line: str) -> bool:
    row = row.rstrip()
    return row == line or (row.endswith(line) and row[: len(row) - len(line)] in _MARKS)
