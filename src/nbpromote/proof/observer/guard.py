"""Stops a notebook that is being proven from changing what was there before it.

What the redirection leads elsewhere never comes here. The rest, which Python itself would open, rename or remove
(https://docs.python.org/3/library/audit_events.html), is refused: a proof loses nothing of a user's.
"""

import errno
import os
import sys
from typing import Any

from .places import Places

_WRITING = os.O_WRONLY | os.O_RDWR
# Event -> the places of its arguments that name what would change.
_EVENTS: dict[str, tuple[int, ...]] = {
    "open": (0,),
    "os.remove": (0,),
    "os.rmdir": (0,),
    "os.truncate": (0,),
    "os.rename": (0, 1),
    "shutil.rmtree": (0,),
    "shutil.move": (0,),
    "sqlite3.connect": (0,),
}
# Event -> the argument that names a file which may come to be.
_MAKING = {"open": 0, "os.rename": 1, "shutil.move": 1, "sqlite3.connect": 0}


class Protected(PermissionError):
    """The notebook would change what was there before the proof."""

    def __init__(self, path: str) -> None:
        super().__init__(errno.EPERM, "the proof does not let a notebook change what was there before it", path)


class Guard:
    """Hears of what is about to be opened or removed; `is_on` while cells run, for audit hooks stay for ever.

    `root` is the repository: files that the notebook makes in it go when it has ended.
    """

    def __init__(self, places: Places, root: str = "") -> None:
        self.places = places
        self.is_on = False
        self.root = os.path.realpath(root) + os.sep if root else ""
        self.made_folders: list[str] = []
        self.made_files: list[str] = []

    def start(self) -> None:
        self.is_on = True
        sys.addaudithook(self._hear)

    def stop(self) -> None:
        """Let everything be again, and remove what the notebook made in the repository, with folders left empty."""
        self.is_on = False
        for file in self.made_files:
            try:
                os.unlink(file)
            except OSError:
                continue
        for folder in reversed(self.made_folders):
            try:
                os.rmdir(folder)
            except OSError:
                continue

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.is_on:
            return
        if event == "os.mkdir":
            path = _path(arguments[0])
            if path is not None and not os.path.exists(path) and not self.places.is_free(path):
                self.made_folders.append(path)
            return
        places = _EVENTS.get(event)
        if places is None or (event == "open" and not _is_writing(arguments)):
            return
        for place in places:
            path = _path(arguments[place])
            if path is None or (event == "open" and os.path.isdir(path)):  # a folder: for a file without a name in it
                continue
            if (self.places.is_frozen or self.places.was_there(path)) and not self.places.is_free(path):
                raise Protected(path)
        made = _MAKING.get(event)
        path = _path(arguments[made]) if made is not None else None
        if path is not None and self._is_new(path):
            self.made_files.append(path)

    def _is_new(self, path: str) -> bool:
        """Whether nothing lies here yet, in the repository."""
        real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        is_inside = bool(self.root) and real.startswith(self.root)
        return is_inside and not os.path.lexists(real) and not self.places.is_free(real)


def _is_writing(arguments: tuple[Any, ...]) -> bool:
    flags = arguments[2]
    return isinstance(flags, int) and bool(flags & _WRITING)


def _path(value: Any) -> str | None:
    if isinstance(value, bytes):
        value = os.fsdecode(value)
    if not isinstance(value, str | os.PathLike):
        return None
    text = os.fspath(value)
    if not isinstance(text, str) or text.startswith((":memory:", "file:")) or not text:
        return None
    return os.path.abspath(text)
