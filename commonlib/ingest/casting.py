"""Text cells to values of one type, exactly or not at all.

The common spellings are cast by arrow all at once; what is left is looked at one by one in Python, so that no unusual
spelling is lost and none is taken wrongly.
"""

import math
import re
from collections.abc import Callable
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from commonlib.ingest.layout import Field
from commonlib.ingest.pieces import Malformed, Piece

_INT64 = 1 << 63
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


def cast(piece: Piece, fields: tuple[Field, ...], schema: pa.Schema) -> tuple[pa.RecordBatch, tuple[Malformed, ...]]:
    """The rows of the piece whose every cell fits its type, and the others with the reasons."""
    columns, reasons = [], dict[int, list[str]]()
    for field, cells in zip(fields, piece.cells, strict=True):
        values, wrong = _column(cells, field)
        columns.append(values)
        for row in wrong:
            reasons.setdefault(row, []).append(f"{field.name}: {cells[row].as_py()!r} is not {_describe(field)}")
    batch = pa.RecordBatch.from_arrays(columns, schema=schema)
    if not reasons:
        return batch, ()
    malformed = tuple(
        Malformed(piece.lines[row].as_py(), "; ".join(reasons[row]), piece.text(row)) for row in sorted(reasons)
    )
    keep = pa.array([row not in reasons for row in range(len(batch))], pa.bool_())
    return batch.filter(keep), malformed


def _describe(field: Field) -> str:
    article = "an" if field.type[0] in "aeiou" else "a"
    return f"{article} {field.type}" + (f" spelled {field.format}" if field.format else "")


def _column(cells: pa.StringArray, field: Field) -> tuple[pa.Array, list[int]]:
    if field.type == "text":
        return cells, []
    cells = pc.utf8_trim(cells, characters=" ")
    cells = pc.if_else(pc.equal(cells, ""), None, cells)
    if (pattern := _fast_pattern(field)) is not None:
        is_common = pc.fill_null(pc.match_substring_regex(cells, pattern), False)
        values = pc.cast(pc.if_else(is_common, cells, None), field.arrow)
        rest = pc.and_(pc.invert(is_common), pc.is_valid(cells))
        if not pc.any(rest).as_py():
            return values, []
        slow, wrong = _distinct(pc.if_else(rest, cells, None), field)
        return pc.coalesce(values, slow), wrong
    return _distinct(cells, field)


def _fast_pattern(field: Field) -> str | None:
    """What arrow casts to the type without a doubt; None when Python looks at every distinct cell."""
    if field.type == "integer":
        return r"\A-?[0-9]{1,18}\z"
    if field.type == "number":
        return r"\A-?[0-9]{1,15}(\.[0-9]{1,15})?\z"
    if pa.types.is_decimal(field.arrow):
        whole, places = field.arrow.precision - field.arrow.scale, field.arrow.scale
        fraction = rf"(\.[0-9]{{1,{places}}})?" if places else ""
        return rf"\A-?[0-9]{{1,{whole}}}{fraction}\z" if whole else None
    return None


def _distinct(cells: pa.StringArray, field: Field) -> tuple[pa.Array, list[int]]:
    """Each distinct cell parsed once; dates have few."""
    encoded = cells.dictionary_encode()
    parse, values, wrong = _parser(field), [], []
    for text in encoded.dictionary.to_pylist():
        try:
            values.append(parse(text))
            wrong.append(False)
        except ValueError:
            values.append(None)
            wrong.append(True)
    found = pa.array(values, field.arrow).take(encoded.indices)
    if not any(wrong):
        return found, []
    mask = pc.fill_null(pa.array(wrong, pa.bool_()).take(encoded.indices), False)
    return found, pc.indices_nonzero(mask).to_pylist()


def _parser(field: Field) -> Callable[[str], object]:
    if pa.types.is_decimal(field.arrow):
        return lambda text: _decimal(text, field.arrow.precision, field.arrow.scale)
    match field.type:
        case "integer":
            return _integer
        case "number":
            return _number
        case "boolean":
            return _boolean
        case "date":
            return lambda text: field.parse_time(text).date()
        case "timestamp":
            return field.parse_time
    raise ValueError(f"BUG: no way to read type {field.type!r}; please report how")


def _integer(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d+", text, re.ASCII) or not -_INT64 <= int(text) < _INT64:
        raise ValueError(text)
    return int(text)


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise ValueError(text)
    return float(text)


def _decimal(text: str, precision: int, scale: int) -> Decimal:
    if not _PLAIN.fullmatch(text):
        raise ValueError(text)
    sign, digits, exponent = Decimal(text).as_tuple()
    places = -int(exponent)
    shifted = list(digits) + [0] * (scale - places)
    if places > scale:
        shifted, lost = shifted[: scale - places] or [0], shifted[scale - places :]
        if any(lost):
            raise ValueError(text)
    found = Decimal((sign, tuple(shifted), -scale))
    if len(str(int("".join(map(str, shifted))))) > precision:
        raise ValueError(text)
    return found


def _boolean(text: str) -> bool:
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        raise ValueError(text) from None
