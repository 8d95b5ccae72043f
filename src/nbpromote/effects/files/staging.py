"""A promoted repository and a lake to try a promotion in, before anything lands."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from commonlib.lake import paths
from nbpromote.effects.files.temporary import Folder
from nbpromote.errors import NbpromoteError
from nbpromote.promotion.plan import FileEdit

_COPIED = frozenset({"commonlib"})
_ALL: Mapping[str, int] = MappingProxyType({})
_LEFT_OUT = frozenset({".git", ".nbpromote", ".venv", "lake", "runs", "build"})


class CannotStage(NbpromoteError):
    """There is nowhere to try the promotion."""

    def __init__(self, error: OSError) -> None:
        several = error.args[0] if isinstance(error, shutil.Error) and isinstance(error.args[0], list) else ()
        reason = str(several[0][2]).partition(": '")[0] if several else error.strerror or str(error)
        super().__init__(
            f"{tempfile.gettempdir()}: a promotion cannot be tried there ({reason}); nothing was changed. "
            "Make room, or name another folder with TMPDIR"
        )


@dataclass(frozen=True, slots=True)
class Stage:
    """`root` looks like the repository with the plan applied; `lake` like its lake, and takes the writes of a proof.

    `real_root` and `real_lake` are the repository's, and `written` the datasets of it that begin empty here.
    """

    folder: Path
    root: Path
    lake: Path
    real_root: Path
    real_lake: Path
    written: frozenset[str]

    def with_fresh_lake(self, name: str) -> "Stage":
        """The stage with another lake in which nothing has been written yet."""
        lake = self.folder / name
        with filling():
            _link_lake(self.real_lake, lake, self.written)
        return replace(self, lake=lake)


@contextmanager
def room(prefix: str) -> Iterator[Path]:
    """A folder that is gone afterwards. Raises CannotStage when there can be none."""
    with filling():
        held = Folder(prefix)
    try:
        yield held.path
    finally:
        held.remove()


@contextmanager
def filling() -> Iterator[None]:
    """The writing of what is tried. Raises CannotStage for no room, no right."""
    try:
        yield
    except OSError as error:
        raise CannotStage(error) from error


@contextmanager
def staged(root: Path, lake: Path, edits: Sequence[FileEdit], written: Iterable[str]) -> Iterator[Stage]:
    """A stage that is gone afterwards.

    Args:
        root, lake: the repository and its lake; neither is written to.
        edits: what the promotion would change.
        written: the datasets that the promoted notebook writes; they begin empty on the stage.

    Raises:
        CannotStage: no room, no right.
    """
    with room("proof-") as folder:
        stage = Stage(folder, folder / "repository", folder / "lake", root, lake, frozenset(written))
        with filling():
            _copy_repository(root, stage.root, {edit.path.split("/")[0] for edit in edits} | _COPIED)
            for edit in edits:
                target = stage.root / edit.path
                target.parent.mkdir(parents=True, exist_ok=True)
                if edit.after is not None:
                    target.write_bytes(edit.after)
                else:
                    target.unlink(missing_ok=True)
            _link_lake(lake, stage.lake, stage.written)
        yield stage


@contextmanager
def lake_up_to(lake: Path, latest: Mapping[str, int]) -> Iterator[Path]:
    """A lake that looks like this one, and takes writes of its own; gone afterwards.

    Args:
        latest: of these datasets, the version that is the latest there; 0 where nothing was written yet.

    Raises:
        CannotStage: no room, no right.
    """
    with room("lake-") as folder:
        target = folder / "lake"
        with filling():
            _link_lake(lake, target, frozenset(name for name, version in latest.items() if version == 0), latest)
        yield target


def _copy_repository(root: Path, target: Path, copied: set[str]) -> None:
    """Links to what stays as it is, copies of the folders that the plan changes."""
    target.mkdir()
    for entry in os.scandir(root):
        if entry.name in _LEFT_OUT:
            continue
        if entry.name not in copied:
            (target / entry.name).symlink_to(entry.path)
        elif entry.name == "notebooks":
            _copy_notebooks(Path(entry.path), target / entry.name)
        elif entry.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(entry.path, target / entry.name, ignore=ignored, symlinks=True)


def _copy_notebooks(source: Path, target: Path) -> None:
    """Only `production` is changed by a promotion; what lies beside it may be large."""
    target.mkdir()
    for entry in os.scandir(source):
        if entry.name == "production":
            shutil.copytree(entry.path, target / entry.name, symlinks=True)
        else:
            (target / entry.name).symlink_to(entry.path)


def _link_lake(lake: Path, target: Path, written: frozenset[str], latest: Mapping[str, int] = _ALL) -> None:
    """Links to all that is in the lake, in folders of the stage's own: what a notebook writes comes to lie there."""
    for zone in paths.ZONES:
        (target / zone).mkdir(parents=True)
        source = lake / zone
        for dataset in os.scandir(source) if source.is_dir() else ():
            if f"{zone}/{dataset.name}" not in written and dataset.is_dir():
                _link_dataset(Path(dataset.path), target / zone / dataset.name, latest.get(f"{zone}/{dataset.name}"))


def _link_dataset(source: Path, target: Path, latest: int | None) -> None:
    target.mkdir()
    for part in os.scandir(source):
        if part.name not in {paths.LOG, paths.DATA}:
            (target / part.name).symlink_to(part.path)
            continue
        (target / part.name).mkdir()
        for entry in os.scandir(part.path):
            found = paths.ENTRY.fullmatch(entry.name) if part.name == paths.LOG else None
            if found and latest is not None and int(found[1]) > latest:
                continue
            (target / part.name / entry.name).symlink_to(entry.path)
