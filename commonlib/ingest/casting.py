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

from commonlib.ingest.fields import ISO, Field
from commonlib.ingest.pieces import Malformed, Piece
from commonlib.ingest.spelling import is_plain

_INT64 = 1 << 63
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)
_BOOLEANS = {"true": True, "false": False, "t": True, "f": False, "1": True, "0": False}
# ISO's spellings of times as arrow reads them, but for the shorter ones (a date, an hour), which it takes too.
_SHORTEST = {"timestamp_ntz": 16, "timestamp": 17}
# Formats whose texts arrow reads as they are, and no others.
_DAYS, _SECONDS = "yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss"


def cast(piece: Piece, fields: tuple[Field, ...], schema: pa.Schema) -> tuple[pa.RecordBatch, tuple[Malformed, ...]]:
    """The rows of the piece whose every cell fits its type, and the others with the reasons.

    The piece has the columns of the fields, in their order.
    """
    columns, reasons = [], dict[int, list[str]]()
    for field, cells in zip(fields, piece.cells, strict=True):
        values, wrong = _column(cells, field)
        columns.append(values)
        for row in wrong:
            # The reason is told in messages; the row itself stays in the quarantine.
            shown = "a value" if field.personal else _shown(cells[row].as_py())
            reasons.setdefault(row, []).append(f"{field.name}: {shown} is not {_describe(field)}")
    batch = pa.RecordBatch.from_arrays(columns, schema=schema)
    if not reasons:
        return batch, ()
    malformed = tuple(Malformed(piece.line(row), "; ".join(reasons[row]), piece.text(row)) for row in sorted(reasons))
    keep = pa.array([row not in reasons for row in range(len(batch))], pa.bool_())
    return batch.filter(keep), malformed


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:60]}... ({len(str(value)):,} characters)"


def _describe(field: Field) -> str:
    article = "an" if field.type[0] in "aeiou" else "a"
    spelled = (
        "" if field.format is None else " in ISO's spelling" if field.format == ISO else f" spelled {field.format}"
    )
    return f"{article} {field.type}{spelled}"


def _column(cells: pa.Array, field: Field) -> tuple[pa.Array, list[int]]:  # noqa: PLR0911 - from fast to slow
    kind = field.arrow
    if cells.type == kind:
        return cells, []
    if not pa.types.is_string(cells.type):
        return _typed(cells, field)
    if (values := _at_once(cells, field)) is not None:
        return values, []
    cells = pc.utf8_trim(cells, characters=" ")
    cells = pc.if_else(pc.equal(cells, ""), None, cells)
    if (values := _at_once(cells, field)) is not None:
        return values, []
    if (pattern := _fast_pattern(field)) is not None:
        is_common = pc.fill_null(pc.match_substring_regex(cells, pattern), False)
        values = pc.cast(pc.if_else(is_common, cells, None), kind)
        rest = pc.and_(pc.invert(is_common), pc.is_valid(cells))
        if not pc.any(rest).as_py():
            return values, []
        slow, wrong = _distinct(pc.if_else(rest, cells, None), field)
        return pc.coalesce(values, slow), wrong
    return _distinct(cells, field)


def _typed(cells: pa.Array, field: Field) -> tuple[pa.Array, list[int]]:
    """Values that have a type already: as they are where arrow finds nothing lost, else by way of their text."""
    numbers = (pa.types.is_integer, pa.types.is_decimal)
    if any(is_kind(cells.type) for is_kind in numbers) and any(is_kind(field.arrow) for is_kind in numbers):
        try:
            return pc.cast(cells, field.arrow), []
        except pa.ArrowInvalid:
            pass
    if pa.types.is_nested(cells.type) or pa.types.is_nested(field.arrow):
        try:
            return pc.cast(cells, field.arrow), []
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return pa.nulls(len(cells), field.arrow), pc.indices_nonzero(pc.is_valid(cells)).to_pylist()
    iso = field if field.format is None else Field(field.name, field.type, format=ISO)
    texts = pc.cast(cells, pa.string())
    return (texts, []) if field.type == "text" else _column(texts, iso)


def _at_once(cells: pa.StringArray, field: Field) -> pa.Array | None:  # noqa: PLR0911 - a table of types
    """The whole column by arrow, when it is spelled as most are; None when it has to be looked at more closely."""
    try:
        if field.type == "integer":
            values = pc.cast(cells, field.arrow)
            # Arrow also takes 0x1F; what it spells again as it was is what it was.
            same = is_plain(cells) or pc.all(pc.equal(pc.cast(values, pa.string()), cells)).as_py()
            return values if same else None
        if pa.types.is_decimal(field.arrow):
            values = pc.cast(cells, field.arrow)
            if is_plain(cells, field.arrow.scale):
                return values
        if (pattern := _fast_pattern(field)) is not None:
            return pc.cast(cells, field.arrow) if pc.all(pc.match_substring_regex(cells, pattern)).as_py() else None
        if field.type == "boolean":
            return pc.cast(cells, field.arrow)
        if field.format in (ISO, _DAYS):
            return _iso(cells, field)
        if (found := field.time_pattern) is not None:
            pattern, iso = found
            if pc.all(pc.match_substring_regex(cells, pattern)).as_py():
                times = cells if field.format == _SECONDS else pc.replace_substring_regex(cells, pattern, iso)
                if field.type == "timestamp":
                    return pc.assume_timezone(pc.cast(times, pa.timestamp("us")), "UTC")
                return pc.cast(times, field.arrow)
    except pa.ArrowInvalid:
        pass
    return None


def _iso(cells: pa.StringArray, field: Field) -> pa.Array | None:
    shortest = pc.min(pc.binary_length(cells)).as_py()
    return pc.cast(cells, field.arrow) if shortest is None or shortest >= _SHORTEST.get(field.type, 10) else None


def _fast_pattern(field: Field) -> str | None:
    """What arrow casts to the type without a doubt; None when there is no such pattern."""
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
    """Each distinct cell parsed once; times have few."""
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


def _parser(field: Field) -> Callable[[str], object]:  # noqa: PLR0911 - a table of types
    if pa.types.is_decimal(field.arrow):
        return lambda text: _decimal(text, field.arrow.precision, field.arrow.scale)
    match field.type:
        case "integer":
            return _integer
        case "number":
            return _number
        case "boolean":
            return _boolean
        case "date" | "timestamp" | "timestamp_ntz" if field.format == ISO:
            return lambda text: _iso_time(text, field)
        case "date":
            return lambda text: field.parse_time(text).date()
        case "timestamp":
            return field.parse_time
        case "timestamp_ntz":
            return lambda text: field.parse_time(text).replace(tzinfo=None)
    raise ValueError(f"BUG: no way to read type {field.type!r}; please report how")


def _iso_time(text: str, field: Field) -> object:
    found = _iso(pa.array([text]), field)
    if found is None:
        raise ValueError(text)
    return found[0].as_py()


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
