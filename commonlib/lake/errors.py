"""What the lake refuses, each with the values that a caller may want. Standard library only."""

from collections.abc import Sequence

from commonlib.errors import CommonlibError


class LakeError(CommonlibError):
    """Something about the lake was refused or failed; whatever was committed before is as it was."""


class BadName(LakeError, ValueError):
    """A dataset, file or partition column whose name cannot be kept."""


class BadMoment(LakeError, ValueError):
    """A time to read as of that is no certain moment."""

    def __init__(self, moment: object, reason: str) -> None:
        self.moment = moment
        super().__init__(
            f"as of {str(moment)!r}: {reason}; write it with its zone, for example 2026-11-22T09:15:00Z or "
            "2026-11-22T10:15:00+01:00"
        )


class NotFound(LakeError, LookupError):
    """A dataset, version or file that was never committed."""


class Expired(NotFound):
    """A version that was committed, and whose files retention has taken away."""

    def __init__(self, dataset: str, version: int, created: str, by: str, reason: str) -> None:
        self.dataset, self.version = dataset, version
        super().__init__(
            f"{dataset}: version {version} expired on {created[:10]} by {by} ({reason}); "
            'its manifest is left, its files are gone. "nbpromote data history" shows what can be read'
        )


class LeaseOver(LakeError):
    """A write that took so long that its files may have been removed as a dead writer's; nothing was published."""

    def __init__(self, dataset: str, days: int) -> None:
        self.dataset = dataset
        super().__init__(
            f"{dataset}: this write began more than {days} days ago; nothing was published, write it again"
        )


class BadManifest(LakeError):
    """An entry of a dataset's log that nothing of ours can have written."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: not a manifest that can be read: {reason}")


class SchemaRefused(LakeError, ValueError):
    """Columns that cannot be kept as Parquet, or that do not fit what the dataset holds already."""


class WriteNotProven(LakeError):
    """What lies on the disk is not what was observed while writing; nothing was published."""

    def __init__(self, dataset: str, observed: int, found: int) -> None:
        self.dataset, self.observed, self.found = dataset, observed, found
        super().__init__(
            f"{dataset}: {observed:,} rows were observed while writing, but the files' footers count {found:,}; "
            "nothing was published, write it again"
        )


class StorageFailed(LakeError):
    """The disk or the store refused, or did not answer; what was to be published is not known to be."""

    def __init__(self, location: str, reason: str) -> None:
        self.location, self.reason = location, reason
        super().__init__(f"{location}: {reason}")


class PartitionTaken(LakeError):
    """Another run committed the same partition while this one was writing it."""

    def __init__(self, dataset: str, partition: str, winner: int) -> None:
        self.dataset, self.partition, self.winner = dataset, partition, winner
        super().__init__(
            f"{dataset}: partition {partition} was written by another run meanwhile (version {winner}); "
            "nothing was published, run again to replace it"
        )


def duplicates(names: Sequence[str]) -> list[str]:
    """The names that occur more than once, in whatever case, each spelling once."""
    folded = [name.casefold() for name in names]
    return sorted({name for name, key in zip(names, folded, strict=True) if folded.count(key) > 1})
