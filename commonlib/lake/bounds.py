"""The least and the greatest value of columns: what a write's own files hold, and what a whole version does.

Standard library only. A manifest keeps them for what it wrote itself; nothing is kept of columns that may be personal.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from commonlib.lake.logs import Log, Version
from commonlib.lake.manifest import Bounds, Column, Manifest

_LOOK_BACK = 1000
_TEXTS = ("string", "binary")
# Rows that were set aside are there as text, whatever they hold.
_SET_ASIDE = "_quarantine"

Statistics: TypeAlias = Mapping[str, Bounds]


@dataclass(frozen=True, slots=True)
class Secrecy:
    """Which columns of a write may hold personal data: those of these names, and texts when `with_texts`.

    When they `are_hidden`, what they hold is no longer personal, and of no use as a bound.
    """

    names: frozenset[str]
    with_texts: bool = False
    are_hidden: bool = False

    def covers(self, column: Column) -> bool:
        return column.name in self.names or (self.with_texts and column.type.startswith(_TEXTS))

    @property
    def passed_on(self) -> tuple[str, ...]:
        """The columns of which whatever is made from the write has to know."""
        return () if self.are_hidden else tuple(sorted(self.names))


def secrecy(dataset: str, details: Mapping[str, object], inputs: Iterable[Manifest]) -> Secrecy | None:
    """What may be personal in a write, by its own tags and those of what it was made from; None for all of it.

    A text column of another name can hold what was tagged in an input.
    """
    if dataset.endswith(_SET_ASIDE):
        return None
    read, are_hidden = tuple(inputs), "hidden" in details
    names = _tagged(details).union(*(_personal(one) for one in read))
    is_near = any(_personal(one) or one.dataset.endswith(_SET_ASIDE) for one in read)
    return Secrecy(frozenset(names), with_texts=is_near and not are_hidden, are_hidden=are_hidden)


def _personal(manifest: Manifest) -> set[str]:
    """What a manifest says is personal; one that was written before there were statistics says it in its details."""
    return {*manifest.personal, *(() if "hidden" in manifest.details else _tagged(manifest.details))}


def _tagged(details: Mapping[str, object]) -> set[str]:
    """The columns that were tagged as personal when they were landed, or hidden when they were published."""
    ingest, found = details.get("ingest"), set[str]()
    for tags in (ingest.get("personal") if isinstance(ingest, Mapping) else None, details.get("hidden")):
        if isinstance(tags, Mapping):
            found |= {str(name) for name in tags}
    return found


def kept(found: Statistics, columns: Iterable[Column], secret: Secrecy | None) -> Statistics:
    """Those that a manifest may say."""
    if secret is None:
        return {}
    return {column.name: found[column.name] for column in columns if column.name in found and not secret.covers(column)}


def of_version(log: Log, version: Version) -> Statistics:
    """By column, over all files of the version; columns are absent of which some write does not say it."""
    wanted = {file.path.split("/", 2)[1].partition("=")[2] for file in version.files}
    writes = []
    for number in range(version.number, max(0, version.number - _LOOK_BACK), -1):
        manifest = version.manifest if number == version.number else log.manifest(number)
        if manifest.attempt in wanted:
            wanted.remove(manifest.attempt)
            writes.append(manifest)
        if not wanted:
            break
    there = {file.path for file in version.files}
    if wanted or any(file.path not in there for one in writes for file in one.files):  # a part of it was replaced
        return {}
    return {
        column.name: bounds
        for column in version.manifest.columns
        if (bounds := _over(column, [one for one in writes if column in one.columns])) is not None
    }


def _over(column: Column, writes: Collection[Manifest]) -> Bounds | None:
    found = [one.statistics.get(column.name) for one in writes]
    return None if None in found else merged([one for one in found if one is not None], column.type)


def merged(found: Iterable[Bounds], kind: str) -> Bounds:
    """The bounds of all of them; of none when none has a value."""
    known = [one for one in found if one.min is not None and one.max is not None]
    if not known:
        return Bounds(None, None)
    order = Decimal if kind.startswith("decimal") else lambda value: value
    return Bounds(
        min((one.min for one in known), key=order),  # type: ignore[arg-type]
        max((one.max for one in known), key=order),  # type: ignore[arg-type]
    )
