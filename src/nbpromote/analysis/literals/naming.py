"""What a person would call a literal that has no name."""

import keyword
import posixpath
import re
from typing import Protocol

from nbpromote.analysis.facts import Access, AccessKind, Direction, LiteralKind

_GENERAL = frozenset(
    "path filepath_or_buffer io path_or_buf filename file fname x y key value name lit col to_date arg data sep "  # noqa: SIM905
    "format".split()
)


class Place(Protocol):
    """Where an inline literal stands."""

    @property
    def callee(self) -> str: ...
    @property
    def keyword(self) -> str: ...
    @property
    def compared(self) -> str: ...
    @property
    def operator(self) -> str: ...


def suggested_name(value: object, kind: LiteralKind, access: Access | None, place: Place) -> str:
    """A name that is an identifier, from the keyword, what it is compared with, or the value itself."""
    name = ""
    if kind in {LiteralKind.PATH, LiteralKind.URL} and isinstance(value, str):
        name = _path_name(value, access, kind)
    elif kind in {LiteralKind.TABLE, LiteralKind.DATASET} and isinstance(value, str):
        stem = value.replace("/", ".").rpartition(".")[2]
        name = f"{stem}_{'dataset' if kind is LiteralKind.DATASET else 'table'}"
    elif kind is LiteralKind.SEED:
        name = "seed"
    elif kind is LiteralKind.DATE:
        name = _date_name(place)
    elif place.keyword and place.keyword not in _GENERAL:
        name = place.keyword
    elif place.compared:
        side = {"Lt": "max", "LtE": "max", "Gt": "min", "GtE": "min"}.get(place.operator)
        name = f"{side}_{place.compared}" if side else place.compared
    return _identifier(name or place.callee or kind.value)


def _path_name(value: str, access: Access | None, kind: LiteralKind) -> str:
    trimmed = value.rstrip("/*\\").replace("\\", "/")
    stem = _first_words(re.sub(r"(\.\w{1,8})+$", "", posixpath.basename(trimmed))) or "input"
    if kind is LiteralKind.URL:
        return f"{stem}_url"
    is_written = access is not None and access.direction is Direction.WRITE and access.kind is AccessKind.FILE
    return f"{stem}_output_path" if is_written else f"{stem}_path"


def _first_words(stem: str) -> str:
    """As many whole words of a long name as a line has room for, without a last one that leads on."""
    if len(stem) <= _LONGEST:
        return stem
    while len(stem) > _LONGEST and (shorter := re.sub(r"[\W_]+[^\W_]*$", "", stem)) not in {"", stem}:
        stem = shorter
    return _LEADS_ON.sub("", stem) or stem


_LONGEST = 32
_LEADS_ON = re.compile(r"([\W_]+(?:\d+|to|of|and|by|from|for|in|with|the))+$", re.IGNORECASE)


def _date_name(place: Place) -> str:
    if place.keyword and place.keyword not in _GENERAL:
        return place.keyword
    side = {"Lt": "end", "LtE": "end", "Gt": "start", "GtE": "start"}.get(place.operator)
    if side:
        return f"{side}_date"
    return place.compared if place.compared and place.compared not in _GENERAL else "date"


def _identifier(text: str) -> str:
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    name = re.sub(r"\W+", "_", text, flags=re.A).strip("_").lower()
    name = re.sub(r"_+", "_", name) or "value"
    if name[0].isdigit():
        name = f"value_{name}"
    return f"{name}_" if keyword.iskeyword(name) else "day" if name == "date" else name
