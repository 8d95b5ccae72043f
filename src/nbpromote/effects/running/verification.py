"""Whether the files of the lake are still those that its manifests list."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from commonlib.lake import paths, retention
from commonlib.lake.errors import BadManifest
from commonlib.lake.logs import Log
from commonlib.lake.manifest import DataFile, Manifest
from nbpromote.running.retention import unneeded


class Kind(StrEnum):
    """What is wrong with a file."""

    MISSING = "missing"
    CHANGED = "changed"
    EXTRA = "extra"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Damage:
    """One file that is not as a manifest says. `path` is relative to the lake; `versions` are those that need it."""

    kind: Kind
    path: str
    reason: str
    versions: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at in one dataset, and what is wrong there.

    `unfinished` folders belong to no version: writes under way, or what dead writers left. No reader looks there.
    """

    dataset: str
    versions: int
    files: int
    bytes: int
    damage: tuple[Damage, ...]
    unfinished: tuple[str, ...]


def verify(log: Log) -> Verified:
    """Hash every file that the dataset's manifests list, and look for others beside them."""
    # Before the log is read: what is committed meanwhile is then known from the log.
    folders = log.storage.names(f"{log.dataset}/{paths.DATA}")
    manifests, damage = _manifests(log)
    wanted: dict[str, DataFile] = {}
    needed: dict[str, list[int]] = {}
    gone = retention.expired(log.events())
    removed = {file.path for file in unneeded(manifests, sorted({one.version for one in manifests} - gone.keys()))}
    for manifest in manifests:
        for file in (*manifest.files, *(manifest.carried or ()), *manifest.sources):
            if file.path in removed:
                continue
            wanted.setdefault(file.path, file)
            users = needed.setdefault(file.path, [])
            if manifest.version not in gone:
                users.append(manifest.version)
    size = 0
    for file in wanted.values():
        found = _check(log, file, tuple(needed[file.path]))
        if found is not None:
            damage.append(found)
        size += file.bytes
    committed = {f"{paths.ATTEMPT}={manifest.attempt}" for manifest in manifests}
    damage += _extra(log, committed.intersection(folders), frozenset(wanted) | removed)
    return Verified(
        str(log.dataset),
        len(manifests),
        len(wanted),
        size,
        tuple(damage),
        tuple(f"{log.dataset}/{paths.DATA}/{folder}" for folder in folders if folder not in committed),
    )


def _manifests(log: Log) -> tuple[list[Manifest], list[Damage]]:
    """The entries of the log that can be read, and what is wrong with the others."""
    numbers = log.numbers()
    manifests, damage = [], []
    for number in range(1, max(numbers, default=0) + 1):
        path = paths.log_path(log.dataset, number)
        if number not in numbers:
            damage.append(Damage(Kind.MISSING, path, "an entry of the log, and later ones are there", (number,)))
            continue
        try:
            manifest = log.manifest(number)
        except BadManifest as error:
            damage.append(Damage(Kind.UNREADABLE, path, error.reason, (number,)))
            continue
        if (manifest.dataset, manifest.version) != (str(log.dataset), number):
            told = f"it says that it is of {manifest.dataset} version {manifest.version}"
            damage.append(Damage(Kind.CHANGED, path, told, (number,)))
        manifests.append(manifest)
    return manifests, damage


def _check(log: Log, file: DataFile, versions: tuple[int, ...]) -> Damage | None:
    path = f"{log.dataset}/{file.path}"
    try:
        size, digest = log.storage.digest(path)
    except FileNotFoundError:
        return Damage(Kind.MISSING, path, f"{file.bytes:,} bytes", versions)
    except OSError as error:
        return Damage(Kind.UNREADABLE, path, error.strerror or str(error), versions)
    if size != file.bytes:
        return Damage(Kind.CHANGED, path, f"{size:,} bytes, not {file.bytes:,}", versions)
    if digest != file.sha256:
        return Damage(Kind.CHANGED, path, f"sha256 {digest[:12]}..., not {file.sha256[:12]}...", versions)
    return None


def _extra(log: Log, attempts: set[str], wanted: frozenset[str]) -> Iterator[Damage]:
    """Files that no manifest lists, in folders of committed writes, where a reader of the whole folder takes them."""
    for attempt in sorted(attempts):
        folder = f"{paths.DATA}/{attempt}"
        for name in log.storage.files(f"{log.dataset}/{folder}"):
            # As every reader of Parquet does; Spark leaves _SUCCESS and checksums.
            is_hidden = any(part.startswith(("_", ".")) for part in name.split("/"))
            if not is_hidden and f"{folder}/{name}" not in wanted:
                yield Damage(Kind.EXTRA, f"{log.dataset}/{folder}/{name}", "no manifest lists it")
