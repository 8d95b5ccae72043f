"""What the reader of every form gives: a piece of the source as columns, and the line that each row came from."""

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Malformed:
    """A row that could not be read: its line in the source, counted from 1, why, and its text as it came."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of the source, not yet typed.

    `names` are the source's own; `cells` has one array for each, mostly of text. `line` tells the line of a row (in
    forms without lines, the number of the record). `malformed` are the rows beside these.
    """

    names: tuple[str, ...]
    cells: tuple[pa.Array, ...]
    line: Callable[[int], int]
    malformed: tuple[Malformed, ...] = ()
    delimiter: str = ","
    texts: pa.StringArray | None = None

    @property
    def rows(self) -> int:
        return len(self.cells[0]) if self.cells else 0

    def text(self, row: int) -> str:
        """One row as it came, or nearly: quotes stand where they are needed."""
        if self.texts is not None:
            return str(self.texts[row].as_py())
        return self.delimiter.join(self._spell(column[row].as_py()) for column in self.cells)

    def _spell(self, value: object) -> str:
        if value is None:
            return ""
        text = str(value)
        if self.delimiter and (text == "" or any(mark in text for mark in (self.delimiter, '"', "\n", "\r"))):
            return '"' + text.replace('"', '""') + '"'
        return text


def nothing(names: tuple[str, ...], malformed: tuple[Malformed, ...]) -> Piece:
    """Malformed rows alone."""
    return Piece(names, tuple(pa.array([], pa.string()) for _ in names), lambda row: row, malformed)
