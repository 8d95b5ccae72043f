"""What is known of R's functions, and of those of well-known packages: `language.toml` and `accesses.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nbpromote.analysis.facts import AccessKind, Direction

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class AccessSpec:
    """How a function names the data that it reads or writes; `direction` is None for one that is given SQL."""

    direction: Direction | None
    kind: AccessKind
    at: int | None = None
    name: str | None = None
    format: str | None = None
    mode: str | None = None
    data: int | None = None


@dataclass(frozen=True, slots=True)
class Language:
    """Names of functions, by what they do; `settings` says what a function sets for the session."""

    given: frozenset[str]
    datasets: frozenset[str]
    quoting: frozenset[str]
    scoping: frozenset[str]
    factories: frozenset[str]
    references: frozenset[str]
    changing: frozenset[str]
    attaching: frozenset[str]
    unlisted: frozenset[str]
    drawing: frozenset[str]
    looks: frozenset[str]
    quiet: frozenset[str]
    drawings: frozenset[str]
    settings: Mapping[str, str]
    accesses: Mapping[str, tuple[AccessSpec, ...]]


@cache
def language() -> Language:
    """What the two files say."""
    known = tomllib.loads((_FOLDER / "language.toml").read_text(encoding="utf-8"))
    words = {key: frozenset(value.split()) for key, value in known.items() if isinstance(value, str)}
    settings = {name: what for what, names in known["settings"].items() for name in names.split()}
    return Language(
        given=frozenset(known["given"]["functions"].split()) | frozenset(settings),
        datasets=frozenset(known["given"]["datasets"].split()),
        looks=frozenset(known["looks"]["names"].split()),
        settings=settings,
        accesses=_accesses(),
        **words,
    )


def _accesses() -> Mapping[str, tuple[AccessSpec, ...]]:
    known = tomllib.loads((_FOLDER / "accesses.toml").read_text(encoding="utf-8"))
    found: dict[str, tuple[AccessSpec, ...]] = {}
    for direction in (Direction.READ, Direction.WRITE):
        for kind, functions in known[direction.value].items():
            for name, fields in functions.items():
                found[name] = (*found.get(name, ()), AccessSpec(direction, AccessKind(kind), **fields))
    for name, fields in known["query"].items():
        found[name] = (*found.get(name, ()), AccessSpec(None, AccessKind.TABLE, **fields))
    return found
