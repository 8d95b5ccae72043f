"""The one writer of a repository's files: all edits of a plan, or none."""

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from nbpromote.effects import git
from nbpromote.effects.files import journal, landed, repository
from nbpromote.effects.files.journal import Entry
from nbpromote.effects.files.locker import Busy, locked
from nbpromote.effects.files.signals import held
from nbpromote.errors import NbpromoteError
from nbpromote.promotion.plan import FileEdit

STATE = ".nbpromote"
_FORBIDDEN = {".git", STATE}


class RefusedPath(NbpromoteError):
    """An edit of something that a promotion has no business with."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}; nothing was changed")


class ChangedMeanwhile(NbpromoteError):
    """Files are not any more what the plan was made from."""

    def __init__(self, paths: tuple[str, ...]) -> None:
        self.paths = paths
        super().__init__(f"{', '.join(paths)}: changed since the plan was made; plan again. Nothing was changed")


class ApplyFailed(NbpromoteError):
    """The files could not be written, and are as they were."""

    def __init__(self, path: str, reason: str, kept: tuple[str, ...] = ()) -> None:
        self.path, self.reason, self.kept = path, reason, kept
        left = f", except {', '.join(kept)}, which something else changed meanwhile" if kept else ""
        super().__init__(f"{path}: cannot be written ({reason}); every file is as it was{left}")


class Workspace:
    """The files under one root.

    Making one takes back an apply that was killed half-way: `recovered` names the files that were put back.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.branch: str | None = None
        self._state = self.root / STATE
        self._folder = self._state / "apply"
        self.recovered: tuple[str, ...] = ()
        if journal.read(self._folder) is not None:
            try:
                with self._locked():
                    self.recovered = self._recover()
            except Busy:
                pass  # no killed apply, but one at work

    def read_bytes(self, path: str) -> bytes | None:
        """The content of the file at this path below the root; None when there is none."""
        return _content(self._locate(path), path)

    def files(self, folder: str) -> tuple[str, ...]:
        """The paths of the files right in this folder below the root, sorted; none when it is not there."""
        place = self.root / folder
        found = place.iterdir() if place.is_dir() else ()
        return tuple(sorted(f"{folder}/{path.name}" for path in found if path.is_file() and not path.is_symlink()))

    def landed(self, path: str) -> tuple[str, ...]:
        """The datasets of the lake that hold what the file at this path holds; none of a lake that is not on a disk."""
        found = repository.find(self.root)
        return landed.datasets_of(self.root / path, found.folder("lake")) if found.remote_lake is None else ()

    def check_writable(self) -> None:
        """Find out before long work whether its result could be written.

        Raises:
            ApplyFailed: no room, no right.
        """
        try:
            self._prepare()
            with tempfile.TemporaryFile(dir=self._state) as file:
                file.write(b"\0" * 4096)
        except OSError as error:
            raise ApplyFailed(STATE, error.strerror or str(error)) from error

    def overlay(self) -> tuple[FileEdit, ...]:
        """What a stage needs beside the files of the work tree; nothing."""
        return ()

    def prepare(self, edits: Sequence[FileEdit], message: str) -> dict[str, str | None]:  # noqa: ARG002 - for branches
        """Get ready to apply; what there is to remember of the place."""
        return {"on": git.branch(self.root)}

    def apply(self, edits: Sequence[FileEdit]) -> None:
        """Make all these edits, or none.

        A file that is replaced keeps its mode; folders are made as needed, and one that an edit empties goes.

        Raises:
            RefusedPath: a path outside the root, in `.git`, given twice, or through a symbolic link.
            ChangedMeanwhile: a file is not what its edit's `before` says.
            ApplyFailed: no room, no right: every file is as it was.
            Busy: another process is applying.
            KeyboardInterrupt: interrupted before the last file was in place; every file is as it was.
        """
        wanted = tuple(edit for edit in edits if edit.before != edit.after)
        if len({edit.path for edit in wanted}) != len(wanted):
            twice = next(edit.path for edit in wanted if [other.path for other in wanted].count(edit.path) > 1)
            raise RefusedPath(twice, "is edited twice by one plan")
        targets = [self._locate(edit.path) for edit in wanted]
        if not wanted:
            return
        try:
            with self._locked():
                self.recovered += self._recover()
                self._apply(wanted, targets)
        except OSError as error:
            raise ApplyFailed(_shown(error, self.root), error.strerror or str(error)) from error

    def _apply(self, edits: tuple[FileEdit, ...], targets: list[Path]) -> None:
        changed = [e.path for e, target in zip(edits, targets, strict=True) if _content(target, e.path) != e.before]
        if changed:
            raise ChangedMeanwhile(tuple(changed))
        try:
            entries = journal.begin(self._folder, edits, tuple(_mode(target) for target in targets))
        except BaseException:
            journal.end(self._folder)
            raise
        made: list[Path] = []
        with held() as is_interrupted:
            try:
                for entry, target in zip(entries, targets, strict=True):
                    self._put(entry, target, made)
                    if is_interrupted():
                        raise KeyboardInterrupt
                for folder in {target.parent for target in targets if target.parent.is_dir()}:
                    journal.sync_folder(folder)
                if is_interrupted():
                    raise KeyboardInterrupt
            except BaseException as error:
                kept = self._take_back(entries)
                for folder in reversed(made):
                    _remove_empty(folder, self.root)
                if isinstance(error, OSError):
                    raise ApplyFailed(_shown(error, self.root), error.strerror or str(error), kept) from error
                raise
            journal.end(self._folder)

    def _put(self, entry: Entry, target: Path, made: list[Path]) -> None:
        if entry.after is None:
            target.unlink()
            _remove_empty(target.parent, self.root)
            return
        missing = [parent for parent in target.parents if not parent.exists()]
        for parent in reversed(missing):
            parent.mkdir()
            made.append(parent)
        _move(self._folder / f"{entry.number}.after", target)

    def _recover(self) -> tuple[str, ...]:
        entries = journal.read(self._folder)
        if entries is None:
            return ()
        with held():
            restored = tuple(entry.path for entry in entries if self._is_changed(entry))
            self._take_back(entries)
        return restored

    def _is_changed(self, entry: Entry) -> bool:
        return _digest_now(self.root / entry.path) != entry.before

    def _take_back(self, entries: tuple[Entry, ...]) -> tuple[str, ...]:
        """Put every file back as the journal has it, and end the journal.

        A file that is neither what it was nor what it was to become is somebody's work: it stays, is returned, and what
        it was before lies under `.nbpromote/rescued/`.
        """
        kept = []
        for entry in reversed(entries):
            target = self.root / entry.path
            now = _digest_now(target)
            backup = self._folder / f"{entry.number}.before"
            if now == entry.before:
                continue
            if now not in (entry.after, None):
                kept.append(entry.path)
                if entry.before is not None:
                    rescued = self._state / "rescued" / entry.path
                    rescued.parent.mkdir(parents=True, exist_ok=True)
                    _move(backup, rescued)
            elif entry.before is None:
                target.unlink(missing_ok=True)
                _remove_empty(target.parent, self.root)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                _move(backup, target)
        journal.end(self._folder)
        return tuple(kept)

    def _locate(self, path: str) -> Path:
        """The file that this path names, if an edit may touch it."""
        parts = PurePosixPath(path).parts
        if not parts or path.startswith("/") or ".." in parts or "\\" in path or "\0" in path:
            raise RefusedPath(path, "is not a path below the repository's root")
        if parts[0] in _FORBIDDEN or ".git" in parts:
            raise RefusedPath(path, "belongs to git or to nbpromote itself")
        target = self.root.joinpath(*parts)
        if target.is_symlink():
            raise RefusedPath(path, "is a symbolic link; edit the file that it points to")
        if not target.parent.resolve().is_relative_to(self.root):
            raise RefusedPath(path, "leads out of the repository through a symbolic link")
        return target

    def _prepare(self) -> None:
        self._state.mkdir(parents=True, exist_ok=True)
        ignore = self._state / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._prepare()
        with locked(self._state / "lock"):
            yield


def _content(target: Path, path: str) -> bytes | None:
    try:
        if not stat.S_ISREG(target.lstat().st_mode):
            raise RefusedPath(path, "is not an ordinary file")
        return target.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _digest_now(target: Path) -> str | None:
    try:
        return journal.digest(_content(target, ""))
    except RefusedPath:
        return "not an ordinary file"


def _mode(target: Path) -> int:
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except OSError:
        umask = os.umask(0)
        os.umask(umask)
        return 0o666 & ~umask


def _move(source: Path, target: Path) -> None:
    """Replace `target` by `source` in one step, also when a mount point lies between them."""
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = target.with_name(f".{target.name}.nbpromote")
        try:
            shutil.copy2(source, beside)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def _shown(error: OSError, root: Path) -> str:
    for name in (error.filename2, error.filename):
        if isinstance(name, str | os.PathLike) and STATE not in Path(name).parts:
            return os.path.relpath(name, root)
    return str(root)
