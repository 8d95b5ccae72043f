"""What one function, method or type of a library does, and how TOML says it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from nbpromote.analysis.facts import AccessKind, Direction


@dataclass(frozen=True, slots=True)
class AccessSpec:
    """Where a call names the data that it reads or writes.

    `position` and `argument` say which argument names it, `data` which argument is written (None: the receiver);
    `is_query` means that the argument is SQL. `mode` is a fixed write mode; `overwrite` the position of an argument of
    that name that asks for it. `bucket` is the argument that names the bucket in which a key stands.
    """

    direction: Direction
    kind: AccessKind
    position: int | None
    argument: str | None
    data: int | None = None
    format: str | None = None
    mode: str | None = None
    is_query: bool = False
    overwrite: int | None = None
    bucket: tuple[int | None, str | None] | None = None


@dataclass(frozen=True, slots=True)
class CallSpec:
    """What one function or method does.

    `returns` is a type, `self` for the receiver itself, `same` for a new object of the receiver's type, empty when not
    known. `changes` are the arguments changed in place (positions, names, `self`); `shares` are those that the result
    is or is a view of; `holds` that the receiver keeps its arguments. `random` names the argument that fixes the random
    numbers; `state` is a resource that it changes.
    """

    returns: str = ""
    changes: tuple[int | str, ...] = ()
    shares: tuple[int | str, ...] = ()
    holds: bool = False
    is_inplace_by_argument: bool = False
    random: str | None = None
    state: str | None = None
    reads_state: tuple[str, ...] = ()
    accesses: tuple[AccessSpec, ...] = ()
    is_peek: bool = False
    shows: bool = False


@dataclass(slots=True)
class TypeSpec:
    """A type: its methods, its attributes, and what subscripting gives."""

    name: str
    default: CallSpec | None
    methods: dict[str, CallSpec] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)
    element: str = ""
    views: frozenset[str] = frozenset()
    base: str = ""


PURE = CallSpec()
_MODES = {"read": Direction.READ, "write": Direction.WRITE}


def collect(found: dict[str, CallSpec], entry: Mapping[str, Any], *, prefix: str) -> None:
    """Add what these entries say of functions or methods, each under its name with the prefix."""

    def change(names: Iterable[str], **changes: Any) -> None:
        for name in names:
            full = prefix + name
            found[full] = replace(found.get(full, PURE), **changes)

    for type_name, names in entry.get("returns", {}).items():
        change(words(names), returns=type_name)
    change(words(entry.get("same", "")), returns="same")
    change(words(entry.get("pure", "")))
    change(words(entry.get("self", "")), returns="self")
    change(words(entry.get("changes_self", "")), changes=("self",))
    for name, arguments in entry.get("changes", {}).items():
        change([name], changes=tuple(arguments))
    for name, arguments in entry.get("shares", {}).items():
        change([name], shares=tuple(arguments))
    change(words(entry.get("shares_self", "")), shares=("self",))
    change(words(entry.get("holds", "")), changes=("self",), holds=True)
    change(words(entry.get("inplace", "")), is_inplace_by_argument=True)
    for argument, names in entry.get("random", {}).items():
        change(words(names), random=argument)
    for state, names in entry.get("sets", {}).items():
        change(words(names), state=state)
    for state, names in entry.get("needs", {}).items():
        for name in words(names):
            change([name], reads_state=(*found.get(prefix + name, PURE).reads_state, state))
    change(words(entry.get("peeks", "")), is_peek=True)
    change(words(entry.get("shows", "")), shows=True)
    for word, direction in _MODES.items():
        for name, access in entry.get(f"{word}s", {}).items():
            made = _access(direction, access)
            others = (each for each in found.get(prefix + name, PURE).accesses if each.direction is not direction)
            change([name], accesses=(*others, made))


def _access(direction: Direction, entry: Mapping[str, Any]) -> AccessSpec:
    for kind in ("file", "table", "view", "url", "dataset", "secret", "query"):
        if kind in entry:
            where = entry[kind]
            break
    else:
        raise ValueError(f"BUG: a specification names no data: {entry}")
    kinds = {"view": AccessKind.TEMP_VIEW, "query": AccessKind.TABLE}
    return AccessSpec(
        direction,
        kinds.get(kind) or AccessKind(kind),
        *_argument(where),
        entry.get("data"),
        entry.get("format"),
        entry.get("mode"),
        kind == "query",
        entry.get("overwrite"),
        _argument(entry["bucket"]) if "bucket" in entry else None,
    )


def _argument(where: Iterable[object]) -> tuple[int | None, str | None]:
    """The position and the name of an argument, as far as they are given."""
    told = list(where)
    return (
        next((each for each in told if isinstance(each, int)), None),
        next((each for each in told if isinstance(each, str)), None),
    )


def by_name(groups: Mapping[str, str]) -> dict[str, str]:
    """Name -> type, of groups of names by type."""
    return {name: type_name for type_name, names in groups.items() for name in words(names)}


def words(text: str) -> list[str]:
    """The names in a text, with blanks between them."""
    return text.split()
