"""One digest for all files of a version that a run read or wrote: what the record can prove its data by."""

from collections.abc import Iterable
from hashlib import sha256

from commonlib.errors import CommonlibError
from commonlib.lake import logs
from nbpromote.effects.files.repository import Repository
from nbpromote.running.record import Record


def digests_of(repository: Repository, record: Record) -> dict[str, str]:
    """`dataset@version` -> sha256, of everything that the run read or wrote and that is there."""
    found = {}
    for one in (*record.reads, *record.writes):
        if one.dataset is None or one.version is None:
            continue
        try:
            version = logs.open_log(one.dataset, repository.lake_root).version(one.version)
        except (CommonlibError, OSError):
            continue
        found[f"{one.dataset}@{one.version}"] = _digest(file.sha256 for file in version.files)
    return found


def _digest(files: Iterable[str]) -> str:
    return sha256("\n".join(sorted(files)).encode()).hexdigest()


def latest_versions(repository: Repository, datasets: Iterable[str]) -> dict[str, int]:
    """The latest version of each of these datasets that has one."""
    found = {}
    for dataset in datasets:
        try:
            numbers = logs.open_log(dataset, repository.lake_root).numbers()
        except (CommonlibError, OSError):
            continue
        if numbers:
            found[dataset] = max(numbers)
    return found
