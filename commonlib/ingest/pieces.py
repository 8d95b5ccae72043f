"""What the reader of every form gives: a piece of the source as text cells, with the line that each row came from."""

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
    """Some rows of the source, as text, not yet typed.

    `cells` has one array for each column of the layout, as long as `lines`; `raw` holds the columns as they came, to
    show a row by.
    """

    lines: pa.Int64Array
    cells: tuple[pa.StringArray, ...]
    raw: tuple[pa.StringArray, ...]
    delimiter: str
    malformed: tuple[Malformed, ...]

    def text(self, row: int) -> str:
        """One row as it came."""
        return self.delimiter.join(column[row].as_py() or "" for column in self.raw)
