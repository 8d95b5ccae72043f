"""Records of values, as in JSON, workbooks and Avro, become pieces with cells to cast."""

import datetime
import decimal
import json
import math
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from commonlib.ingest import types
from commonlib.ingest.errors import IngestError
from commonlib.ingest.fields import DEFAULT_FORMATS, ISO, Field
from commonlib.ingest.heads import unique_names
from commonlib.ingest.layout import Layout
from commonlib.ingest.members import Member
from commonlib.ingest.pieces import Malformed, Piece, nothing
from commonlib.ingest.reader import Reader
from commonlib.ingest.shapes import Look, Number, Record, Records, look

_ROWS = 20_000
_BYTES = 8 << 20


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
