"""A clock that steps: what a notebook times is no result, and would be another in each run.

Code of the notebook that asks for the time is told 1/1024 s more than the last time; all others are told the truth.
Loops of `timeit` are told 1/4 s more: they grow until they take 0.2 s, and would for ever.
By `datetime`, the day is the true one, and the time of day is noon and these steps.
"""

import datetime
import sys
from collections.abc import Callable, Collection
from typing import Any

from .later import put

# The first of January 2026. Steps of a power of two have differences that are the same to the last digit everywhere.
_BEGIN, _STEP = 1_767_225_600.0, 2.0**-10
_LOOPS = {"<magic-timeit>": 2.0**-2, "<timeit-src>": 2.0**-2}  # what IPython and Python call their code
_ASKED = ("time", "perf_counter", "monotonic", "process_time", "thread_time")


def start(modules: Collection[str]) -> None:
    """Let the clock step for code of the notebook and of these modules, which hold what was moved out of it."""
    import time
    import timeit

    own = frozenset({"__main__", *modules})
    now = _BEGIN
    # `date.today` asks `time.time` from C, and would be told the stepping clock's day.
    true_time = time.time
    put(datetime.date, "today", classmethod(lambda cls: cls.fromtimestamp(true_time())))

    def replaced(name: str, in_seconds: float) -> Callable[[], Any]:
        real: Callable[[], Any] = getattr(time, name)

        def asked() -> Any:
            nonlocal now
            frame = sys._getframe(1)
            step = _LOOPS.get(frame.f_code.co_filename, _STEP)
            if frame.f_globals.get("__name__") not in own:
                return real()
            now += step
            return now if in_seconds == 1 else int(now * in_seconds)

        # By these, a pickle says where another process finds its own.
        asked.__name__ = asked.__qualname__ = name
        asked.__module__ = "time"
        return asked

    def stepping(name: str) -> None:
        """Let `datetime.now` and `datetime.utcnow` tell the noon of the day, and the steps since."""
        real = datetime.datetime.__dict__[name]

        def asked(cls: type[datetime.datetime], *given: Any, **named: Any) -> datetime.datetime:
            nonlocal now
            moment: datetime.datetime = real.__get__(None, cls)(*given, **named)
            if sys._getframe(1).f_globals.get("__name__") not in own:
                return moment
            now += _STEP
            noon = moment.replace(hour=12, minute=0, second=0, microsecond=0)
            return noon + datetime.timedelta(seconds=now - _BEGIN)

        asked.__name__ = name
        put(datetime.datetime, name, classmethod(asked))

    stepping("now")
    stepping("utcnow")
    for name in _ASKED:
        setattr(time, name, replaced(name, 1))
        setattr(time, f"{name}_ns", replaced(f"{name}_ns", 1e9))
    timeit.default_timer = time.perf_counter
