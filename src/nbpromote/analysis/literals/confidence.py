"""How sure it is that a person would want a literal as a parameter, and why."""

import re
from typing import Protocol

from nbpromote.analysis.facts import Access, AccessKind, Direction, LiteralKind
from nbpromote.analysis.literals.kinds import is_data_file, sounds_like_date, sounds_like_setting

_NAMED = {
    LiteralKind.PATH: (0.9, "names a file or folder"),
    LiteralKind.DATASET: (0.9, "names a dataset"),
    LiteralKind.TABLE: (0.85, "names a table"),
    LiteralKind.URL: (0.75, "names an address"),
    LiteralKind.DATE: (0.95, "is a date"),
    LiteralKind.DATE_FORMAT: (0.3, "is a date format, which goes with the data"),
    LiteralKind.SEED: (0.75, "is a seed of random numbers"),
    LiteralKind.THRESHOLD: (0.8, "is a threshold by its name"),
    LiteralKind.NUMBER: (0.45, "is a number"),
    LiteralKind.TEXT: (0.4, "is a text"),
    LiteralKind.CHOICE: (0.6, "is one of a few choices"),
    LiteralKind.BOOLEAN: (0.5, "is a switch"),
    LiteralKind.COLUMNS: (0.25, "names columns, which go with the code"),
    LiteralKind.MODEL_CONSTANT: (0.35, "is a setting of the model, which goes with the code"),
    LiteralKind.COLOUR: (0.1, "is a colour, which goes with the plots"),
    LiteralKind.CREDENTIAL: (0.0, "looks like a credential, which must never be a parameter"),
}
_INLINE = {
    LiteralKind.PATH: (0.55, "looks like a path"),
    LiteralKind.DATASET: (0.5, "names a dataset"),
    LiteralKind.TABLE: (0.4, "names a table"),
    LiteralKind.URL: (0.45, "looks like an address"),
    LiteralKind.DATE: (0.75, "is a date written inline"),
    LiteralKind.SEED: (0.45, "is a seed of random numbers, written inline"),
    LiteralKind.DATE_FORMAT: (0.15, "is a date format, which goes with the data"),
    LiteralKind.MODEL_CONSTANT: (0.2, "is a setting of the model, written inline"),
    LiteralKind.CREDENTIAL: (0.0, "looks like a credential, which must never be a parameter"),
}
_FIXED = frozenset({
    LiteralKind.COLUMNS, LiteralKind.MODEL_CONSTANT, LiteralKind.DATE_FORMAT, LiteralKind.COLOUR,
    LiteralKind.CREDENTIAL,
})  # fmt: skip


class Place(Protocol):
    """Where an inline literal stands."""

    @property
    def keyword(self) -> str: ...
    @property
    def compared(self) -> str: ...
    @property
    def operator(self) -> str: ...
    @property
    def in_function(self) -> bool: ...


def named_confidence(  # noqa: PLR0912
    name: str,
    value: object,
    kind: LiteralKind,
    comment: str | None,
    *,
    times_bound: int,
    readers: int,
    is_changed: bool,
    access: Access | None,
) -> tuple[float, str]:
    """Confidence and reason for a literal that has a name of its own."""
    confidence, reason = _NAMED[kind]
    if kind is LiteralKind.CREDENTIAL:
        return confidence, reason
    if access is not None and kind not in _FIXED:
        verb = "read" if access.direction is Direction.READ else "written"
        confidence, reason = (0.95, f"names what is {verb}") if verb == "read" else (0.7, f"names what is {verb}")
    elif kind in {LiteralKind.NUMBER, LiteralKind.TEXT, LiteralKind.BOOLEAN}:
        if sounds_like_setting(name) and kind is LiteralKind.NUMBER:
            confidence, reason = 0.7, "is a setting by its name"
        if name.isupper():
            confidence, reason = confidence + 0.2, f"{reason}, written as a constant"
    elif kind is LiteralKind.DATE and not sounds_like_date(name) and isinstance(value, int):
        confidence = 0.5
    if name.isupper() and kind not in _FIXED:
        confidence += 0.03
    if comment and kind not in _FIXED:
        confidence += 0.05
        if kind is LiteralKind.TEXT and _is_one_of(str(value), comment):
            confidence, reason = max(confidence, 0.7), "its comment says what else it could be"
    if len(name) == 1 or name.startswith("_"):
        confidence, reason = confidence * 0.4, f"{reason}, but its name says nothing"
    if times_bound > 1:
        confidence, reason = confidence * 0.4, f"{reason}, but {name} is bound {times_bound} times"
    if is_changed and not isinstance(value, list | tuple):
        confidence, reason = confidence * 0.5, f"{reason}, but it is changed or deleted later"
    elif is_changed:
        confidence, reason = confidence * 0.2, f"{reason}, but it is changed later"
    if not readers:
        confidence, reason = 0.1, "nothing uses it"
    return round(min(confidence, 0.99), 2), reason


def inline_confidence(value: object, kind: LiteralKind, access: Access | None, place: Place) -> tuple[float, str]:
    """Confidence and reason for a literal that is written inside a call or comparison; 0 for one not worth a word."""
    confidence, reason = _INLINE.get(kind, (0.0, ""))
    if access is not None and access.kind is AccessKind.SECRET:
        return 0.0, "names a secret"
    if access is not None and kind not in _FIXED:
        is_read = access.direction is Direction.READ
        confidence, reason = (0.85, "names what is read") if is_read else (0.6, "names what is written")
    elif kind in {LiteralKind.NUMBER, LiteralKind.THRESHOLD} and place.compared and place.operator in _ORDERS:
        trivial = value in {0, 1, -1, 2}
        confidence, reason = (0.1, "is compared with data") if trivial else (0.4, f"is a limit on {place.compared}")
    elif kind is LiteralKind.THRESHOLD and place.keyword:
        confidence, reason = 0.25, f"is given as {place.keyword}"
    elif kind in {LiteralKind.PATH, LiteralKind.URL} and not place.keyword:
        confidence = 0.35
    elif kind is LiteralKind.PATH and not is_data_file(value):
        confidence, reason = 0.4, "looks like a path, but nothing is seen to read it"
    if place.in_function:
        confidence = round(confidence * 0.8, 2)
    return confidence, reason


def _is_one_of(value: str, comment: str) -> bool:
    """Whether the comment lists choices, and the value is one of them."""
    words = [word.strip(" \"'`.") for word in re.split(r",|\||/|\bor\b|:|;", comment)]
    return len(words) >= 3 and value in words


_ORDERS = frozenset({"Lt", "LtE", "Gt", "GtE"})
