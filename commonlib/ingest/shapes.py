"""What the values of records can be: the type of every column from all of them, as in JSON, workbooks and Avro."""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import pyarrow as pa

from commonlib.ingest import types
from commonlib.ingest.inference import First, Guess
from commonlib.ingest.layout import Layout
from commonlib.ingest.members import Member
from commonlib.ingest.spans import Span

# An object with more names than this is a map whose names are data.
_WIDEST = 500


class Number(str):
    """A number as the source spells it, so that no digit is lost on the way."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its values by name, or the reason why it has none; where it stands, and its text."""

    line: int
    values: Mapping[str, object]
    text: str
    reason: str | None = None


Records: TypeAlias = Callable[[Member, Span | None], Iterator[Record]]


class Look(Protocol):
    """Finds the shapes of all records of the members, which are read by spans where that splits them."""

    def __call__(self, members: Sequence[Member], read: Records, layout: Layout, /, *, splits: bool) -> "Shapes": ...


@dataclass(slots=True)
class Shape:
    """What the values of one column, or of a part of one, can all be."""

    guess: Guess
    fields: dict[str, "Shape"] = field(default_factory=dict)
    items: "Shape | None" = None

    def look(self, value: object, line: int) -> None:  # noqa: PLR0912 - a table of kinds
        """Learn from one value."""
        match value:
            case None:
                return
            case Number():
                self._look_at_number(value, line)
            case bool():
                self._note("boolean", value, line)
            case str():
                self._note("text", value, line)
            case list():
                self._note("list", "a list", line)
                self.items = self.items or Shape(Guess(f"{self.guess.name}[]"))
                for item in value:
                    self.items.look(item, line)
            case dict():
                self._note("object", "an object", line)
                for name, inner in value.items():
                    if name not in self.fields and len(self.fields) <= _WIDEST:
                        self.fields[name] = Shape(Guess(f"{self.guess.name}.{name}"))
                    if name in self.fields:
                        self.fields[name].look(inner, line)
            case datetime.datetime():
                kind = "timestamp" if value.tzinfo else "date" if value.time() == datetime.time() else "timestamp_ntz"
                self._note(kind, value, line)
            case datetime.date():
                self._note("date", value, line)
            case bytes():
                self._note("binary", "bytes", line)
            case float():
                self._note("scientific", value, line)
            case _:
                self._note("text", value, line)

    def _note(self, kind: str, value: object, line: int) -> None:
        if kind not in self.guess.seen:
            self.guess.seen[kind] = First(0, line, str(value))

    def _look_at_number(self, text: str, line: int) -> None:
        guess = self.guess
        if "e" in text or "E" in text:
            self._note("scientific", text, line)
            return
        whole, _, places = text.lstrip("-").partition(".")
        self._note("decimal" if places else "integer", text, line)
        guess.whole = max(guess.whole, len(whole.lstrip("0")))
        guess.places = max(guess.places, len(places))
        if not places and len(whole) > 18 and not -(1 << 63) <= int(text) < 1 << 63:
            guess.is_long = True

    def add(self, later: "Shape", line: int) -> None:
        """Learn what was seen of the values that follow, whose first line is this one."""
        self.guess.add(later.guess, line)
        for name, inner in later.fields.items():
            if name not in self.fields and len(self.fields) <= _WIDEST:
                self.fields[name] = Shape(Guess(f"{self.guess.name}.{name}"))
            if name in self.fields:
                self.fields[name].add(inner, line)
        if later.items is not None:
            self.items = self.items or Shape(Guess(f"{self.guess.name}[]"))
            self.items.add(later.items, line)

    @property
    def type(self) -> str:
        """The type in words; text for what has no type of its own."""
        found = self.guess.seen.keys()
        if found == {"list"} and self.items is not None:
            return f"list<{self.items.type}>"
        if found == {"object"} and 0 < len(self.fields) <= _WIDEST and "" not in self.fields:
            inner = {name: types.parse(shape.type) for name, shape in self.fields.items()}
            return types.spell(pa.struct(list(inner.items())))
        if found == {"binary"}:
            return "binary"
        if found == {"date", "timestamp_ntz"}:
            return "timestamp_ntz"
        return self.guess.type

    def told(self) -> list[str]:
        """What a person should know of the types of the column and its parts."""
        found = self.guess.seen
        name = repr(self.guess.name)
        if found.keys() == {"binary"}:
            return []
        if found.keys() == {"list"} and self.items is not None:
            return self.items.told() if self.items.guess.seen else []
        if found.keys() == {"object"}:
            if len(self.fields) > _WIDEST or not self.fields or "" in self.fields:
                why = f"more than {_WIDEST} names" if len(self.fields) > _WIDEST else "no names"
                return [f"column {name} has objects of {why}; it is text, with JSON in it"]
            return [note for shape in self.fields.values() for note in shape.told()]
        if len(found) > 1 and found.keys() & {"list", "object", "binary", "text", "boolean"}:
            parts = [f"{kind} (first in line {first.line})" for kind, first in found.items()]
            return [f"column {name} holds {' and '.join(parts)}; it is text, with JSON in it"]
        return [f"column {name} {note}" for note in self.guess.told() if found.keys() != {"text"}]


@dataclass(slots=True)
class Shapes:
    """What the values of every column can all be, by the names that records have."""

    columns: dict[str, Shape] = field(default_factory=dict)

    def look(self, records: Iterator[Record]) -> None:
        """Learn from these records."""
        for record in records:
            for name, value in record.values.items():
                self._of(name).look(value, record.line)

    def add(self, later: "Shapes", line: int) -> None:
        """Learn what was seen of the records that follow, whose first line is this one."""
        for name, shape in later.columns.items():
            self._of(name).add(shape, line)

    def _of(self, name: str) -> Shape:
        if name not in self.columns:
            self.columns[name] = Shape(Guess(name))
        return self.columns[name]


def look(members: Sequence[Member], read: Records, _: Layout, *, splits: bool) -> Shapes:  # noqa: ARG001 - of Spark
    """The shapes of all records, read one after another."""
    shapes = Shapes()
    for member in members:
        shapes.look(read(member, None))
    return shapes
