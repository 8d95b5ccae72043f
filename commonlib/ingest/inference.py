"""The type of every column from all of its cells: the narrowest that holds each of them exactly, else text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from commonlib.ingest import kinds, types
from commonlib.ingest.pieces import Piece

_ALONE = {"boolean", "date", "timestamp_ntz", "timestamp"}
_SHORTEST = {"date": 10, "timestamp_ntz": 16, "timestamp": 17}
_SHOWN = 3
_ABSENT = re.compile(r"(?i)n/?a|n\.a\.|nan|null|nil|none|-+|\?|\.|#n/a|missing|unknown|\\N")


@dataclass(slots=True)
class Guess:
    """What the cells of one column that were seen so far can all be."""

    name: str
    # Of each kind, where it was first seen, and some spellings.
    seen: dict[str, tuple[str, int, list[str]]] = field(default_factory=dict)
    whole: int = 0
    places: int = 0
    is_long: bool = False

    @property
    def type(self) -> str:
        """The type, spelled as in a layout."""
        found = set(self.seen) - {"empty"}
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
        if not self.is_open or cells.null_count == len(cells):
            return self._values(cells)
        if (values := self._common(cells)) is not None:
            return values
        self._look(cells, piece)
        return self._values(cells)

    def _common(self, cells: pa.StringArray) -> pa.Array | None:
        """The values when every cell is spelled as the type so far is, and nothing needs a closer look."""
        kind = self.type
        if not self.seen or kind in ("text", "number") or "empty" in self.seen:
            return None
        try:
            if kind == "boolean":
                is_word = pc.is_in(pc.utf8_lower(cells), value_set=pa.array(["true", "false", None]))
                return pc.cast(cells, pa.bool_()) if pc.all(is_word).as_py() else None
            values = pc.cast(cells, types.parse(kind))
        except pa.ArrowInvalid:
            return None
        if kind in _SHORTEST:
            return values if pc.min(pc.binary_length(cells)).as_py() >= _SHORTEST[kind] else None
        is_spelled = (
            pc.equal(pc.cast(values, pa.string()), cells)
            if kind == "integer"
            else pc.match_substring_regex(cells, self._spelling)
        )
        if not pc.all(is_spelled).as_py():
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
                self.seen[kind] = (cells[row].as_py(), piece.line(row), pc.unique(found).slice(0, _SHOWN).to_pylist())
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

    def _values(self, cells: pa.StringArray) -> pa.Array:
        kind = self.type
        if kind == "text":
            return cells
        cells = pc.utf8_trim(cells, characters=" ")
        return pc.cast(pc.if_else(pc.equal(cells, ""), None, cells), types.parse(kind))

    def told(self) -> list[str]:
        """What a person should know of the type, in words."""
        if not self.seen:
            return ["has no value at all; it is text"]
        if self.type == "text":
            return self._why_text({kind: seen for kind, seen in self.seen.items() if kind != "empty"})
        notes = []
        if "empty" in self.seen:
            notes.append(
                f"has an empty text (first in line {self.seen['empty'][1]}), which is absent here, like an empty cell"
            )
        if self.type == "number":
            notes.append("has numbers in scientific notation; it is floating point of 64 bits, which may round them")
        if self.is_long:
            notes.append(f"has integers that 64 bits do not hold; it is {self.type}")
        return notes

    def _why_text(self, found: dict[str, tuple[str, int, list[str]]]) -> list[str]:
        others = set(found) - {"text"}
        if not others or (others == {"code"} and "text" in found):
            return []
        if others <= {"integer", "decimal", "scientific"} and "text" not in found:
            return ["has numbers with more digits than an exact type holds; it is text"]
        if set(found) == {"ambiguous date"}:
            spelled = ", ".join(map(repr, found["ambiguous date"][2]))
            return [
                f"has what may be dates, with day or month first: {spelled}; it is text. A layout says which: "
                f"{{name: {self.name}, type: date, format: dd/MM/yyyy}}"
            ]
        if set(found) == {"comma"}:
            spelled = ", ".join(map(repr, found["comma"][2]))
            return [f"has what may be numbers with commas: {spelled}; it is text"]
        if set(found) <= {"code", "integer"}:
            code, line, _ = found["code"]
            return [f"has digits behind a zero or plus, such as {code!r} (line {line}); it is text"]
        parts = [
            f"{kinds.words(each, 2)} such as {', '.join(map(repr, found[each][2]))} (first in line {found[each][1]})"
            for each in sorted(found, key=lambda each: (each == "text", found[each][1]))
        ]
        absent = [text for text in found["text"][2] if _ABSENT.fullmatch(text)] if "text" in found else []
        advice = f"; when {absent[0]!r} means absent, say --null {absent[0]}" if absent else ""
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

    def take(self, piece: Piece) -> pa.RecordBatch:
        """The rows of the piece; a column that it lacks is absent."""
        there = dict(zip(piece.names, piece.cells, strict=True))
        arrays = [
            guess.take(there[name], piece) if name in there else pa.nulls(piece.rows, types.parse(guess.type))
            for name, guess in self.columns.items()
        ]
        return pa.RecordBatch.from_arrays(arrays, names=list(self.columns))

    def told(self) -> tuple[str, ...]:
        return tuple(f"column {name!r} {note}" for name, guess in self.columns.items() for note in guess.told())
