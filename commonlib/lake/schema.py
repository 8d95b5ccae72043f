"""Arrow schemas as the lake's columns: names that every reader can tell apart, types spelled as Spark does."""

import re
from collections.abc import Iterable, Sequence

import pyarrow as pa

from commonlib.lake import paths
from commonlib.lake.errors import SchemaRefused, duplicates
from commonlib.lake.manifest import Column

_PLAIN: tuple[tuple[pa.DataType, str], ...] = (
    (pa.bool_(), "boolean"),
    (pa.int8(), "tinyint"),
    (pa.int16(), "smallint"),
    (pa.int32(), "int"),
    (pa.int64(), "bigint"),
    (pa.uint8(), "smallint"),
    (pa.uint16(), "int"),
    (pa.uint32(), "bigint"),
    (pa.float32(), "float"),
    (pa.float64(), "double"),
    (pa.date32(), "date"),
    (pa.string(), "string"),
    (pa.large_string(), "string"),
    (pa.string_view(), "string"),
    (pa.binary(), "binary"),
    (pa.large_binary(), "binary"),
)


_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")


def columns_of(schema: pa.Schema) -> tuple[Column, ...]:
    """The schema's columns. Raises SchemaRefused for a type that Parquet readers do not share."""
    return tuple(Column(field.name, _type_text(field.type, field.name)) for field in schema)


def arrow_type(text: str) -> pa.DataType | None:
    """The type that a column of this type has in Arrow; None for nested ones."""
    if found := _DECIMAL.fullmatch(text):
        return pa.decimal128(int(found[1]), int(found[2]))
    if text in {"timestamp", "timestamp_ntz"}:
        return pa.timestamp("us", "UTC" if text == "timestamp" else None)
    return next((kind for kind, spelled in _PLAIN if spelled == text), None)


def check_names(names: Sequence[object], reserved: Iterable[str] = (paths.ATTEMPT,)) -> None:
    """That any reader can tell the columns apart. Raises SchemaRefused."""
    for name in names:
        if not isinstance(name, str) or not name:
            raise SchemaRefused(f"a column is named {name!r}; name every column with text before writing")
    spelled = [str(name) for name in names]
    if twice := duplicates(spelled):
        raise SchemaRefused(
            f"columns {', '.join(map(repr, twice))} have one name, or names that differ only in case, which Spark "
            "reads as one; rename or drop all but one"
        )
    if taken := {name.casefold() for name in spelled} & set(reserved):
        raise SchemaRefused(f"column {', '.join(map(repr, sorted(taken)))} is a name the lake uses itself; rename it")
    if not spelled:
        raise SchemaRefused("the frame has no columns; there is nothing to write")


def _type_text(kind: pa.DataType, name: str) -> str:
    for plain, text in _PLAIN:
        if kind == plain:
            return text
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if pa.types.is_timestamp(kind):
        return "timestamp" if kind.tz else "timestamp_ntz"
    if pa.types.is_dictionary(kind):
        return _type_text(kind.value_type, name)
    if pa.types.is_null(kind):
        raise SchemaRefused(f"column {name!r} holds nothing but nulls and has no type; cast it before writing")
    return _nested_text(kind, name)


def _nested_text(kind: pa.DataType, name: str) -> str:
    if pa.types.is_map(kind):
        return f"map<{_type_text(kind.key_type, name)},{_type_text(kind.item_type, name)}>"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"array<{_type_text(kind.value_type, name)}>"
    if pa.types.is_struct(kind):
        fields = (f"{quote(field.name)}:{_type_text(field.type, f'{name}.{field.name}')}" for field in kind)
        return f"struct<{','.join(fields)}>"
    raise SchemaRefused(f"column {name!r} has type {kind}, which not every reader of Parquet knows; cast it")


def quote(name: str) -> str:
    """A column's name as it stands in Spark's DDL."""
    return "`" + name.replace("`", "``") + "`"


def ddl(columns: Iterable[Column]) -> str:
    """The columns as Spark's readers take a schema."""
    return ", ".join(f"{quote(column.name)} {column.type}" for column in columns)
