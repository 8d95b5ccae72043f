"""A kernel's process and its children: how much memory they hold, how they ended, and that they are gone."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import psutil

_OOM_COUNTERS = (Path("/sys/fs/cgroup/memory.events"), Path("/sys/fs/cgroup/memory/memory.oom_control"))
_CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE)


class MemoryWatch:
    """Looks at the memory of a process and its children twice a second, in a thread of its own.

    With a `limit` in bytes it looks ten times a second, and kills them all when they hold more together.
    """

    def __init__(self, pid: int, *, limit: int | None = None) -> None:
        self._pid, self._limit = pid, limit
        self._every = 0.5 if limit is None else 0.1
        self.is_exceeded = False
        self._stop = threading.Event()
        self._peak = self._peak_of_cell = 0
        self._thread = threading.Thread(target=self._watch, name="nbpromote memory watch", daemon=True)

    def __enter__(self) -> "MemoryWatch":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    @property
    def peak(self) -> int | None:
        """The most bytes seen since the start."""
        return self._peak or None

    def take_peak(self) -> int | None:
        """The most bytes seen since this was last asked, one look at this moment included."""
        self._look()
        peak, self._peak_of_cell = self._peak_of_cell, 0
        return peak or None

    def _watch(self) -> None:
        while not self._stop.wait(self._every):
            self._look()

    def _look(self) -> None:
        processes = tree(self._pid)
        held = sum(_resident(process) for process in processes)
        self._peak = max(self._peak, held)
        self._peak_of_cell = max(self._peak_of_cell, held)
        if self._limit is not None and held > self._limit:
            # Forks share pages, which count for each of them; looking closer takes longer.
            # Two threads look: the one that sees them dead already does not take back what the other has seen.
            if sum(_share(process) for process in processes) > self._limit:
                self.is_exceeded = True
            if self.is_exceeded:
                end_all(processes, within_seconds=0)


def tree(pid: int) -> list[psutil.Process]:
    """The process and all that descend from it, while they are alive."""
    try:
        process = psutil.Process(pid)
        if not Path(f"/proc/{pid}/task/{pid}/children").exists():
            return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []
    found, todo = [process], [pid]
    while todo:  # psutil would look at every process of the machine, several times a second
        for child in _children(todo.pop()):
            with contextlib.suppress(psutil.Error):
                found.append(psutil.Process(child))
                todo.append(child)
    return found


def _children(pid: int) -> list[int]:
    """The children of a process, as Linux lists them for each of its threads (proc(5))."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # the thread has ended
            found += map(int, task.read_text().split())
    return found


def keep_to(pid: int, cores: Sequence[int]) -> None:
    """Keep a process, and what it starts from now on, to these cores, where the system can."""
    with contextlib.suppress(AttributeError, OSError, psutil.Error):
        psutil.Process(pid).cpu_affinity(list(cores))


def members(session: int) -> list[psutil.Process]:
    """The live processes of a session (`setsid`), also those whose parent is gone."""
    found = []
    for pid in psutil.pids():
        with contextlib.suppress(OSError, psutil.Error):
            if os.getsid(pid) == session:
                found.append(psutil.Process(pid))
    return found


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _share(process: psutil.Process) -> int:
    """Its memory, that which it shares with others in parts; where the system does not say, all of it."""
    try:
        return int(getattr(process.memory_full_info(), "pss", 0)) or _resident(process)
    except psutil.Error:
        return _resident(process)


def end_all(processes: list[psutil.Process], *, within_seconds: float) -> None:
    """Wait for these processes to end by themselves (Spark's JVM clears its folders first), then kill what is left."""
    deadline = time.monotonic() + within_seconds
    left = processes
    while (left := [process for process in left if _is_alive(process)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.kill()


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def out_of_memory_kills() -> int:
    """How often the system has killed a process of this container for want of memory."""
    for path in _OOM_COUNTERS:
        with contextlib.suppress(OSError, ValueError):
            for line in path.read_text().splitlines():
                name, _, count = line.partition(" ")
                if name == "oom_kill":
                    return int(count)
    return 0


def describe_end(code: int | None, *, is_out_of_memory: bool) -> str:
    """What an exit code says of a process that was not meant to end."""
    if code is None:
        return "the kernel stopped answering"
    if is_out_of_memory:
        return "the kernel was killed by the system: out of memory"
    if code == -signal.SIGKILL:
        return "the kernel was killed (SIGKILL; most often the system was out of memory)"
    if code < 0:
        with contextlib.suppress(ValueError):
            name = signal.Signals(-code).name
            verb = "crashed" if -code in _CRASHES else "was killed"
            return f"the kernel {verb} ({name})"
    return f"the kernel ended itself (exit code {code}; a cell or a library called os._exit)"


def identity(pid: int) -> str | None:
    """What tells this process from a later one of the same number; None when there is none."""
    try:
        process = psutil.Process(pid)
        return f"{pid} {process.create_time():.2f}" if _is_alive(process) else None
    except psutil.Error:
        return None
