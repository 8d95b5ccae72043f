"""Files on the lake's root: `dbfs:/x` and `/x` lie there, `file:/x` on this machine."""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from commonlib.errors import CommonlibError
from commonlib.lake.paths import ZONES

_ELSEWHERE = re.compile(r"(?!dbfs:|file:)[a-z][a-z0-9+.-]+://?")


class FileRefused(CommonlibError, OSError):
    """A path that is not taken; the message says why."""

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        Exception.__init__(self, f"dbutils.fs: {path}: {reason}")

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class FileInfo:
    """What `ls` tells of a file: sizes in bytes, times in milliseconds."""

    path: str
    name: str
    size: int
    modificationTime: int  # noqa: N815

    def isDir(self) -> bool:  # noqa: N802
        """Whether it is a folder."""
        return self.name.endswith("/")

    def isFile(self) -> bool:  # noqa: N802
        """Whether it is a file."""
        return not self.isDir()


class Files:
    """`dbutils.fs`."""

    def ls(self, dir: str) -> list[FileInfo]:  # noqa: A002
        """What lies in a folder."""
        place = _there(dir)
        return [*_listed(dir, place)]

    def head(self, file: str, max_bytes: int = 65536) -> str:
        """The first bytes of a file, as text."""
        with _there(file).open("rb") as opened:
            return opened.read(max_bytes).decode("utf-8", "replace")

    def put(self, file: str, contents: str, overwrite: bool = False) -> bool:
        """Write a text."""
        place = _place(file, writing=True)
        if place.exists() and not overwrite:
            raise FileRefused(file, "is there already; say overwrite=True to replace it")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(contents, encoding="utf-8")
        return True

    def mkdirs(self, dir: str) -> bool:  # noqa: A002
        """Make a folder, and those above it."""
        _place(dir, writing=True).mkdir(parents=True, exist_ok=True)
        return True

    def rm(self, dir: str, recurse: bool = False) -> bool:  # noqa: A002
        """Remove a file, or with `recurse` a folder."""
        place = _place(dir, writing=True)
        if not place.exists():
            return False
        if place.is_dir() and not place.is_symlink():
            if not recurse and any(place.iterdir()):
                raise FileRefused(dir, "is a folder with files; say recurse=True to remove them")
            shutil.rmtree(place)
        else:
            place.unlink()
        return True

    def cp(self, source: str, dest: str, recurse: bool = False) -> bool:
        """Copy a file, or with `recurse` a folder."""
        place, target = _there(source), _place(dest, writing=True)
        if place.is_dir():
            if not recurse:
                raise FileRefused(source, "is a folder; say recurse=True to copy it")
            shutil.copytree(place, target, dirs_exist_ok=True)
            return True
        target = target / place.name if target.is_dir() else target
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(place, target)
        return True

    def mv(self, source: str, dest: str, recurse: bool = False) -> bool:
        """Move a file, or with `recurse` a folder."""
        _place(source, writing=True)
        self.cp(source, dest, recurse)
        return self.rm(source, recurse)


def _listed(told: str, place: Path) -> Iterator[FileInfo]:
    entries = sorted(place.iterdir()) if place.is_dir() else [place]
    base = told.rstrip("/") if place.is_dir() else told.rstrip("/").rpartition("/")[0]
    base = base if base.startswith(("dbfs:", "file:")) else f"dbfs:{base}"
    for entry in entries:
        about = entry.stat()
        name = f"{entry.name}/" if entry.is_dir() else entry.name
        size = 0 if entry.is_dir() else about.st_size
        yield FileInfo(f"{base}/{name}", name, size, int(about.st_mtime * 1000))


def _there(path: str) -> Path:
    place = _place(path)
    if not place.exists():
        raise FileRefused(path, f"does not exist ({place})")
    return place


def _place(path: str, *, writing: bool = False) -> Path:
    """Where a path lies on this machine."""
    if path.startswith("file:"):
        return Path(re.sub(r"^file:/*", "/", path))
    if _ELSEWHERE.match(path):
        raise FileRefused(path, "lies elsewhere; only the lake's root and file:/ are at hand outside of Databricks")
    lake = os.environ.get("LAKE_ROOT") or "lake"
    if _ELSEWHERE.match(lake):
        raise FileRefused(path, f"needs a lake on a disk, and LAKE_ROOT is {lake}")
    root = Path(lake).absolute()
    inner = re.sub(r"^(?:dbfs:)?/*(?:dbfs/)?", "", path)
    place = Path(os.path.normpath(root / inner))
    if place != root and root not in place.parents:
        raise FileRefused(path, "leads out of the lake's root")
    if writing and place.relative_to(root).parts[:1] and place.relative_to(root).parts[0] in ZONES:
        raise FileRefused(path, "is data of the lake, which is never changed; write it with commonlib.lake")
    if writing and place == root:
        raise FileRefused(path, "is the lake's root itself")
    return place
