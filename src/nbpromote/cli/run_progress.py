"""How a run goes, on stderr: one line that moves in a terminal, a line a cell elsewhere."""

import contextlib
import shutil
import sys
import threading
import time
from types import TracebackType

from nbpromote.cli.terminal import clean, clear_line
from nbpromote.publish.sizes import seconds_text
from nbpromote.running.executed import Progress

_TICK_SECONDS = 0.5


class RunProgress:
    """Shows the cell that runs and for how long it has."""

    def __init__(self) -> None:
        self._is_live = sys.stderr.isatty()
        self._now: Progress | None = None
        self._begun = self._cell_begun = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._tick, name="nbpromote progress", daemon=True)

    def __enter__(self) -> "RunProgress":
        if self._is_live:
            self._draw()
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._is_live:
            self._stop.set()
            self._thread.join()
            clear_line()

    def cell(self, progress: Progress) -> None:
        """Told of every cell as it begins and ends."""
        if progress.seconds is None:
            self._now, self._cell_begun = progress, time.monotonic()
        elif not self._is_live:
            place = f"{progress.position:>{len(str(progress.total))}}/{progress.total}"
            line = f"  {place}  {seconds_text(progress.seconds):>8}  {_first(progress)}"
            with contextlib.suppress(OSError):  # nobody listens any more: no reason to stop the run
                print(line, file=sys.stderr, flush=True)

    def _tick(self) -> None:
        while not self._stop.wait(_TICK_SECONDS):
            self._draw()

    def _draw(self) -> None:
        now, moment = self._now, time.monotonic()
        if now is None:
            line = f"starting a kernel  {seconds_text(moment - self._begun)}"
        else:
            took = seconds_text(round(moment - self._cell_begun, 1))
            line = f"{now.position}/{now.total}  {seconds_text(moment - self._begun)}  cell {took}  {_first(now)}"
        clear_line()
        sys.stderr.write(line[: shutil.get_terminal_size().columns - 1])
        sys.stderr.flush()


def _first(progress: Progress) -> str:
    lines = (line.strip() for line in progress.source.splitlines())
    return clean(next((line for line in lines if line and not line.startswith("#")), ""))[:80]
