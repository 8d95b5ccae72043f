"""The words for types in a layout, and the arrow types that they mean."""

import re
from collections.abc import Mapping

import pyarrow as pa

PLAIN: Mapping[str, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "timestamp_ntz": pa.timestamp("us"),
    "boolean": pa.bool_(),
    "binary": pa.binary(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "int": pa.int32(),
    "float": pa.float32(),
}
# Those that a text can be read as.
OF_TEXT = ("text", "integer", "number", "date", "timestamp", "timestamp_ntz", "boolean")
DECIMAL = re.compile(r"decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)")
_TOKEN = re.compile(r"\s*(decimal\(\s*\d+\s*,\s*\d+\s*\)|`(?:[^`]|``)*`|[^\s<>,:`]+|[<>,:])")


def parse(text: str) -> pa.DataType:
    """The type that is spelled so, as `list<struct<id: integer, at: date>>`. Raises ValueError."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens).replace(" ", "") != re.sub(r"\s", "", text):
        raise ValueError(text)
    found, rest = _parse(tokens, text)
    if rest:
        raise ValueError(text)
    return found


def _parse(tokens: list[str], whole: str) -> tuple[pa.DataType, list[str]]:
    if not tokens:
        raise ValueError(whole)
    word, *rest = tokens
    if word in PLAIN:
        return PLAIN[word], rest
    if (found := DECIMAL.fullmatch(word)) and 1 <= int(found[1]) <= 38 and int(found[2]) <= int(found[1]):
        return pa.decimal128(int(found[1]), int(found[2])), rest
    if word == "list" and rest[:1] == ["<"]:
        inner, rest = _parse(rest[1:], whole)
        return pa.list_(inner), _after(rest, ">", whole)
    if word == "map" and rest[:1] == ["<"]:
        key, rest = _parse(rest[1:], whole)
        value, rest = _parse(_after(rest, ",", whole), whole)
        return pa.map_(key, value), _after(rest, ">", whole)
    if word == "struct" and rest[:1] == ["<"]:
        fields = []
        while rest[:1] in (["<"], [","]):
            name, rest = rest[1] if len(rest) > 1 else "", rest[2:]
            inner, rest = _parse(_after(rest, ":", whole), whole)
            fields.append(pa.field(name[1:-1].replace("``", "`") if name.startswith("`") else name, inner))
        return pa.struct(fields), _after(rest, ">", whole)
    raise ValueError(whole)


def _after(tokens: list[str], mark: str, whole: str) -> list[str]:
    if tokens[:1] != [mark]:
        raise ValueError(whole)
    return tokens[1:]


def spell(kind: pa.DataType) -> str:
    """The type in words; `parse` makes it again. Raises ValueError for one that a lake has not."""
    for word, plain in PLAIN.items():
        if kind == plain:
            return word
    if pa.types.is_decimal128(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if pa.types.is_list(kind):
        return f"list<{spell(kind.value_type)}>"
    if pa.types.is_map(kind):
        return f"map<{spell(kind.key_type)}, {spell(kind.item_type)}>"
    if pa.types.is_struct(kind):
        return f"struct<{', '.join(f'{_name(field.name)}: {spell(field.type)}' for field in kind)}>"
    raise ValueError(str(kind))


def _name(text: str) -> str:
    return text if re.fullmatch(r"[^\W\d]\w*", text) else "`" + text.replace("`", "``") + "`"
