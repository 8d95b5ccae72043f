"""Many runs of one notebook, some at once, each with a record of its own, however they end."""

import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from nbpromote.effects.files.repository import Repository
from nbpromote.effects.kernels.stopping import Stop
from nbpromote.effects.running import runs
from nbpromote.effects.running.ledger import Ledger, ledger_of
from nbpromote.effects.running.resuming import Earlier, find_earlier
from nbpromote.effects.running.runs import Ran, RunInterrupted
from nbpromote.effects.running.secret_sources import resolve
from nbpromote.errors import NbpromoteError
from nbpromote.notebook import Notebook
from nbpromote.running.executed import Progress
from nbpromote.running.record import Record
from nbpromote.running.request import RunRequest

SKIPPED, NOT_BEGUN = "skipped", "not begun"
_HISTORY = 20
_WAIT_SECONDS = 0.2  # so that the main thread hears of Ctrl-C
_RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Terms:
    """How the runs of a batch go: so many at once, retried so often, whether the first failure ends it all, and whether
    what has succeeded is left out."""

    jobs: int = 1
    retries: int = 0
    fails_fast: bool = False
    resumes: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of many: the record of its last attempt, or of the run that made it needless.

    `status` is the record's, or `skipped`, or `not begun`; `changes` is what made it run again, in words.
    """

    number: int
    status: str
    record: Record | None = None
    folder: Path | None = None
    reason: str = ""
    changes: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        return self.status == SKIPPED or (self.record is not None and self.record.failure is None)


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told, from several threads: of a run that begins (number, attempt), of its cells, and of its end."""

    on_begin: Callable[[int, int], None]
    on_cell: Callable[[int, Progress], None]
    on_end: Callable[[Outcome], None]


@dataclass(frozen=True, slots=True)
class History:
    """What earlier good runs of a notebook took: seconds in the median, and bytes at most."""

    seconds: float | None
    peak_memory: int | None


def batch_id() -> str:
    """A name for many runs that begin now."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def history_of(repository: Repository, notebook: str) -> History:
    """What the newest good runs of this notebook took."""
    records = Ledger(repository.folder("runs")).runs(notebook=notebook, limit=5 * _HISTORY)
    good = [one for one in records if one.failure is None and one.duration is not None][:_HISTORY]
    seconds = median(one.duration or 0.0 for one in good) if good else None
    return History(seconds, max((one.peak_memory or 0 for one in good), default=0) or None)


def run_all(  # noqa: PLR0917
    repository: Repository,
    notebook: Notebook,
    requests: Sequence[RunRequest],
    terms: Terms,
    listener: Listener,
    stop: Stop,
) -> tuple[Outcome, ...]:
    """Run them all, and tell what became of each, in their order.

    Ctrl-C ends what runs, with a record, and begins nothing more; the outcomes say so. A second one is raised.

    Raises:
        NoSuchSecret: a reference leads to none; nothing was begun.
    """
    batch = _Batch(repository, notebook, terms, listener, stop)
    batch.resolve(requests)
    pool = ThreadPoolExecutor(terms.jobs, thread_name_prefix="nbpromote run")
    futures = {pool.submit(batch.run, number, request): number for number, request in enumerate(requests, 1)}
    found: dict[int, Outcome] = {}
    try:
        try:
            _gather(futures, found)
        except KeyboardInterrupt:
            stop.now()
            _gather(futures, found)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    runs.refresh_index(repository)
    return tuple(found.get(number, Outcome(number, NOT_BEGUN)) for number in range(1, len(requests) + 1))


def _gather(futures: Mapping["Future[Outcome]", int], found: dict[int, Outcome]) -> None:
    left = {future for future, number in futures.items() if number not in found}
    while left:
        done, left = wait(left, timeout=_WAIT_SECONDS, return_when=FIRST_COMPLETED)
        for future in done:
            outcome = future.result()
            found[outcome.number] = outcome


class _Batch:
    def __init__(
        self, repository: Repository, notebook: Notebook, terms: Terms, listener: Listener, stop: Stop
    ) -> None:
        self._repository, self._notebook, self._terms = repository, notebook, terms
        self._listener, self._stop = listener, stop
        self._lock = threading.Lock()
        self._ledger = ledger_of(repository)
        self._secrets: dict[str, str] = {}

    def resolve(self, requests: Sequence[RunRequest]) -> None:
        """Ask for every secret once, before anything begins."""
        for request in requests:
            for name, reference in request.secrets.items():
                if str(reference) not in self._secrets:
                    found = resolve(self._repository.root, {name: reference})
                    self._secrets[str(reference)] = found[name]

    def run(self, number: int, request: RunRequest) -> Outcome:
        """One of them, in a thread."""
        if self._stop.is_wanted:
            return Outcome(number, NOT_BEGUN)
        earlier = self._find_earlier(request) if self._terms.resumes else Earlier()
        if (same := earlier.same) is not None:
            outcome = Outcome(number, SKIPPED, same, self._ledger.folder_of(same.run_id), f"as {same.run_id}")
            self._listener.on_end(outcome)
            return outcome
        for attempt in range(1, self._terms.retries + 2):
            self._listener.on_begin(number, attempt)
            outcome = self._attempt(number, replace(request, attempt=attempt, run_id=runs.new_id(request.notebook)))
            if outcome.is_good or self._stop.is_wanted:
                break
            if attempt <= self._terms.retries:
                time.sleep(_RETRY_SECONDS)
        outcome = replace(outcome, changes=earlier.changes)
        if self._terms.fails_fast and not outcome.is_good:
            self._stop.now()
        self._listener.on_end(outcome)
        return outcome

    def _attempt(self, number: int, request: RunRequest) -> Outcome:
        values = {name: self._secrets[str(one)] for name, one in request.secrets.items()}
        try:
            ran: Ran = runs.run(
                self._repository,
                self._notebook,
                request,
                on_cell=lambda progress: self._listener.on_cell(number, progress),
                secret_values=values,
                stop=self._stop,
            )
        except RunInterrupted as interrupt:
            ran = interrupt.ran
        except NbpromoteError as error:
            record = self._ledger.find(request.run_id)
            return Outcome(number, record.status, record, self._ledger.folder_of(record.run_id), str(error))
        return Outcome(number, ran.record.status, ran.record, ran.folder)

    def _find_earlier(self, request: RunRequest) -> Earlier:
        with self._lock:
            return find_earlier(self._repository, self._ledger, request)
