"""Numbers, text and yes or no."""

import math
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

from commonlib.parameters.problem import ParameterError, among, bounds, offer, plain, within

TRUTH: Mapping[str, bool] = {
    "true": True,
    "false": False,
    "yes": True,
    "no": False,
    "on": True,
    "off": False,
    "1": True,
    "0": False,
}
_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def integer(
    name: str,
    value: object,
    *,
    minimum: int | None = None,
    maximum: int | None = None,
    choices: Iterable[int] | None = None,
) -> int:
    """A whole number, from an int or from its digits as text. A float is none, also when nothing follows its point."""
    fits = f"give a whole number{bounds(minimum, maximum)}"
    found = plain(value)
    if isinstance(found, str) and _INTEGER.fullmatch(found.strip()):
        found = _digits(name, value, found.strip())
    if isinstance(found, bool) or not isinstance(found, int):
        if isinstance(found, float) and found.is_integer():
            fits = f"{fits}, here {int(found)}" if abs(found) < 2**53 else fits
        raise ParameterError(name, value, _unlike(found, "a whole number"), fits)
    return among(name, value, within(name, value, found, minimum=minimum, maximum=maximum, kind="a number"), choices)


def number(
    name: str,
    value: object,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: Iterable[float] | None = None,
) -> float:
    """A finite number as a float, from an int, a float, a Decimal, or text such as `0.95` or `1e-6`."""
    fits = f"give a number{bounds(minimum, maximum)}"
    found = plain(value)
    if isinstance(found, str) and _NUMBER.fullmatch(found.strip()):
        found = float(found)
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal):
        raise ParameterError(name, value, _unlike(found, "a number"), fits)
    try:
        real = float(found)
    except (OverflowError, ValueError):
        real = math.inf
    if not math.isfinite(real):
        raise ParameterError(name, value, "is not a finite number", fits)
    return among(name, value, within(name, value, real, minimum=minimum, maximum=maximum, kind="a number"), choices)


def decimal(
    name: str,
    value: object,
    *,
    minimum: Decimal | int | None = None,
    maximum: Decimal | int | None = None,
    places: int | None = None,
) -> Decimal:
    """An exact decimal number with at most so many `places`, from an int, a Decimal, or text.

    A float passes as the number that was written, up to 15 digits; with more, it may have been another one.
    """
    low = None if minimum is None else Decimal(minimum)
    high = None if maximum is None else Decimal(maximum)
    fits = f"give a decimal number{bounds(minimum, maximum)}"
    found = plain(value)
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal | str):
        raise ParameterError(name, value, _unlike(found, "a decimal number"), fits)
    if isinstance(found, str) and not _NUMBER.fullmatch(found.strip()):
        raise ParameterError(name, value, _unlike(found, "a decimal number"), fits)
    try:
        exact = Decimal(repr(found)) if isinstance(found, float) else Decimal(found)
    except InvalidOperation as error:
        raise ParameterError(name, value, "is not a decimal number", fits) from error
    if not exact.is_finite():
        raise ParameterError(name, value, "is not finite", fits)
    if isinstance(found, float) and len(exact.as_tuple().digits) > 15:
        raise ParameterError(name, value, "is a float of more than 15 digits, so not exact", "give it as text")
    if places is not None and _places(exact) > places:
        raise ParameterError(name, value, f"has more than {places} decimal places", f"{fits}, rounded to {places}")
    return within(name, value, exact, minimum=low, maximum=high, kind="a decimal number")


def text(name: str, value: object, *, choices: Iterable[str] | None = None, pattern: str | None = None) -> str:
    """Text, one of the choices if there are any, and matching the regular expression as a whole if there is one."""
    found = plain(value)
    if not isinstance(found, str):
        hint = f'; quote it: "{found}"' if isinstance(found, int | float) else ""
        raise ParameterError(name, value, _unlike(found, "text"), f"give text{hint}")
    if pattern is not None and not re.fullmatch(pattern, found):
        raise ParameterError(name, value, "does not match", f"give text that matches {pattern}")
    return among(name, value, str(found), choices)


def boolean(name: str, value: object) -> bool:
    """Yes or no, from a bool or from one of the words true, false, yes, no, on, off, 1, 0 in any case.

    The numbers 1 and 0 are none: they are more often a slip than an answer.
    """
    found = plain(value)
    if isinstance(found, str):
        word = found.strip().casefold()
        if word in TRUTH:
            return TRUTH[word]
        raise ParameterError(name, value, "is neither true nor false", offer(word, list(TRUTH)))
    if not isinstance(found, bool):
        raise ParameterError(name, value, _unlike(found, "true or false"), "give true or false")
    return found


def _digits(name: str, given: object, digits: str) -> int:
    try:
        return int(digits)
    except ValueError as error:  # more digits than sys.get_int_max_str_digits()
        raise ParameterError(name, given, "has too many digits", "give a shorter number") from error


def _places(exact: Decimal) -> int:
    """How many decimal places are more than zeros at the end. Not by `normalize`, which rounds to 28 digits."""
    _, digits, exponent = exact.as_tuple()
    written = "".join(map(str, digits)).rstrip("0")
    return -int(exponent) - (len(digits) - len(written)) if written else 0


def _unlike(value: object, wanted: str) -> str:
    if value is None:
        return f"is not set, and {wanted} is needed"
    if isinstance(value, float) and math.isnan(value):
        return f"is not a number, and {wanted} is needed"
    if isinstance(value, str):
        return f"is not {wanted}" if value.strip() else f"is empty, and {wanted} is needed"
    kind = "true or false" if isinstance(value, bool) else f"of type {type(value).__name__}"
    return f"is {kind}, not {wanted}"
