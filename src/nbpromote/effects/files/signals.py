"""Ctrl-C at a moment that suits: noted while something must not be torn apart, and delivered afterwards."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def held() -> Iterator[Callable[[], bool]]:
    """Note SIGINT and SIGTERM instead of acting on them; deliver them at the end.

    Yields a function that says whether one has come. Outside of the main thread there is nothing to hold: Python runs
    signal handlers in the main thread only.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    noted: list[int] = []
    former = {
        number: signal.signal(number, lambda received, _: noted.append(received))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield lambda: bool(noted)
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
        for received in dict.fromkeys(noted):
            signal.raise_signal(received)
