"""What a run found in a lake in object storage, as a lake on this disk."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from commonlib.lake import logs, paths
from nbpromote.effects.files.staging import filling, room

_CALLS_AT_ONCE = 8


@contextmanager
def lake_copied(place: str, latest: Mapping[str, int], read: Iterable[tuple[str, int]] = ()) -> Iterator[Path]:
    """A lake that holds these versions of one in object storage, and takes writes of its own; gone afterwards.

    Args:
        place: the lake, such as s3://bucket/prefix.
        latest: of these datasets, the version that is the latest there; 0 where nothing was written yet.
        read: earlier versions whose files are wanted too. Of others there is no more than the entry in the log.

    Raises:
        CannotStage: no room, no right.
        CommonlibError: a version is gone, or the storage does not answer.
    """
    wanted = {*read, *latest.items()} - {(dataset, 0) for dataset in latest}
    with room("lake-") as folder:
        lake = folder / "lake"
        with filling():
            for zone in paths.ZONES:
                (lake / zone).mkdir(parents=True)
            for dataset in sorted({name for name, _ in wanted}):
                versions = {at for name, at in wanted if name == dataset}
                _copy_dataset(logs.open_log(dataset, place), latest[dataset], versions, lake)
        yield lake


def _copy_dataset(log: logs.Log, latest: int, wanted: Iterable[int], lake: Path) -> None:
    """The entries of a dataset's log up to its latest version, and the files of the versions that are wanted."""
    files = {file.path for number in wanted for file in log.find(number).files}
    entries = [paths.log_path(log.dataset, number) for number in log.numbers() if number <= latest]

    def copy(path: str) -> None:
        target = lake / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(log.storage.local(path))

    with ThreadPoolExecutor(_CALLS_AT_ONCE) as calls:
        list(calls.map(copy, [*entries, *(f"{log.dataset}/{path}" for path in files)]))
