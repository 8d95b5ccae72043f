"""What differs between two versions of a dataset, from their manifests alone."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from commonlib.lake import partitions
from commonlib.lake.bounds import Statistics
from commonlib.lake.logs import Version
from commonlib.lake.manifest import Bounds, Column, DataFile

_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Change:
    """One thing before and after; None where it is not there."""

    name: str
    before: str | int | None
    after: str | int | None

    @property
    def mark(self) -> str:
        """`+` new, `-` gone, `~` changed."""
        return "+" if self.before is None else "-" if self.after is None else "~"


@dataclass(frozen=True, slots=True)
class Difference:
    """Two versions of one dataset, compared.

    `columns` change in type; `nulls` in number and `bounds` in value, where both versions state them; `parts` are the
    partitions of a table in rows, or the files of a dataset of files in bytes, `same_parts` those that neither version
    changed. `kept` files are in both, `new` and `gone` in one. `is_same` when both hold the same files, byte for byte.
    """

    before: Version
    after: Version
    columns: tuple[Change, ...]
    nulls: tuple[Change, ...]
    bounds: tuple[Change, ...]
    parts: tuple[Change, ...]
    same_parts: int
    kept: int
    new: int
    gone: int
    is_same: bool


def compare(before: Version, after: Version, old_bounds: Statistics, new_bounds: Statistics) -> Difference:
    """What changed from one version to the other; the bounds of their columns as far as they are known."""
    old, new = {file.path for file in before.files}, {file.path for file in after.files}
    parts, same_parts = _parts(before, after)
    return Difference(
        before,
        after,
        columns=_changes(_types(before.columns), _types(after.columns)),
        nulls=_nulls(before, after),
        bounds=_bounds(old_bounds, new_bounds),
        parts=parts,
        same_parts=same_parts,
        kept=len(old & new),
        new=len(new - old),
        gone=len(old - new),
        is_same=before.columns == after.columns and _content(before) == _content(after),
    )


def nulls(version: Version) -> Mapping[str, int] | None:
    """Nulls by column, of the columns that have any; None where some file of the version does not say."""
    found: Counter[str] = Counter()
    for file in version.files:
        if file.nulls is None:
            return None
        found.update(file.nulls)
    return found


def _nulls(before: Version, after: Version) -> tuple[Change, ...]:
    old, new = nulls(before), nulls(after)
    if old is None or new is None:
        return ()
    both = [column.name for column in before.columns if column in after.columns]
    return _changes({name: old.get(name, 0) for name in both}, {name: new.get(name, 0) for name in both})


def bounds_text(bounds: Bounds) -> str:
    """`1 to 1,200`, `a to z`, `2020-01-01`; nothing for a column without a value."""
    least, greatest = (_value_text(value) for value in (bounds.min, bounds.max))
    return least if least == greatest else f"{least} to {greatest}"


def _value_text(value: int | float | str | None) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int():
            return f"{value:,}"
        case float():
            return f"{value:.6g}"
    text = value.removesuffix("T00:00:00").replace("+00:00", "Z")
    return f"{text[:_SHOWN]}..." if len(text) > _SHOWN else text


def _bounds(old: Statistics, new: Statistics) -> tuple[Change, ...]:
    both = [name for name in old if name in new and old[name] != new[name]]
    return tuple(Change(name, *(bounds_text(each[name]) or "no value" for each in (old, new))) for name in both)


def _parts(before: Version, after: Version) -> tuple[tuple[Change, ...], int]:
    old, new = _by_part(before), _by_part(after)
    changed = [name for name in {**old, **new} if _hashes(old.get(name, ())) != _hashes(new.get(name, ()))]
    changes = (Change(name, _extent(old.get(name)), _extent(new.get(name))) for name in sorted(changed))
    return tuple(change for change in changes if change.name), len(old.keys() & new.keys() - {""} - set(changed))


def _by_part(version: Version) -> dict[str, list[DataFile]]:
    """The files by partition; by name in a dataset of files; all as one in a table without partitions."""
    found: dict[str, list[DataFile]] = {}
    for file in version.files:
        is_table = version.manifest.kind == "table"
        name = partitions.shown_slot(file.slot.rpartition("/")[0]) if is_table else file.slot
        found.setdefault(name, []).append(file)
    return found


def _hashes(files: Iterable[DataFile]) -> list[str]:
    return sorted(file.sha256 for file in files)


def _content(version: Version) -> dict[str, list[str]]:
    return {name: _hashes(files) for name, files in _by_part(version).items()}


def _extent(files: list[DataFile] | None) -> int | None:
    if files is None:
        return None
    return sum(file.bytes if file.rows is None else file.rows for file in files)


def _types(columns: tuple[Column, ...]) -> dict[str, str]:
    return {column.name: column.type for column in columns}


def _changes(old: Mapping[str, str | int], new: Mapping[str, str | int]) -> tuple[Change, ...]:
    names = dict.fromkeys((*old, *new))
    return tuple(Change(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name))
