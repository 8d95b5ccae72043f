"""Sets this process's clock to another day: what hangs on it shows."""

import ctypes
import datetime
import gc
import time
from collections.abc import Callable
from typing import Any


def shift(seconds: float) -> None:
    """From now on, Python's clock is ahead by this much. Timers stay, and so do the clocks of other processes.

    The day of today is told by this clock also where `time.time` is made to step (`clock`).

    `datetime` keeps its classes, which libraries compare and hold; only what they answer is another.
    """
    real_time, real_ns = time.time, time.time_ns
    now = datetime.datetime.now
    ahead = datetime.timedelta(seconds=seconds)
    time.time = lambda: real_time() + seconds
    time.time_ns = lambda: real_ns() + int(seconds * 1e9)
    for name in ("localtime", "gmtime", "ctime"):
        setattr(time, name, _of_now(getattr(time, name)))
    put(datetime.datetime, "now", classmethod(lambda cls, tz=None: now(tz) + ahead))  # noqa: ARG005
    put(datetime.datetime, "utcnow", classmethod(lambda cls: now(datetime.UTC).replace(tzinfo=None) + ahead))  # noqa: ARG005
    put(datetime.date, "today", classmethod(lambda cls: cls.fromtimestamp(real_time() + seconds)))
    real_format, local = time.strftime, time.localtime
    time.strftime = lambda form, moment=None: real_format(form, local() if moment is None else moment)


def _of_now(real: Callable[..., Any]) -> Callable[..., Any]:
    def told(seconds: float | None = None) -> Any:
        return real(time.time() if seconds is None else seconds)

    return told


def put(kind: type, name: str, method: object) -> None:
    """Give a class that is written in C, and takes no others, this method (CPython)."""
    found: Any = gc.get_referents(kind.__dict__)[0]
    found[name] = method
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))
