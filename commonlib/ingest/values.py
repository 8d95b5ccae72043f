"""Records of values, as in JSON, workbooks and Avro: the type of every column from all of them, and cells to cast."""

import datetime
import decimal
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import pyarrow as pa

from commonlib.ingest import types
from commonlib.ingest.errors import IngestError
from commonlib.ingest.heads import unique_names
from commonlib.ingest.inference import First, Guess
from commonlib.ingest.layout import DEFAULT_FORMATS, ISO, Field, Layout
from commonlib.ingest.members import Member
from commonlib.ingest.pieces import Malformed, Piece, nothing
from commonlib.ingest.reader import Reader
from commonlib.ingest.spans import Span

_ROWS = 20_000
_BYTES = 8 << 20
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


def open_reader(
    members: Sequence[Member], layout: Layout, read: Records, look: Look = look, *, splits: bool = False
) -> Reader:
    """The reader of records, with the types of the layout, or those that all values together have."""
    if layout.fields:
        whole = layout.fields
        return Reader(
            _names(whole), whole, lambda member, span=None: _pieces(read(member, span), whole), layout, splits=splits
        )
    shapes = look(members, read, layout, splits=splits).columns
    if not shapes:
        raise IngestError(f"{members[0].name}: has no records; nothing was landed")
    names, renamed = unique_names([*shapes])
    fields = tuple(
        Field(name, kind, format=ISO if kind == "timestamp" else DEFAULT_FORMATS.get(kind))
        for name, kind in zip(names, (shape.type for shape in shapes.values()), strict=True)
    )
    sources = dict(zip(names, shapes, strict=True))
    told = (*renamed, *(note for shape in shapes.values() for note in shape.told()))
    return Reader(
        names, fields, lambda member, span=None: _pieces(read(member, span), fields, sources), layout, told, splits
    )


def _names(fields: Sequence[Field]) -> tuple[str, ...]:
    return tuple(each.name for each in fields)


def _pieces(
    records: Iterator[Record], fields: tuple[Field, ...], sources: Mapping[str, str] | None = None
) -> Iterator[Piece]:
    """The records as pieces, some thousand at a time."""
    known = frozenset(sources.values()) if sources is not None else frozenset(_names(fields))
    keys = [sources[each.name] if sources is not None else each.name for each in fields]
    kinds = [each.arrow for each in fields]
    rows: list[tuple[object, ...]] = []
    good: list[Record] = []
    malformed: list[Malformed] = []
    size = 0
    for record in records:
        reason = record.reason
        if reason is None and (unknown := [name for name in record.values if name not in known]):
            reason = f"has {', '.join(map(repr, unknown))}, which the layout has not"
        if reason is None:
            try:
                rows.append(tuple(_fit(record.values.get(key), kind) for key, kind in zip(keys, kinds, strict=True)))
                good.append(record)
            except ValueError as error:
                reason = str(error)
        if reason is not None:
            malformed.append(Malformed(record.line, reason, record.text))
        size += len(record.text)
        if len(rows) + len(malformed) >= _ROWS or size > _BYTES:
            yield _piece(rows, good, malformed, fields)
            rows, good, malformed, size = [], [], [], 0
    if rows or malformed:
        yield _piece(rows, good, malformed, fields)


def _piece(
    rows: list[tuple[object, ...]], good: list[Record], malformed: list[Malformed], fields: tuple[Field, ...]
) -> Piece:
    names = _names(fields)
    if not rows:
        return nothing(names, tuple(malformed))
    columns = zip(*rows, strict=True)
    cells = tuple(
        pa.array(column, each.arrow if _is_built(each.arrow) else pa.string())
        for column, each in zip(columns, fields, strict=True)
    )
    texts = pa.array([record.text for record in good], pa.string())
    return Piece(names, cells, lambda row: good[row].line, tuple(malformed), texts=texts)


def _is_built(kind: pa.DataType) -> bool:
    """Whether the values are made here; others are cells of text, which `casting` casts."""
    return bool(pa.types.is_nested(kind) or pa.types.is_binary(kind))


def _fit(value: object, kind: pa.DataType, *, is_inside: bool = False) -> object:
    """The value as arrow takes it for the type; a cell of text for what is cast later. Raises ValueError."""
    if value is None:
        return None
    if not is_inside and not _is_built(kind):
        if isinstance(value, datetime.date) and pa.types.is_date(kind):
            return value.isoformat()[:10]
        return spell(value)
    try:
        return _build(value, kind)
    except (ValueError, TypeError, AttributeError, decimal.InvalidOperation) as error:
        raise ValueError(f"{spell(value)[:80]!r} is not {types.spell(kind)}") from error


def _build(value: object, kind: pa.DataType) -> object:  # noqa: PLR0911 - a table of types
    if pa.types.is_list(kind) and isinstance(value, list):
        return [_fit(item, kind.value_type, is_inside=True) for item in value]
    if pa.types.is_struct(kind) and isinstance(value, dict):
        names = [each.name for each in kind]
        if unknown := [name for name in value if name not in names]:
            raise ValueError(unknown[0])
        return {each.name: _fit(value.get(each.name), each.type, is_inside=True) for each in kind}
    if pa.types.is_map(kind) and isinstance(value, dict):
        return [(key, _fit(item, kind.item_type, is_inside=True)) for key, item in value.items()]
    if pa.types.is_string(kind):
        return spell(value)
    if pa.types.is_boolean(kind) and isinstance(value, bool):
        return value
    if isinstance(value, Number) and not isinstance(value, bool):
        return _number(value, kind)
    if isinstance(value, float) and pa.types.is_floating(kind):
        return value
    if isinstance(value, bytes | datetime.date) or (isinstance(value, str) and pa.types.is_temporal(kind)):
        return pa.scalar(value).cast(kind).as_py()
    raise ValueError(value)


def _number(text: str, kind: pa.DataType) -> object:
    if pa.types.is_integer(kind):
        return pa.scalar(int(text), kind).as_py()
    if pa.types.is_floating(kind) and math.isfinite(found := float(text)):
        return found
    if pa.types.is_decimal(kind):
        return pa.scalar(decimal.Decimal(text), kind).as_py()
    raise ValueError(text)


def spell(value: object) -> str:
    """The value as a cell of text: a string as it is, what has parts as JSON."""
    match value:
        case str():
            return str(value)
        case bool():
            return "true" if value else "false"
        case datetime.datetime():
            return value.isoformat(" ")
        case datetime.date() | datetime.time():
            return value.isoformat()
        case list() | dict():
            return _json(value)
    return str(value)


def _json(value: object) -> str:
    match value:
        case list():
            return f"[{', '.join(map(_json, value))}]"
        case dict():
            return (
                "{" + ", ".join(f"{json.dumps(str(k), ensure_ascii=False)}: {_json(v)}" for k, v in value.items()) + "}"
            )
        case None:
            return "null"
        case Number() | bool() | float():
            return spell(value)
    return json.dumps(spell(value), ensure_ascii=False)
