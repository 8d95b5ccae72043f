"""Parquet, ORC and Avro say their types. They are kept; one that a lake has not becomes one that holds it exactly."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from commonlib.ingest import shapes, types, values
from commonlib.ingest.errors import IngestError, MissingExtra
from commonlib.ingest.fields import DEFAULT_FORMATS, ISO, Field
from commonlib.ingest.heads import unique_names
from commonlib.ingest.layout import Layout
from commonlib.ingest.members import Member
from commonlib.ingest.pieces import Piece
from commonlib.ingest.reader import Reader, match, union
from commonlib.ingest.shapes import Look, Number, Record
from commonlib.ingest.spans import Span

_ROWS = 64 << 10
_WIDER: Mapping[pa.DataType, pa.DataType] = {
    pa.large_string(): pa.string(),
    pa.string_view(): pa.string(),
    pa.large_binary(): pa.binary(),
    pa.binary_view(): pa.binary(),
    pa.uint8(): pa.int16(),
    pa.uint16(): pa.int32(),
    pa.uint32(): pa.int64(),
    pa.uint64(): pa.decimal128(20, 0),
    pa.float16(): pa.float32(),
    pa.date64(): pa.date32(),
    pa.null(): pa.string(),
}


def open_reader(members: Sequence[Member], layout: Layout, scratch: Path, look: Look = shapes.look) -> Reader:
    """The reader of these members. Raises IngestError for columns that cannot be kept."""
    if layout.form == "avro":
        return _avro(members, layout, scratch, look)
    columns: dict[str, tuple[str, ...]] = {}
    kinds: dict[str, tuple[pa.DataType, str]] = {}
    told: list[str] = []
    for member in members:
        schema = _open(member, scratch).schema_arrow if layout.form == "parquet" else _open(member, scratch).schema
        names, renamed = unique_names(schema.names)
        columns[member.name] = names
        told += [f"{member.name}: {note}" for note in renamed]
        if layout.fields:
            told += [f"{member.name}: {note}" for note in match(names, layout, member.name)]
        for name, field in zip(names, schema, strict=True):
            kind = _kept(field.type, f"{member.name} column {name!r}")
            if kind != field.type and not _is_same(kind, field.type) and name not in kinds:
                told.append(f"column {name!r} is {field.type} there and {types.spell(kind)} here")
            before, where = kinds.get(name, (kind, member.name))
            kinds[name] = (_joined(before, kind, name, (where, member.name)), where)
    whole, lacking = union(columns)
    fields = layout.fields or tuple(_field(name, kinds[name][0]) for name in whole)

    def pieces(member: Member, _: Span | None = None) -> Iterator[Piece]:
        return _pieces(member, scratch, fields if not layout.fields else ())

    return Reader(tuple(field.name for field in fields), fields, pieces, layout, (*told, *lacking))


def _field(name: str, kind: pa.DataType) -> Field:
    word = types.spell(kind)
    return Field(name, word, format=ISO if word == "timestamp" else DEFAULT_FORMATS.get(word))


def _open(member: Member, scratch: Path) -> Any:
    path = member.on_disk(scratch)
    try:
        if member.form == "orc":
            import pyarrow.orc

            return pyarrow.orc.ORCFile(path)
        import pyarrow.parquet

        return pyarrow.parquet.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise IngestError(f"{member.name}: is no {member.form} that can be read: {error}") from error


def _pieces(member: Member, scratch: Path, fields: tuple[Field, ...]) -> Iterator[Piece]:
    """The rows as they are, or with the types of the fields, where nothing may be lost."""
    file, row = _open(member, scratch), 0
    kinds = {field.name: field.arrow for field in fields}
    if member.form == "orc":
        batches: Iterator[pa.RecordBatch] = (
            piece
            for stripe in range(file.nstripes)
            for piece in pa.Table.from_batches([file.read_stripe(stripe)]).to_batches(_ROWS)
        )
    else:
        batches = file.iter_batches(batch_size=_ROWS)
    try:
        for batch in batches:
            names, _ = unique_names(batch.schema.names)
            cells = tuple(
                _cast(column, kinds.get(name, _kept(column.type, name)), f"{member.name} column {name!r}")
                for name, column in zip(names, batch.columns, strict=True)
            )
            yield Piece(names, cells, lambda at, first=row: first + at + 1)  # type: ignore[misc]
            row += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise IngestError(f"{member.name}: cannot be read to its end: {error}; get it again") from error


def _cast(column: pa.Array, kind: pa.DataType, where: str) -> pa.Array:
    if column.type == kind:
        return column
    try:
        return pc.cast(column, kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise IngestError(
            f"{where}: cannot become {types.spell(kind)} without loss: {error}; give it a type with --schema"
        ) from error


def _kept(kind: pa.DataType, where: str) -> pa.DataType:  # noqa: PLR0911 - a table of types
    """The type of a lake that holds all its values. Raises IngestError when there is none."""
    if (wider := _WIDER.get(kind)) is not None:
        return wider
    if isinstance(kind, pa.BaseExtensionType):
        return _kept(kind.storage_type, where)
    if pa.types.is_dictionary(kind):
        return _kept(kind.value_type, where)
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", tz="UTC" if kind.tz else None)
    if pa.types.is_time(kind):
        return pa.string()
    if pa.types.is_fixed_size_binary(kind):
        return pa.binary()
    if pa.types.is_decimal(kind):
        return pa.decimal128(kind.precision, kind.scale) if kind.precision <= 38 and kind.scale >= 0 else pa.string()
    if pa.types.is_map(kind):
        return pa.map_(_kept(kind.key_type, where), _kept(kind.item_type, where))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return pa.list_(_kept(kind.value_type, where))
    if pa.types.is_struct(kind) and kind.num_fields:
        return pa.struct([pa.field(field.name, _kept(field.type, where)) for field in kind])
    try:
        types.spell(kind)
    except ValueError:
        raise IngestError(f"{where}: is of type {kind}, which a lake has not; cast it where it comes from") from None
    return kind


def _is_same(one: pa.DataType, other: pa.DataType) -> bool:
    """Whether two types differ for machines alone."""
    if pa.types.is_dictionary(other):
        return _is_same(one, other.value_type)
    if pa.types.is_timestamp(one) and pa.types.is_timestamp(other):
        return other.tz in (None, "UTC", "+00:00")
    same = (pa.large_string(), pa.string_view(), pa.large_binary(), pa.binary_view(), pa.date64())
    return one == other or other in same or pa.types.is_nested(other)


def _joined(one: pa.DataType, other: pa.DataType, name: str, where: tuple[str, str]) -> pa.DataType:
    """The type that holds the values of both. Raises IngestError when none does exactly."""
    if one == other:
        return one
    if pa.types.is_integer(one) and pa.types.is_integer(other):
        return max(one, other, key=lambda kind: int(kind.bit_width))
    if pa.types.is_floating(one) and pa.types.is_floating(other):
        return pa.float64()
    if pa.types.is_decimal(one) and pa.types.is_decimal(other):
        scale = max(one.scale, other.scale)
        digits = max(one.precision - one.scale, other.precision - other.scale) + scale
        if digits <= 38:
            return pa.decimal128(digits, scale)
    raise IngestError(
        f"column {name!r} is {types.spell(one)} in {where[0]} and {types.spell(other)} in {where[1]}; "
        "say with --schema what it is to be"
    )


def _avro(members: Sequence[Member], layout: Layout, scratch: Path, look: Look) -> Reader:
    try:
        import fastavro
    except ImportError as error:
        raise MissingExtra(members[0].name, "Avro", "fastavro") from error

    def read(member: Member, _: Span | None) -> Iterator[Record]:
        with member.on_disk(scratch).open("rb") as stream:
            try:
                for number, record in enumerate(fastavro.reader(stream), 1):
                    found = {name: _value(value) for name, value in record.items()}
                    yield Record(number, found, values.spell(found))
            except (ValueError, EOFError, IndexError, KeyError) as error:
                raise IngestError(f"{member.name}: cannot be read to its end: {error}; get it again") from error

    return values.open_reader(members, layout, read, look)


def _value(value: object) -> object:
    """A value of Avro as `values` takes it."""
    import decimal

    match value:
        case bool():
            return value
        case int():
            return Number(value)
        case decimal.Decimal():
            return Number(f"{value:f}")
        case list():
            return [_value(item) for item in value]
        case dict():
            return {name: _value(item) for name, item in value.items()}
    return value
