"""What two pairs of locks differ in, package by package, and why it moved."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nbpromote.environment.conda import Asked, CondaLock
from nbpromote.environment.packages import normal_name
from nbpromote.environment.pins import Pin
from nbpromote.environment.usage import declared_in


@dataclass(frozen=True, slots=True)
class Change:
    """One package that differs: `before` and `after` are versions, None where it is not locked.

    `platforms` are those on which it differs, none for all; `needed_by` the packages that it comes along with, none for
    one that is asked for.
    """

    file: str
    name: str
    before: str | None
    after: str | None
    platforms: tuple[str, ...] = ()
    needed_by: tuple[str, ...] = ()
    is_asked: bool = False

    def __str__(self) -> str:
        if self.before is None:
            what = f"{self.name} {self.after} is new"
        elif self.after is None:
            what = f"{self.name} {self.before} goes"
        else:
            what = f"{self.name} {self.before} -> {self.after}"
        return what + (f" on {', '.join(self.platforms)}" if self.platforms else "")

    @property
    def why(self) -> str:
        """Why it is there, in words."""
        if self.after is None:
            return "nothing needs it any more"
        if self.is_asked:
            return "asked for"
        return f"came along: {_some(self.needed_by)} needs it" if self.needed_by else "came along"


def find_conda_changes(before: CondaLock | None, after: CondaLock, asked: Asked) -> tuple[Change, ...]:
    """What differs between two conda locks, what is asked for first."""
    found: dict[tuple[str, str | None, str | None], list[str]] = {}
    for platform in after.platforms:
        old = {name: _build(one.version, one.url) for name, one in before.on(platform).items()} if before else {}
        new = {name: _build(one.version, one.url) for name, one in after.on(platform).items()}
        for name, was, now in _differences(old, new):
            found.setdefault((name, was, now), []).append(platform)
    parents: dict[str, set[str]] = {}
    for package in after.packages:
        for name, _ in package.needs:
            parents.setdefault(name, set()).add(package.name)
    names = {ask.name for ask in asked.conda}
    return _sorted(
        Change(
            "conda-lock.yml",
            name,
            *_short(was, now),
            platforms=() if len(platforms) == len(after.platforms) else tuple(platforms),
            needed_by=tuple(sorted(parents.get(name, ()))),
            is_asked=name in names,
        )
        for (name, was, now), platforms in found.items()
    )


def find_pypi_changes(
    before: Sequence[Pin], after: Sequence[Pin], asked: Collection[str], needed_by: Mapping[str, Sequence[str]]
) -> tuple[Change, ...]:
    """What differs between two PyPI locks, what is asked for first.

    Args:
        before: The pins as they were.
        after: The pins as they are to be.
        asked: Names that somebody asks for.
        needed_by: Name -> the packages that need it.
    """
    old, new = _versions(before), _versions(after)
    return _sorted(
        Change(
            "requirements.lock",
            name,
            was,
            now,
            needed_by=tuple(needed_by.get(name, ())),
            is_asked=name in asked,
        )
        for name, was, now in _differences(old, new)
    )


def asked_names(asked: Asked, required: Sequence[str]) -> frozenset[str]:
    """The distributions that environment.yml or pyproject.toml asks for by name."""
    return frozenset(declared_in(asked)) | {normal_name(name) for name in required}


def _sorted(changes: Iterator[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda one: (not one.is_asked, one.name, one.platforms)))


def _differences(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[tuple[str, str | None, str | None]]:
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield name, old.get(name), new.get(name)


def _versions(pins: Sequence[Pin]) -> dict[str, str]:
    """Name -> version; a package that has another on each platform has them all."""
    found: dict[str, set[str]] = {}
    for pin in pins:
        found.setdefault(pin.name, set()).add(pin.version)
    return {name: " or ".join(sorted(versions)) for name, versions in found.items()}


def _build(version: str, url: str) -> str:
    build = url.rpartition("/")[2].removesuffix(".conda").removesuffix(".tar.bz2").rpartition("-")[2]
    return f"{version} ({build})"


def _short(was: str | None, now: str | None) -> tuple[str | None, str | None]:
    """Versions alone, unless it is only the build that differs."""
    first, second = (text.partition(" ")[0] if text else None for text in (was, now))
    return (was, now) if first == second else (first, second)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 3 else f"{', '.join(names[:2])} and {len(names) - 2} others"
