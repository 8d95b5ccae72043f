"""The type of every column from all of its cells: the narrowest that holds each of them exactly, else text."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from commonlib.ingest import kinds, types
from commonlib.ingest.fields import DEFAULT_FORMATS, ISO, Field
from commonlib.ingest.pieces import Piece
from commonlib.ingest.spelling import is_plain

_ALONE = {"boolean", "date", "timestamp_ntz", "timestamp"}
# Arrow also takes shorter spellings: 1 for true, a day or an hour for a time.
_SHORTEST = {"boolean": 4, "date": 10, "timestamp_ntz": 16, "timestamp": 17}
_ABSENT = re.compile(r"(?i)n/?a|n\.a\.|nan|null|nil|none|-+|\?|\.|#n/a|missing|unknown|\\N")


class First(NamedTuple):
    """The first cell of a kind: in which piece of the source, on which line, and what it was."""

    piece: int
    line: int
    cell: str


@dataclass(slots=True)
class Guess:
    """What the cells of one column that were seen so far can all be."""

    name: str
    seen: dict[str, First] = field(default_factory=dict)
    pieces: int = 0
    whole: int = 0
    places: int = 0
    is_long: bool = False

    @property
    def type(self) -> str:
        """The type, spelled as in a layout."""
        return self._of(set(self.seen))

    def _of(self, kinds_seen: set[str]) -> str:
        found = kinds_seen - {"empty"}
        if found == {"integer"}:
            return "text" if self.whole > 38 else "decimal(38,0)" if self.is_long else "integer"
        if found and found <= {"integer", "decimal"}:
            digits = self.whole + self.places
            return f"decimal({18 if digits <= 18 else 38},{self.places})" if digits <= 38 else "text"
        if found and found <= {"integer", "decimal", "scientific"} and self.whole <= 15:
            return "number"
        if len(found) == 1 and (only := found & _ALONE):
            return only.pop()
        return "text"

    @property
    def is_open(self) -> bool:
        """Whether more cells can change the type."""
        return self.type != "text" or not set(self.seen) - {"empty"}

    def take(self, cells: pa.StringArray, piece: Piece) -> pa.Array:
        """The cells as values of the type, which may have become another one by them."""
        self.pieces += 1
        if not self.is_open or cells.null_count == len(cells):
            return self.values(cells)
        if (values := self._common(cells)) is not None:
            return values
        self._look(cells, piece)
        return self.values(cells)

    def _common(self, cells: pa.StringArray) -> pa.Array | None:
        """The values when every cell is spelled as the type so far is, and nothing needs a closer look."""
        kind = self.type
        if not self.seen or kind in ("text", "number") or "empty" in self.seen:
            return None
        try:
            values = pc.cast(cells, types.parse(kind))
        except pa.ArrowInvalid:
            return None
        if kind in _SHORTEST:
            return values if pc.min(pc.binary_length(cells)).as_py() >= _SHORTEST[kind] else None
        places = 0 if kind == "integer" else self.places
        if not is_plain(cells, places) and not pc.all(pc.match_substring_regex(cells, self._spelling)).as_py():
            return None
        self._measure(values)
        return values

    @property
    def _spelling(self) -> str:
        """How numbers with the places so far are spelled; arrow would also take more places that are all 0."""
        integer, decimal = kinds.PATTERNS["integer"], kinds.PATTERNS["decimal"].removesuffix("+")
        return rf"\A(?:{integer}|{decimal}{{1,{self.places}}})\z" if self.places else rf"\A(?:{integer})\z"

    def _measure(self, values: pa.Array) -> None:
        """Note the digits before the point; the places are those of the type already."""
        bounds = pc.min_max(values).as_py()
        self.whole = max(self.whole, *(len(str(abs(int(bound))).lstrip("0")) for bound in bounds.values()))

    def _look(self, cells: pa.StringArray, piece: Piece) -> None:
        """Learn the kind of every cell."""
        trimmed = pc.utf8_trim(cells, characters=" ")
        for kind, mask in kinds.split(trimmed).items():
            found = trimmed.filter(mask)
            if kind not in self.seen:
                row = pc.index(mask, True).as_py()
                self.seen[kind] = First(self.pieces, piece.line(row), cells[row].as_py())
            if kind in ("integer", "decimal"):
                self._measure_text(found, kind)

    def _measure_text(self, cells: pa.StringArray, kind: str) -> None:
        bare = pc.utf8_ltrim(cells, characters="-0")
        digits = pc.binary_length(bare)
        if kind == "decimal":
            length, digits = digits, pc.find_substring(bare, ".")
            self.places = max(self.places, pc.max(pc.subtract(pc.subtract(length, digits), 1)).as_py())
        longest = pc.max(digits).as_py()
        self.whole = max(self.whole, longest)
        if kind == "integer" and not self.is_long and longest > 18:
            try:
                pc.cast(cells, pa.int64())
            except pa.ArrowInvalid:
                self.is_long = True

    def values(self, cells: pa.StringArray) -> pa.Array:
        """The cells as values of the type, which holds each of them."""
        kind = self.type
        if kind == "text":
            return cells
        cells = pc.utf8_trim(cells, characters=" ")
        return pc.cast(pc.if_else(pc.equal(cells, ""), None, cells), types.parse(kind))

    def add(self, later: "Guess", line: int) -> None:
        """Learn what was seen of the cells that follow, whose first line is this one."""
        for kind, first in later.seen.items():
            self.seen.setdefault(kind, First(self.pieces + first.piece, line - 1 + first.line, first.cell))
        self.pieces += later.pieces
        self.whole, self.places = max(self.whole, later.whole), max(self.places, later.places)
        self.is_long = self.is_long or later.is_long

    def told(self) -> list[str]:
        """What a person should know of the type, in words, which is the same however the cells were cut."""
        if not self.seen:
            return ["has no value at all; it is text"]
        if self.type == "text":
            return self._why_text(self._until_text())
        notes = []
        if "empty" in self.seen:
            notes.append(
                f"has an empty text (first in line {self.seen['empty'].line}), which is absent here, like an empty cell"
            )
        if self.type == "number":
            notes.append("has numbers in scientific notation; it is floating point of 64 bits, which may round them")
        if self.is_long:
            notes.append(f"has integers that 64 bits do not hold; it is {self.type}")
        return notes

    def _until_text(self) -> dict[str, First]:
        """The kinds that made it text, by their first cells; what comes after may or may not have been looked at."""
        found: dict[str, First] = {}
        for kind, first in sorted(self.seen.items(), key=lambda item: item[1]):
            if kind != "empty":
                found[kind] = first
            if found and self._of(set(found)) == "text":
                break
        return found

    def _why_text(self, found: dict[str, First]) -> list[str]:
        others = set(found) - {"text"}
        if not others or (others == {"code"} and "text" in found):
            return []
        if others <= {"integer", "decimal", "scientific"} and "text" not in found:
            return ["has numbers with more digits than an exact type holds; it is text"]
        if set(found) == {"ambiguous date"}:
            return [
                f"has what may be dates, with day or month first, such as {found['ambiguous date'].cell!r}; it is "
                f"text. A layout says which: {{name: {self.name}, type: date, format: dd/MM/yyyy}}"
            ]
        if set(found) == {"comma"}:
            return [f"has what may be numbers with commas, such as {found['comma'].cell!r}; it is text"]
        if set(found) <= {"code", "integer"}:
            code = found["code"]
            return [f"has digits behind a zero or plus, such as {code.cell!r} (line {code.line}); it is text"]
        parts = [
            f"{kinds.words(kind, 2)} such as {first.cell!r} (first in line {first.line})"
            for kind, first in sorted(found.items(), key=lambda item: (item[0] == "text", item[1]))
        ]
        is_absent = "text" in found and _ABSENT.fullmatch(absent := found["text"].cell)
        advice = f"; when {absent!r} means absent, say --null {absent}" if is_absent else ""
        return [f"holds {' and '.join(parts)}; it is text{advice}"]


@dataclass(slots=True)
class Guesses:
    """The columns of a source without a layout."""

    columns: dict[str, Guess]

    @classmethod
    def of(cls, names: Sequence[str]) -> "Guesses":
        return cls({name: Guess(name) for name in names})

    @property
    def types(self) -> tuple[str, ...]:
        return tuple(guess.type for guess in self.columns.values())

    @property
    def fields(self) -> tuple[Field, ...]:
        """The columns as a layout has them."""
        return tuple(
            Field(name, kind, format=ISO if kind in ("timestamp", "timestamp_ntz") else DEFAULT_FORMATS.get(kind))
            for name, kind in zip(self.columns, self.types, strict=True)
        )

    def take(self, piece: Piece) -> pa.RecordBatch:
        """The rows of the piece; a column that it lacks is absent."""
        return self._batch(piece, lambda guess, cells: guess.take(cells, piece))

    def values(self, piece: Piece) -> pa.RecordBatch:
        """The rows of a piece of which every cell was seen before."""
        return self._batch(piece, lambda guess, cells: guess.values(cells))

    def _batch(self, piece: Piece, values: Callable[[Guess, pa.StringArray], pa.Array]) -> pa.RecordBatch:
        there = dict(zip(piece.names, piece.cells, strict=True))
        arrays = [
            values(guess, there[name]) if name in there else pa.nulls(piece.rows, types.parse(guess.type))
            for name, guess in self.columns.items()
        ]
        return pa.RecordBatch.from_arrays(arrays, names=list(self.columns))

    def add(self, later: "Guesses", line: int) -> None:
        """Learn what was seen of the rows that follow, whose first line is this one."""
        for name, guess in later.columns.items():
            self.columns[name].add(guess, line)

    def told(self) -> tuple[str, ...]:
        return tuple(f"column {name!r} {note}" for name, guess in self.columns.items() for note in guess.told())
