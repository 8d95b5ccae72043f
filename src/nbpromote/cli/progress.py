"""Progress of notebooks that run, on stderr: one line that moves in a terminal, a line a notebook elsewhere."""

import sys
import time
from types import TracebackType

from nbpromote.cli.terminal import clean, clear_line
from nbpromote.running.executed import Progress


class CellProgress:
    """Shows which cell of which notebook runs, and how long each notebook took."""

    def __init__(self) -> None:
        self._is_live = sys.stderr.isatty()
        self._which = ""
        self._began = 0.0
        self._has_line = False

    def __enter__(self) -> "CellProgress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._end(is_done=error is None)

    def cell(self, which: str, progress: Progress) -> None:
        """Told of every cell as it begins and ends; `which` names the notebook (`ad-hoc`, `promoted`), or the run."""
        which = which if " " in which else f"{which} notebook"
        if which != self._which:
            self._end(is_done=True)
            self._which, self._began = which, time.monotonic()
            if not self._is_live:
                print(f"running the {which}, {progress.total} cells", file=sys.stderr, flush=True)
        if self._is_live and progress.seconds is None:
            first = next((line for line in progress.source.splitlines() if line.strip()), "")
            line = f"running the {which}, cell {progress.position} of {progress.total}: {clean(first)}"
            clear_line()
            sys.stderr.write(line[: _width() - 1])
            sys.stderr.flush()
            self._has_line = True

    def stage(self, what: str) -> None:
        """Told of work between and after the notebooks."""
        self._end(is_done=True)
        if self._is_live:
            sys.stderr.write(what[: _width() - 1])
            sys.stderr.flush()
            self._has_line = True
        else:
            print(what, file=sys.stderr, flush=True)

    def _end(self, *, is_done: bool) -> None:
        if self._has_line:
            clear_line()
            self._has_line = False
        if not self._which:
            return
        if is_done:
            seconds = time.monotonic() - self._began
            print(f"ran the {self._which} in {seconds:.0f} s", file=sys.stderr, flush=True)
        self._which = ""


def _width() -> int:
    import shutil

    return shutil.get_terminal_size().columns
