"""Ending runs from another thread: Python brings Ctrl-C to the main thread alone."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Stoppable(Protocol):
    def stop(self, reason: str) -> None: ...


class Stop:
    """A wish that runs end now, those that are under way and those that are about to begin.

    With a reason they have failed for it; without, they were interrupted.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reached: list[Stoppable] = []
        self._reason = ""
        self.is_wanted = False

    def now(self, reason: str = "") -> None:
        """End what is under way, and whatever begins later."""
        with self._lock:
            self.is_wanted, self._reason = True, reason
            reached = tuple(self._reached)
        for one in reached:
            one.stop(reason)

    @contextmanager
    def reaching(self, one: Stoppable) -> Iterator[None]:
        """Within this, the wish reaches the run."""
        with self._lock:
            self._reached.append(one)
            is_wanted = self.is_wanted
        if is_wanted:
            one.stop(self._reason)
        try:
            yield
        finally:
            with self._lock:
                self._reached.remove(one)
