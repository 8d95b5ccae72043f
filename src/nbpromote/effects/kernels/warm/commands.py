"""A command that is carried out by a fork of a process that stays, with the tool's own imports done.

Who was called only hands over: files, folder, environment, signals. Whatever stands in the way, nothing was begun, and
the command is carried out where it was called.
"""

import contextlib
import hashlib
import importlib.util
import json
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

from nbpromote.effects.kernels.warm.circumstances import NotWarm, folder, idle_seconds, start_environment
from nbpromote.effects.kernels.warm.client import Start, ask, for_kernels
from nbpromote.effects.kernels.zygote.messages import receive
from nbpromote.effects.kernels.zygote.sessions import kill_session
from nbpromote.errors import NbpromoteError

ASKED = "command"
# What the tool and its libraries read as they are imported, beside what every interpreter does.
_READ = (
    "PYTHONPATH", "HOME", "USER", "XDG_", "JUPYTER_", "IPYTHON", "PAPERMILL_", "TYPER_", "_TYPER_", "TERMINAL_WIDTH",
    "FORCE_", "NO_COLOR", "PY_", "GITHUB_ACTIONS", "COLORTERM", "TERM", "PYDANTIC_", "PYZMQ_", "ZMQ_", "PSUTIL_",
    "TORNADO_", "TRAITLETS_", "NBFORMAT_", "JUPYTEXT_", "_PYTHON_",
)  # fmt: skip
_LOOKED_AT = 1 << 20  # bytes of a notebook
_FORWARDED = (signal.SIGINT, signal.SIGTERM)


class CommandLost(NbpromoteError):
    """What carried a command out is gone, and did not say how it ended."""

    def __init__(self) -> None:
        super().__init__('what carried this out was killed; "nbpromote runs list" shows what became of its runs')


def carried_out(module: str, words: Sequence[str]) -> int | None:
    """Have `KIND` of this module carry out the command of these words; its exit code.

    It is None where nothing was begun, and the command has to be carried out here. A signal that ended the fork ends
    this process too.

    Raises:
        CommandLost: it was begun, and how it ended is not known.
    """
    try:
        files = tuple(map(_open, (0, 1, 2)))
        request = _request(words)
    except OSError:  # one is closed, or the folder is gone
        return None
    if sys.gettrace() is not None or sys.getprofile() is not None:
        return None  # somebody watches this process
    with _forwarding() as reaching:
        try:
            own = code()
            place = _place(own)
            if not (place / "socket").exists():
                _begin_kernels(words)
            connection, answer = ask(place, {**request, "code": own}, files, start=_start(module))
        except NotWarm:
            return None
        with connection:
            reaching(answer["pid"])
            return _end(connection, answer["pid"])


def code() -> str:
    """What tells one state of the tool's code from another: its files, and those of the commonlib that it imports."""
    found = []
    for package in ("nbpromote", "commonlib"):
        spec = importlib.util.find_spec(package)
        for top in (spec.submodule_search_locations or ()) if spec is not None else ():
            found += sorted(_files(os.path.abspath(top)))  # noqa: PTH100
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()[:8]


def is_read(name: str) -> bool:
    """Whether the tool, or what it imports, reads this variable as it is imported."""
    return name.startswith(_READ)


def _files(top: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(top) as entries:
        for entry in entries:
            if entry.name.endswith((".py", ".j2", ".css")):
                known = entry.stat()
                yield entry.path, known.st_mtime_ns, known.st_size
            elif not entry.name.startswith((".", "__pycache__")) and entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path)


def _open(fd: int) -> int:
    os.fstat(fd)
    return fd


def _request(words: Sequence[str]) -> dict[str, object]:
    ignored = [one for one in _FORWARDED if signal.getsignal(one) is signal.SIG_IGN]
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    own = {"argv": list(words), "cwd": os.getcwd(), "env": dict(os.environ), "cores": cores}  # noqa: PTH109
    return {"ask": ASKED, **own, "ignored": ignored}


def _place(code: str) -> Path:
    """Where the process is found that has this code; one with the code that was here before is told to end."""
    read = sorted((name, value) for name, value in os.environ.items() if is_read(name))
    own = [read, sys.path, list(sys.flags), sys.warnoptions, sorted(sys._xoptions.items(), key=str)]
    kind = hashlib.sha256(json.dumps(own).encode()).hexdigest()[:8]
    place = folder(os.environ, f"-{kind}-{code}")
    if not (place / "socket").exists():
        for other in place.parent.glob(f"{place.name.rpartition('-')[0]}-*/socket"):
            with contextlib.suppress(NotWarm):
                ask(other.parent, {"ask": "stop"}, (), within=1.0)[0].close()
    return place


def _start(module: str) -> Start:
    environment: Mapping[str, str] = {
        **start_environment(os.environ),
        **{name: value for name, value in os.environ.items() if is_read(name)},
    }
    # Private, and what `multiprocessing` starts its own processes with.
    options: Sequence[str] = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
    return Start(environment, idle_seconds(os.environ), (module, json.dumps(sys.path)), tuple(options))


def _begin_kernels(words: Sequence[str]) -> None:
    """Have what the run will ask for its kernel begin beside what carries the run out, rather than after it."""
    if {"--help", "--dry-run"} & {*words}:
        return
    place = folder(os.environ)
    if not (place / "socket").exists():
        for_kernels(os.environ, ("pyspark",) if any(map(_names_spark, words)) else ()).now(place)


def _names_spark(word: str) -> bool:
    """Whether this is a file, as a notebook would be, that speaks of Spark; what a pipe holds is left to the run."""
    if not os.path.isfile(word):  # noqa: PTH113
        return False
    with contextlib.suppress(OSError, ValueError), open(word, "rb") as file:  # noqa: PTH123
        return b"spark" in file.read(_LOOKED_AT).lower()
    return False


@contextlib.contextmanager
def _forwarding() -> Iterator[Callable[[int], None]]:
    """Within this, Ctrl-C and its like go to the fork, once it is known which that is."""
    early: list[int] = []
    reached: list[int] = []

    def forward(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        if not reached:
            early.append(number)
            return
        with contextlib.suppress(OSError):
            os.kill(reached[0], number)

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        if reached:
            forward(signal.SIGSTOP, None)
        os.kill(os.getpid(), signal.SIGSTOP)
        if reached:
            forward(signal.SIGCONT, None)

    def reaching(pid: int) -> None:
        reached.append(pid)
        for number in early:
            forward(number, None)

    handlers = {**dict.fromkeys(_FORWARDED, forward), signal.SIGTSTP: stop}
    before = {
        number: signal.signal(number, handler)
        for number, handler in handlers.items()
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield reaching
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for one in early if not reached else ():
            os.kill(os.getpid(), one)


def _end(connection: socket.socket, pid: int) -> int:
    connection.settimeout(None)
    try:
        ended = int(receive(connection)[0]["exit"])
    except (OSError, ValueError, struct.error):
        kill_session(pid)
        raise CommandLost from None
    if ended < 0:
        signal.signal(-ended, signal.SIG_DFL) if -ended not in (signal.SIGKILL, signal.SIGSTOP) else None
        os.kill(os.getpid(), -ended)
    return ended
