"""Words that somebody typed, and values from a file, fitted to a parameter's type or refused."""

import json
import math
import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches

from nbpromote.running import secret
from nbpromote.running.kinds import EXAMPLES, Kind, Type

# What Papermill injects as it is. Dates and decimals go as text, which the notebook's check cell reads back.
Injected = None | bool | int | float | str | list["Injected"] | dict[str, "Injected"]

_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}


class Unfit(ValueError):
    """A value that does not fit; its text says what would."""


def from_words(words: str, wanted: Type) -> Injected:  # noqa: PLR0911
    """The value that somebody meant who typed these words for a parameter of this type.

    Raises:
        Unfit: they are no such value.
    """
    if wanted.is_optional and words.strip().lower() in {"none", "null"}:
        return None
    if words.startswith(secret.PREFIX):
        return _reference(words, wanted)
    if wanted.choices:
        for choice in wanted.choices:
            if str(choice) == words or (isinstance(choice, bool) and _boolean(words) is choice):
                return choice  # type: ignore[return-value]  # a literal of the declaration
        near = get_close_matches(words, [str(choice) for choice in wanted.choices], 1)
        raise Unfit(f"{words!r} is not {wanted.expected}" + (f"; did you mean {near[0]}?" if near else ""))
    match wanted.kind:
        case Kind.STR:
            return words
        case Kind.LIST:
            return [from_words(item, wanted.of or _GUESS) for item in _items(words)]
        case Kind.ANY:
            return _guess(words)
        case Kind.INT if re.fullmatch(r"[+-]?\d+", words.strip()):
            return int(words)
        case Kind.FLOAT if (number := _float(words)) is not None:
            return number
        case Kind.BOOL if (truth := _boolean(words)) is not None:
            return truth
        case Kind.DATE | Kind.DATETIME | Kind.DECIMAL if (text := _canonical(words, wanted.kind)) is not None:
            return text
    raise Unfit(f"{words!r} is not {wanted.expected}")


def from_value(value: object, wanted: Type) -> Injected:  # noqa: PLR0911, PLR0912
    """The value that a file of parameters gives for a parameter of this type; text is not taken for a number.

    Raises:
        Unfit: it is no such value.
    """
    if value is None:
        if wanted.is_optional or wanted.kind is Kind.ANY:
            return None
        raise Unfit(f"None is not {wanted.expected}; leave it out for the default")
    if isinstance(value, str) and value.startswith(secret.PREFIX):
        return _reference(value, wanted)
    if wanted.choices:
        if any(value == choice and type(value) is type(choice) for choice in wanted.choices):
            return value  # type: ignore[return-value]
        return from_words(str(value), Type(Kind.STR, choices=wanted.choices))
    match value, wanted.kind:
        case bool(), Kind.BOOL | Kind.ANY:
            return bool(value)
        case bool(), _:
            pass
        case int(), Kind.INT | Kind.ANY:
            return value
        case int() | float(), Kind.FLOAT:
            return float(value)
        case float(), Kind.ANY:
            return value
        case int() | float(), Kind.DECIMAL:
            return str(value)
        case str(), Kind.STR | Kind.ANY:
            return value
        case str(), Kind.DATE | Kind.DATETIME | Kind.DECIMAL:
            return from_words(value, wanted)
        case datetime(), Kind.DATETIME:
            return value.isoformat()
        case date(), Kind.DATE if not isinstance(value, datetime):
            return value.isoformat()
        case datetime(), Kind.DATE if value.isoformat().endswith("T00:00:00"):  # as pandas keeps dates
            return value.date().isoformat()
        case list() | tuple(), Kind.LIST | Kind.ANY:
            return [from_value(item, wanted.of or _GUESS) for item in value]
        case dict(), Kind.ANY if all(isinstance(name, str) for name in value):
            return {name: from_value(item, _GUESS) for name, item in value.items()}
    quote = "; write it without quotes" if isinstance(value, str) else ""
    quote = "; write it in quotes" if wanted.kind is Kind.STR and not isinstance(value, list | dict) else quote
    shown = value.isoformat() if isinstance(value, date) else value
    raise Unfit(f"{shown!r} is not {wanted.expected}{quote}")


def _reference(words: str, wanted: Type) -> str:
    found = secret.parse(words)
    if found is None:
        raise Unfit(f"{words!r} is no reference to a secret; write secret:scope/key")
    if wanted.kind not in {Kind.STR, Kind.ANY} or wanted.choices:
        raise Unfit(f"a secret is text, and here {wanted.expected} is needed")
    return str(found)


_GUESS = Type(Kind.ANY)


def _items(words: str) -> list[str]:
    text = words.strip()
    if text.startswith("["):
        try:
            return [item if isinstance(item, str) else json.dumps(item) for item in json.loads(text)]
        except ValueError:
            if not text.endswith("]"):
                raise Unfit(f"{words!r} is not {EXAMPLES[Kind.LIST]}") from None
            text = text[1:-1]
    return [item.strip().strip("'\"") for item in text.split(",")] if text.strip() else []


def _guess(words: str) -> Injected:
    if words.strip().startswith(("{", "[")):
        try:
            return from_value(json.loads(words), _GUESS)
        except ValueError:  # text that only begins so; Unfit is one, too
            return words
    for kind in (Kind.INT, Kind.FLOAT):
        try:
            return from_words(words, Type(kind))
        except Unfit:
            continue
    named = {"none": None, "null": None, "true": True, "false": False}
    return named.get(words.strip().lower(), words)


def _float(words: str) -> float | None:
    try:
        number = float(words)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in words else None


def _boolean(words: str) -> bool | None:
    word = words.strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def _canonical(words: str, kind: Kind) -> str | None:
    text = words.strip()
    try:
        match kind:
            case Kind.DATE:
                return date.fromisoformat(text).isoformat() if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
            case Kind.DATETIME:
                return datetime.fromisoformat(text).isoformat() if re.match(r"\d{4}-\d{2}-\d{2}", text) else None
            case _:
                return text if Decimal(text).is_finite() else None
    except (ValueError, InvalidOperation):
        return None
