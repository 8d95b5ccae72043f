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


class Protected(PermissionError):
    """The notebook would change what was there before the proof."""

    def __init__(self, path: str) -> None:
        super().__init__(errno.EPERM, "the proof does not let a notebook change what was there before it", path)


class Guard:
    """Hears of what is about to be opened or removed; `is_on` while cells run, for audit hooks stay for ever."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.is_on = False
        self.made_folders: list[str] = []

    def start(self) -> None:
        self.is_on = True
        sys.addaudithook(self._hear)

    def stop(self) -> None:
        """Let everything be again, and remove folders that the notebook made and that stayed empty."""
        self.is_on = False
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
