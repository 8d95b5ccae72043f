"""Temporary folders of which none is left for long: what a killed process leaves, a later one removes."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "nbpromote-"
_ALIVE = ".alive"  # locked as long as the process lives that made the folder


class Folder:
    """A new temporary folder at `path`; `remove` it when done."""

    def __init__(self, kind: str = "") -> None:
        sweep()
        self.path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{kind}"))
        # Locked before it has its name: another process, which sweeps just now, would take it for one that was left.
        beside = self.path / f"{_ALIVE}.new"
        self._alive = beside.open("wb")
        fcntl.flock(self._alive, fcntl.LOCK_EX)
        beside.rename(self.path / _ALIVE)

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._alive.close()


def sweep() -> None:
    """Remove such folders whose processes are gone."""
    with contextlib.suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX) and entry.is_dir(follow_symlinks=False):
                _remove_if_left(Path(entry.path))


def _remove_if_left(path: Path) -> None:
    """Remove this folder when it is ours, and nobody holds its lock (one without is just being made, or not ours)."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path / _ALIVE, os.O_RDWR | os.O_NOFOLLOW)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(descriptor).st_uid == os.geteuid():
                shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(descriptor)
