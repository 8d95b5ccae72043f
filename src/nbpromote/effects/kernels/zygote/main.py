"""How the process begins and ends."""

import contextlib
import fcntl
import gc
import importlib
import json
import os
import socket
import sys
import time

from . import programs
from .becoming import Kernels
from .keeper import Keeper, Kind, holds
from .servers import sweep

_LOCK_SECONDS = 5.0


def _start(folder: str, idle: float, kind: Kind) -> "Keeper | None":
    """Take the folder and its socket; None where another has."""
    lock = os.open(os.path.join(folder, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)  # noqa: PTH118
    path = os.path.join(folder, "socket")  # noqa: PTH118
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except OSError:
            with socket.socket(socket.AF_UNIX) as other:
                if other.connect_ex(path) == 0:
                    return None
            if time.monotonic() > deadline:
                sys.exit(f"{folder}: another process holds it, and does not listen")
            time.sleep(0.05)  # the other one is about to end, or to begin
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    return Keeper(folder, lock, listener, idle, kind)


def main(folder: str, idle: str, module: str = "", path: str = "", packages: str = "") -> None:
    """Be that process, and in its children the kernels; or, with a module, what its `KIND` says.

    Args:
        path: where to import from, as JSON, where that is not as this interpreter has it.
        packages: what the first kernel will import of what some do, with commas between.
    """
    gc.disable()  # while it imports: nothing of that is garbage, and looking for some is a sixth of the work
    if path:
        sys.path[:] = json.loads(path)
    kind: Kind = importlib.import_module(module).KIND if module else Kernels(packages.split(","))
    keeper = _start(folder, float(idle), kind)
    if keeper is None:
        return
    sweep(folder)
    kind.begin()
    gc.collect()
    gc.enable()
    forked = keeper.serve()
    if forked is None:
        if holds(folder, keeper.lock):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(folder, "socket"))  # noqa: PTH108, PTH118
        os._exit(0)  # the lock falls with the process
    del keeper
    if forked.request["ask"] == "server":
        programs.become(forked)
    else:
        kind.become(forked)
