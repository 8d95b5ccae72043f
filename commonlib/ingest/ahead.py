"""Reading ahead in a thread, so that parsing and writing each have a core."""

import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

T = TypeVar("T")
_DEPTH = 2


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items, of which a few are made before they are asked for. What making one raises is raised here."""
    waiting: queue.Queue[tuple[T] | BaseException | None] = queue.Queue(_DEPTH)
    is_left = threading.Event()

    def fill() -> None:
        end: BaseException | None = None
        try:
            for item in items:
                if not _offer((item,)):
                    return
        except BaseException as error:
            end = error
        _offer(end)

    def _offer(item: tuple[T] | BaseException | None) -> bool:
        while not is_left.is_set():
            try:
                waiting.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    thread = threading.Thread(target=fill, name="ingest", daemon=True)
    thread.start()
    try:
        while (found := waiting.get()) is not None:
            if isinstance(found, BaseException):
                raise found
            yield found[0]
    finally:
        is_left.set()
        thread.join()
