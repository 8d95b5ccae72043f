"""What a test sees of the processes that stay in a place of its own."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import psutil


def eventually(condition: Callable[[], object], seconds: float = 15.0) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return bool(condition())


def staying(folder: Path) -> list[psutil.Process]:
    """The processes that were started for this place, kernels that were forked of them too."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if any(str(folder) in word for word in process.info["cmdline"] or ()):
            with contextlib.suppress(psutil.Error):
                found += [process] if process.status() != psutil.STATUS_ZOMBIE else []
    return found
