"""How many runs go: a table that lives in a terminal, a line for each elsewhere. On stderr."""

import contextlib
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING

from nbpromote.cli.run_text import STYLES, told_parameters
from nbpromote.cli.terminal import clean, err
from nbpromote.effects.kernels.stopping import Stop
from nbpromote.effects.running.batches import NOT_BEGUN, SKIPPED, History, Listener, Outcome, Terms
from nbpromote.publish.page import tone
from nbpromote.publish.sizes import seconds_text
from nbpromote.running.executed import Progress
from nbpromote.running.request import RunRequest

if TYPE_CHECKING:
    from rich.console import Group
    from rich.live import Live

_LAST = 5  # of those that have ended, how many are shown
_LONGEST, _SHORTEST = 60, 20  # characters of a run's name
_LONGEST_CELL, _SHORTEST_CELL = 36, 8
_SHOWN_CHANGES = 5
_OTHERS = 38  # columns of a terminal that the rest of the table takes


def runs_text(count: int) -> str:
    """So many runs, in words."""
    return f"{count:,} run{'' if count == 1 else 's'}"


def changes_texts(changes: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """How many run again for what has changed, the most first; those for which nothing has are passed over."""
    for these, count in Counter(filter(None, changes)).most_common(_SHOWN_CHANGES):
        yield clean(f"{count:,} again: {'; '.join(these)}")


class Names:
    """What tells one of many runs from the others: the parameters that they were not all given alike."""

    def __init__(self, requests: Sequence[RunRequest]) -> None:
        self._requests = requests
        first = requests[0].parameters
        names = dict.fromkeys(name for one in requests for name in one.parameters)
        differing = [
            name
            for name in names
            if any(name not in one.parameters or one.parameters[name] != first.get(name) for one in requests)
        ]
        self._names = differing or list(names)

    def __getitem__(self, number: int) -> str:
        """The name of a run; they are counted from 1."""
        given = self._requests[number - 1].parameters
        return told_parameters({name: given[name] for name in self._names if name in given}) or "no parameters"


@dataclass
class _Going:
    number: int
    begun: float
    attempt: int
    progress: Progress | None = None


class BatchProgress:
    """Shows what is under way."""

    def __init__(self, requests: Sequence[RunRequest], terms: Terms, history: History, stop: Stop, title: str) -> None:
        self._names, self._stop = Names(requests), stop
        self._requests, self._terms, self._history, self._title = requests, terms, history, title
        self._lock = threading.Lock()
        self._going: dict[int, _Going] = {}
        self._ended: list[Outcome] = []
        self._begun = time.monotonic()
        self._live: Live | None = None
        self.listener = Listener(self._on_begin, self._on_cell, self._on_end)

    def __enter__(self) -> "BatchProgress":
        if sys.stderr.isatty():
            from rich.live import Live

            self._live = Live(get_renderable=self._table, console=err(), refresh_per_second=4, transient=True)
            self._live.start()
        else:
            self._say(f"{self._title}: {runs_text(len(self._requests))}")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _on_begin(self, number: int, attempt: int) -> None:
        with self._lock:
            self._going[number] = _Going(number, time.monotonic(), attempt)
        if attempt > 1 and self._live is None:
            self._say(f"{self._place(number)}  try {attempt}  {self._names[number]}")

    def _on_cell(self, number: int, progress: Progress) -> None:
        with self._lock:
            self._going[number].progress = progress

    def _on_end(self, outcome: Outcome) -> None:
        with self._lock:
            self._going.pop(outcome.number, None)
            self._ended.append(outcome)
        if self._live is None:
            record = outcome.record
            took = seconds_text(record.duration) if record is not None and record.duration is not None else ""
            took = "" if outcome.status == SKIPPED else took
            rows = sum(one.rows or 0 for one in record.writes) if record is not None else 0
            written = f"  {rows:,} row{'' if rows == 1 else 's'}" if rows and outcome.status != SKIPPED else ""
            why = record.failure if record is not None and record.failure is not None else outcome.reason
            why = why or (f"again: {'; '.join(outcome.changes)}" if outcome.changes else "")
            first = f"  {str(why).splitlines()[0]}" if str(why) else ""
            what = self._names[outcome.number]
            self._say(clean(f"{self._place(outcome.number)}  {outcome.status:<7} {took:>8}{written}  {what}{first}"))

    def _place(self, number: int) -> str:
        return f"  {number:>{len(str(len(self._requests)))}}/{len(self._requests)}"

    def _say(self, line: str) -> None:
        with contextlib.suppress(OSError), self._lock:
            print(line, file=sys.stderr, flush=True)

    def _table(self) -> "Group":
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        now = time.monotonic()
        with self._lock:
            going, ended = sorted(self._going.values(), key=lambda one: one.number), tuple(self._ended)
        table = Table(box=None, pad_edge=False, header_style="dim", expand=False)
        for name in ("run", "", "cell", "elapsed", "expected", "rows"):
            table.add_column(name, justify="right" if name in {"elapsed", "expected", "rows"} else "left", no_wrap=True)
        expected = "" if self._history.seconds is None else seconds_text(self._history.seconds)
        free = err().width - _OTHERS  # a name may be cut; how it goes, not
        longest = min(_LONGEST, max(_SHORTEST, free - _LONGEST_CELL))
        most = min(_LONGEST_CELL, max(_SHORTEST_CELL, free - longest))
        for outcome in ended[-_LAST:]:
            record = outcome.record
            is_told = record is not None and outcome.status != SKIPPED
            rows = sum(one.rows or 0 for one in record.writes) if record is not None and is_told else 0
            good = outcome.status == SKIPPED
            style = STYLES["good" if good else "wait" if outcome.status == NOT_BEGUN else tone(outcome.status)]
            took = seconds_text(record.duration) if record is not None and is_told and record.duration else ""
            name = self._names[outcome.number][:longest]
            table.add_row(name, Text(outcome.status, style), "", took, "", f"{rows:,}" if rows else "")
        for one in going:
            told = one.progress
            cell = "" if told is None else f"{told.position}/{told.total} {_first(told)}"[:most]
            elapsed = seconds_text(round(now - one.begun, 1))
            status = "running" if one.attempt == 1 else f"try {one.attempt}"
            rows = told.rows if told is not None else 0
            name = self._names[one.number][:longest]
            table.add_row(name, status, cell, elapsed, expected, f"{rows:,}" if rows else "")
        return Group(table, Text(self._summary(len(ended), len(going), now), style="dim"))

    def _summary(self, ended: int, going: int, now: float) -> str:
        total = len(self._requests)
        failed = sum(not one.is_good for one in self._ended)
        words = f"{self._title}: {ended:,} of {total:,} ended, {failed:,} not well, {going:,} running"
        ran = [one for one in self._ended if one.status != SKIPPED]
        if self._stop.is_wanted:
            words += "; ending what runs (Ctrl-C again: at once)"
        elif ran and ended < total:
            words += f"; about {seconds_text((now - self._begun) / len(ran) * (total - ended))} left"
        return f"{words}; {seconds_text(now - self._begun)} so far"


def _first(progress: Progress) -> str:
    lines = (line.strip() for line in progress.source.splitlines())
    return clean(next((line for line in lines if line and not line.startswith("#")), ""))[:30]
