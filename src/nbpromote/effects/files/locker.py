"""One process at a time: a lock that the operating system lets go when its holder dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbpromote.errors import NbpromoteError


class Busy(NbpromoteError):
    """Another process holds the lock."""

    def __init__(self, path: str, holder: str) -> None:
        self.path, self.holder = path, holder
        who = f" ({holder})" if holder else ""
        super().__init__(f"{path}: another nbpromote{who} is at work in this repository; wait for it to end")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock at this path, or raise `Busy` at once. The file stays; the lock goes with the process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 100, 0).decode(errors="replace").strip()
            raise Busy(str(path), holder) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
