"""What a rule says, as values of the column's own type, exactly, so that no engine has to widen or round to compare.

A bound between two values that a column can hold moves to the nearer one inside; a choice that it cannot hold is none.
"""

import datetime
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation, localcontext
from typing import Any, TypeAlias

Bound: TypeAlias = str | int | float | Decimal | datetime.date

_BITS = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64}


@dataclass(frozen=True, slots=True)
class Span:
    """The lowest and the highest value that are allowed, where there is such; `is_empty` when none is."""

    low: object = None
    high: object = None
    is_empty: bool = False


def span(minimum: Bound | None, maximum: Bound | None, kind: str) -> Span:
    """The bounds as values of the type. Raises ValueError, which says what does not fit."""
    low, high = (None if each is None else _value(each, kind) for each in (minimum, maximum))
    if kind in _BITS or kind.startswith("decimal"):
        least, most, step = _limits(kind)
        is_empty = False
        if low is not None:
            low = _to_step(low, step, ROUND_CEILING)
            is_empty, low = low > most, (None if low <= least else low)
        if high is not None:
            high = _to_step(high, step, ROUND_FLOOR)
            is_empty, high = is_empty or high < least, (None if high >= most else high)
        return Span(is_empty=True) if is_empty else Span(_plain(low, kind), _plain(high, kind))
    return Span(low, high)


def allowed(values: Sequence[Bound], kind: str) -> list[object]:
    """The choices that a column of the type can hold. Raises ValueError, which says what does not fit."""
    found = [_value(value, kind) for value in values]
    if kind in _BITS or kind.startswith("decimal"):
        least, most, step = _limits(kind)
        whole = [each for each in found if least <= each <= most and each == _to_step(each, step, ROUND_FLOOR)]
        return [_plain(_to_step(each, step, ROUND_FLOOR), kind) for each in whole]
    return found


def is_nested(kind: str) -> bool:
    return kind.startswith(("array<", "map<", "struct<"))


def _limits(kind: str) -> tuple[Decimal, Decimal, Decimal]:
    """The least and the most that the type holds, and the step between its values."""
    if bits := _BITS.get(kind):
        return Decimal(-(2 ** (bits - 1))), Decimal(2 ** (bits - 1) - 1), Decimal(1)
    digits, places = (int(each) for each in kind.removeprefix("decimal(").rstrip(")").split(","))
    most = Decimal((0, (9,) * digits, -places))
    return -most, most, Decimal((0, (1,), -places))


def _to_step(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    with localcontext(prec=200):
        return value.quantize(step, rounding)


def _plain(value: Decimal | None, kind: str) -> object:
    return int(value) if value is not None and kind in _BITS else value


def _value(value: Bound, kind: str) -> Any:  # noqa: PLR0911 - a type a case
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    plain = kind.partition("(")[0]
    if isinstance(value, float) and math.isnan(value):
        raise ValueError("not a number is less and more than nothing; it does not fit")
    try:
        match plain:
            case "string" if isinstance(value, str):
                return value
            case "boolean" if isinstance(value, bool):
                return value
            case "tinyint" | "smallint" | "int" | "bigint" if type(value) is int:
                return _short(Decimal(value))
            case "float" | "double" if is_number:
                number = float(value)  # type: ignore[arg-type]
                return struct.unpack("f", struct.pack("f", number))[0] if plain == "float" else number
            case "decimal" if is_number or isinstance(value, str):
                return _short(Decimal(str(value)))
            case "date" if type(value) is datetime.date:
                return value
            case "timestamp" | "timestamp_ntz" if isinstance(value, datetime.date):
                return _moment(value, is_zoned=plain == "timestamp")
    except (InvalidOperation, OverflowError):
        pass
    raise ValueError(f"{value!r} does not fit")


def _short(value: Decimal) -> Decimal:
    """The number, unless it has so many digits that no column could tell it from its neighbours."""
    if not value.is_finite() or abs(value.adjusted()) > 80 or len(value.as_tuple().digits) > 80:
        raise OverflowError
    return value


def _moment(value: datetime.date, *, is_zoned: bool) -> datetime.datetime:
    found = value if isinstance(value, datetime.datetime) else datetime.datetime.combine(value, datetime.time())
    if is_zoned:
        return (found if found.tzinfo else found.replace(tzinfo=datetime.UTC)).astimezone(datetime.UTC)
    return found.replace(tzinfo=None)
