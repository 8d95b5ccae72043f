"""Where a lake's bytes lie. The commit protocol asks a storage for one thing that matters: an exclusive create.

Paths are relative to the lake's root, with forward slashes. Standard library only.
"""

import contextlib
import hashlib
import os
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from commonlib.lake import exclusive, paths

CHUNK = 1 << 20


class Storage(Protocol):
    """What the lake asks of a disk or an object store."""

    def location(self, path: str) -> str:
        """The path as Spark, pyarrow and people open it."""
        ...

    def read(self, path: str) -> bytes:
        """The whole content. Raises FileNotFoundError."""
        ...

    def read_each(self, paths: Sequence[str]) -> Iterator[bytes]:
        """The contents of several, in this order, each when it is asked for or before. Raises FileNotFoundError."""
        ...

    def names(self, folder: str) -> list[str]:
        """The names right under the folder, sorted; none when there is no such folder."""
        ...

    def files(self, folder: str) -> list[str]:
        """The files under the folder at any depth, relative to it, sorted. Never to find out what a version holds."""
        ...

    def digest(self, path: str) -> tuple[int, str]:
        """The file's size in bytes and its sha256. Raises FileNotFoundError."""
        ...

    def seal(self, path: str) -> tuple[int, str]:
        """Make the file survive a power cut, and return its `digest`."""
        ...

    def create(self, path: str, content: bytes, *, scratch: str) -> bool:
        """Publish the content at the path in one step, or return False when something is there.

        Whoever looks sees nothing or all of it, whenever the writer dies. `scratch` is a folder of the caller's own.
        """
        ...

    def remove(self, path: str) -> None:
        """Take the file away, if it is there; for retention alone: no writer needs the right to."""
        ...

    def writable(self, path: str) -> contextlib.AbstractContextManager[Path]:
        """A path on the disk to write one file or folder, a new one; when the block ends well, it is in the storage."""
        ...

    def local(self, path: str) -> str:
        """A path on the disk where the committed file can be read: itself, or a copy. Raises FileNotFoundError."""
        ...


def open_storage(root: Path | str | None = None) -> Storage:
    """The lake at this folder, `s3://bucket/prefix` or `az://container/prefix`, or where the environment says.

    Raises BadName.
    """
    place = str(root) if root is not None else paths.remote_root() or str(paths.root())
    if "://" not in place:
        return LocalStorage(Path(place))
    from commonlib.lake.object_storage import ObjectStorage

    return ObjectStorage(place)


class LocalStorage:
    """A lake on a disk, or on any file system that `exclusive` finds a way on."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def location(self, path: str) -> str:
        return str(self._root / path)

    def read(self, path: str) -> bytes:
        return (self._root / path).read_bytes()

    def read_each(self, paths: Sequence[str]) -> Iterator[bytes]:
        return map(self.read, paths)

    def names(self, folder: str) -> list[str]:
        try:
            return sorted(entry.name for entry in os.scandir(self._root / folder))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def files(self, folder: str) -> list[str]:
        top = self._root / folder
        return sorted(path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file())

    def digest(self, path: str) -> tuple[int, str]:
        with (self._root / path).open("rb") as stream:
            return _digest(stream)

    def seal(self, path: str) -> tuple[int, str]:
        with (self._root / path).open("rb") as stream:
            found = _digest(stream)
            os.fsync(stream.fileno())
        return found

    def create(self, path: str, content: bytes, *, scratch: str) -> bool:
        target = self._root / path
        self._make_folder(target.parent)
        self._make_folder(self._root / scratch)
        draft = self._root / scratch / f"_{uuid.uuid4().hex}.tmp"
        try:
            with draft.open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            self._sync_folders(self._root / scratch)
            try:
                exclusive.publish(draft, target)  # the only step that others see
            except FileExistsError:
                return False
            _sync_folder(target.parent)
            return True
        finally:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)

    def remove(self, path: str) -> None:
        target = self._root / path
        target.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # a folder that still holds something
            for folder in target.parents:
                if folder.name == paths.DATA or folder == self._root:
                    break
                folder.rmdir()

    @contextlib.contextmanager
    def writable(self, path: str) -> Iterator[Path]:
        target = self._root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        yield target

    def local(self, path: str) -> str:
        return str(self._root / path)

    def _make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            for parent in (folder.parent, *folder.parent.parents):
                _sync_folder(parent)
                if parent == self._root or not parent.is_relative_to(self._root):
                    break

    def _sync_folders(self, top: Path) -> None:
        for folder, _, _ in os.walk(top):
            _sync_folder(Path(folder))
        for parent in top.parents:
            _sync_folder(parent)
            if parent == self._root:
                break


def _digest(stream: BinaryIO) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    """A file's name survives a power cut once its folder is synced; Windows neither can nor must."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
