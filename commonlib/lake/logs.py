"""How the log of a dataset is read: its versions, each with every file that it consists of. Standard library only."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from commonlib.lake import moments, paths, retention
from commonlib.lake.errors import Expired, LakeError, NotFound
from commonlib.lake.manifest import Column, DataFile, Manifest, is_under, parse
from commonlib.lake.storage import Storage, open_storage


@dataclass(frozen=True, slots=True)
class Version:
    """A committed version of a dataset, with every file that it consists of."""

    manifest: Manifest
    files: tuple[DataFile, ...]
    folder: str

    @property
    def dataset(self) -> str:
        return self.manifest.dataset

    @property
    def number(self) -> int:
        return self.manifest.version

    @property
    def rows(self) -> int | None:
        return self.manifest.rows

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns that readers get, those of the partition last."""
        return self.manifest.columns + self.manifest.partition_columns

    @property
    def path(self) -> str:
        """The folder that this version's own write made."""
        return f"{self.folder}/{paths.DATA}/{paths.ATTEMPT}={self.manifest.attempt}"

    def _ipython_display_(self) -> None:
        """Nothing: at the end of a cell, the receipt has said it all."""

    @property
    def paths(self) -> tuple[str, ...]:
        """All files of the version, to be opened by anything that reads Parquet."""
        return tuple(f"{self.folder}/{file.path}" for file in self.files)


class Log:
    """The committed versions of one dataset; reads the log and nothing else."""

    def __init__(self, storage: Storage, dataset: paths.Dataset) -> None:
        self.storage, self.dataset = storage, dataset

    def numbers(self) -> list[int]:
        names = self.storage.names(paths.log_folder(self.dataset))
        return [int(match[1]) for name in names if (match := paths.ENTRY.fullmatch(name))]

    def manifest(self, number: int) -> Manifest:
        """One entry. Raises NotFound."""
        path = paths.log_path(self.dataset, number)
        try:
            return parse(self.storage.read(path), self.storage.location(path))
        except FileNotFoundError:
            raise self._missing(number) from None

    def version(self, number: int) -> Version:
        """One version with all its files. Raises NotFound."""
        manifest = self.manifest(number)
        chain = [manifest]
        while chain[-1].carried is None:
            chain.append(self.manifest(chain[-1].version - 1))
        files = (chain[-1].carried or ()) + chain[-1].files
        for later in reversed(chain[:-1]):
            kept = tuple(file for file in files if later.replaces and not is_under(file.slot, later.replaces))
            files = kept + later.files
        return Version(manifest, files, self.storage.location(str(self.dataset)))

    def latest(self) -> Version | None:
        numbers = self.numbers()
        return self.version(numbers[-1]) if numbers else None

    def find(self, number: int | None = None, as_of: str | datetime | None = None) -> Version:
        """The version named, or the latest as of a time, which says its zone, or the latest.

        Raises NotFound, Expired, BadMoment.
        """
        if number is not None and as_of is not None:
            raise LakeError(f"{self.dataset}: both version {number} and a time were named; name one of them")
        if number is not None:
            return self._unexpired(self.version(number))
        if as_of is not None:
            return self._unexpired(self.as_of(moments.parse(as_of)))
        if (latest := self.latest()) is None:
            raise self._missing(None)
        return latest

    def as_of(self, moment: datetime) -> Version:
        """The version that was the latest at that moment, which has a time zone. Raises NotFound.

        The times in a log never go back (`commit` sees to it), so few entries are read even of a long log.
        """
        numbers = self.numbers()
        if not numbers:
            raise self._missing(None)
        found = bisect_right(numbers, moment, key=lambda number: self.manifest(number).moment)
        if not found:
            first = self.manifest(numbers[0])
            raise NotFound(
                f"{self.dataset}: nothing was committed as of {moment.isoformat()}; "
                f"the first version there is, {first.version}, is of {first.created}"
            )
        return self.version(numbers[found - 1])

    def events(self) -> tuple[retention.Event, ...]:
        """What retention did to the dataset, oldest first."""
        return retention.read(self.storage, self.dataset)

    def _unexpired(self, version: Version) -> Version:
        if (event := retention.expired(self.events()).get(version.number)) is not None:
            raise Expired(str(self.dataset), version.number, event.created, event.by, event.reason)
        return version

    def _missing(self, number: int | None) -> NotFound:
        numbers = self.numbers()
        if not numbers:
            return NotFound(
                f"{self.dataset}: no version was ever committed in {self.storage.location('')}; ingest or write it "
                "first, or point LAKE_ROOT at the lake that has it"
            )
        return NotFound(f"{self.dataset}: no version {number}; there are {numbers[0]} to {numbers[-1]}")


def open_log(dataset: str, root: Path | str | None = None) -> Log:
    """The log of `zone/name` in the lake at `root`. Raises BadName."""
    return Log(open_storage(root), paths.parse_dataset(dataset))


def list_datasets(root: Path | str | None = None) -> Iterator[str]:
    """Every dataset with a committed version, zone by zone."""
    storage = open_storage(root)
    for zone in paths.ZONES:
        for name in storage.names(zone):
            if any(paths.ENTRY.fullmatch(entry) for entry in storage.names(f"{zone}/{name}/{paths.LOG}")):
                yield f"{zone}/{name}"


def versions(dataset: str, root: Path | str | None = None) -> tuple[Version, ...]:
    """The committed versions that have not expired, oldest first; none when the dataset was never written."""
    log = open_log(dataset, root)
    gone = retention.expired(log.events())
    return tuple(log.version(number) for number in log.numbers() if number not in gone)


def latest(dataset: str, root: Path | str | None = None) -> Version | None:
    """The latest committed version, or None when the dataset was never written."""
    return open_log(dataset, root).latest()
