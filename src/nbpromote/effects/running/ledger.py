"""The runs that were made: a folder each, and one SQLite file to find them by, which can be made again from them."""

import contextlib
import os
import shutil
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from nbpromote.effects.files.repository import Repository
from nbpromote.effects.files.whole_file import NotKept, write_whole
from nbpromote.effects.kernels.process import identity
from nbpromote.effects.running.remote_runs import HEARTBEAT, RECORD, RemoteRuns
from nbpromote.errors import UsageError
from nbpromote.running.record import Record, UnreadableRecord, from_json, to_json

T = TypeVar("T")
RUNNING, LOST = "running", "lost"
EXECUTED, PAGE, DIFF = "executed.ipynb", "page.html", "uncommitted.diff"
BEAT_SECONDS = 5.0
_WAIT_SECONDS = 60.0
_LOST_AFTER_SECONDS = 60.0  # of a runner on another machine, whose process cannot be looked at

_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    run_id   TEXT PRIMARY KEY,
    notebook TEXT NOT NULL,
    status   TEXT NOT NULL,
    started  TEXT NOT NULL,
    duration REAL,
    runner   TEXT,
    record   TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS runs_by_start ON runs (started);
CREATE INDEX IF NOT EXISTS runs_by_notebook ON runs (notebook, started);
"""
_NEWEST = """
SELECT record, runner FROM runs WHERE ?1 IS NULL OR notebook = ?1 ORDER BY started DESC, rowid DESC LIMIT ?2
"""


class NoSuchRun(UsageError):
    """No run has this name."""

    def __init__(self, wanted: str, near: tuple[str, ...]) -> None:
        self.wanted, self.near = wanted, near
        hint = f"did you mean {near[0]}?" if near else 'see them with "nbpromote runs list"'
        super().__init__(f"no run is called {wanted}; {hint}")


class LedgerFailed(NotKept):
    """The file that finds runs cannot be written."""


def ledger_of(repository: Repository) -> "Ledger":
    """The runs of a repository."""
    return Ledger(repository.folder("runs"), repository.remote_runs)


class Ledger:
    """The runs under one folder, a copy of `place` where that is given. Several processes may write at once."""

    def __init__(self, folder: Path, place: str | None = None) -> None:
        self.folder = folder
        self._path = folder / "ledger.sqlite"
        self._remote = RemoteRuns(place, folder) if place is not None else None
        self._is_brought = place is None
        self.unreadable: list[str] = []  # records that are none, as they were seen last, in words

    def folder_of(self, run_id: str) -> Path:
        """Where a run keeps its executed notebook, record and page."""
        return self.folder / run_id

    def begin(self, record: Record) -> Path:
        """Note a run that starts now in this process; its folder."""
        folder = self.folder_of(record.run_id)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            ignore = self.folder / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n")
            folder.mkdir()
        except OSError as error:
            raise NotKept(folder, error.strerror or str(error)) from error
        self._note(record, runner=f"{socket.gethostname()} {identity(os.getpid())}")
        if self._remote is not None:
            self._remote.begin(record.run_id)
        return folder

    def end(self, record: Record) -> None:
        """Note how a run ended."""
        self._note(record, runner=None)

    def send(self, run_id: str) -> None:
        """Bring the folder of a run that has ended to where runs are kept, if that is elsewhere. Raises PlaceFailed."""
        if self._remote is not None:
            self._remote.send(run_id)

    def whole(self, run_id: str) -> Path:
        """The run's folder with all its files, which may have to be brought here first. Raises PlaceFailed."""
        if self._remote is not None:
            self._remote.whole(run_id)
        return self.folder_of(run_id)

    def bring(self) -> None:
        """Learn of the runs of other machines, where runs are kept elsewhere. Raises PlaceFailed."""
        if self._remote is not None and not self._is_brought:
            self._is_brought = True
            self.folder.mkdir(parents=True, exist_ok=True)
            self._remote.bring()
            self.rebuild()

    def runs(self, *, notebook: str | None = None, limit: int | None = None) -> tuple[Record, ...]:
        """The newest runs first. One whose runner has died while it ran is `lost`."""
        self.bring()
        if not self._path.exists() and not self.rebuild():
            return ()
        wanted = (notebook, -1 if limit is None else limit)
        try:
            rows = self._ask(lambda connection: connection.execute(_NEWEST, wanted).fetchall())
        except LedgerFailed:  # locked, or a full disk: the file itself is well
            if os.access(self.folder, os.W_OK):
                raise
            kept = [one for one in self._kept() if notebook in (None, one.notebook)]  # where one may only look
            newest = sorted(kept, key=lambda one: one.started, reverse=True)[:limit]
            return tuple(self._seen(one, runner=None) for one in newest)
        return tuple(self._seen(from_json(text), runner) for text, runner in rows)

    def find(self, name: str) -> Record:
        """The run of this name, of the one name that begins or ends so, or `last`.

        Raises:
            NoSuchRun: none, or more than one.
        """
        records = self.runs()
        if name == "last" and records:
            return records[0]
        names = [record.run_id for record in records]
        fitting = [one for one in names if one == name] or [
            one for one in names if one.startswith(name) or one.endswith(name)
        ]
        if len(fitting) != 1:
            raise NoSuchRun(name, tuple(fitting[:1] or get_close_matches(name, names, 1)))
        return records[names.index(fitting[0])]

    def rebuild(self) -> int:
        """Make the SQLite file again from the run folders; how many there were. Runs whose folders are gone go."""
        self.bring()
        found = self._kept()
        if not found:
            return 0

        def again(connection: sqlite3.Connection) -> None:
            runners = dict(connection.execute("SELECT run_id, runner FROM runs").fetchall())
            connection.execute("DELETE FROM runs")
            for record in found:
                _insert(connection, record, runners.get(record.run_id))

        self._ask(again)
        return len(found)

    def _ask(self, action: Callable[[sqlite3.Connection], T]) -> T:
        """Do it in one transaction; of a file that is torn, after it has been put aside and made again."""
        try:
            with self._open() as connection:
                return action(connection)
        except sqlite3.DatabaseError:
            with contextlib.suppress(FileNotFoundError):  # another process was quicker
                self._path.replace(self._path.with_suffix(".broken"))
            for suffix in ("-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        with self._open() as connection:
            for record in self._kept():
                _insert(connection, record, None)
            return action(connection)

    def _kept(self) -> list[Record]:
        found = []
        self.unreadable = []
        for path in sorted(self.folder.glob(f"*/{RECORD}")):
            try:
                found.append(from_json(path.read_text(encoding="utf-8"), str(path)))
            except (OSError, UnreadableRecord, UnicodeDecodeError) as error:
                self.unreadable.append(f"{path}: {error}" if not isinstance(error, UnreadableRecord) else str(error))
        return found

    def remove(self, run_id: str) -> None:
        """Forget a run, folder and all."""
        shutil.rmtree(self.folder_of(run_id), ignore_errors=True)
        self._ask(lambda connection: connection.execute("DELETE FROM runs WHERE run_id = ?", (run_id,)))

    @contextmanager
    def beating(self, run_id: str) -> Iterator[None]:
        """Within this, the run's folder shows that its runner is alive, to whoever looks from another machine."""
        path, ended = self.folder_of(run_id) / HEARTBEAT, threading.Event()

        def beat() -> None:
            while True:
                with contextlib.suppress(OSError):  # a full disk ends no run
                    path.write_text(f"{time.time():.0f}")
                if self._remote is not None:
                    self._remote.beat(run_id)
                if ended.wait(BEAT_SECONDS):
                    return

        thread = threading.Thread(target=beat, name="nbpromote heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            path.unlink(missing_ok=True)

    def _seen(self, record: Record, runner: str | None) -> Record:
        if record.status != RUNNING:
            return record
        host, _, known = (runner or "").partition(" ")
        if host == socket.gethostname():
            is_gone = identity(int(known.partition(" ")[0])) != known
        else:
            try:
                beaten = (self.folder_of(record.run_id) / HEARTBEAT).stat().st_mtime
                is_gone = time.time() - beaten > _LOST_AFTER_SECONDS
            except OSError:
                is_gone = True
        return replace(record, status=LOST) if is_gone else record

    def _note(self, record: Record, runner: str | None) -> None:
        write_whole(self.folder_of(record.run_id) / RECORD, to_json(record))
        self._ask(lambda connection: _insert(connection, record, runner))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with contextlib.closing(
                sqlite3.connect(self._path, timeout=_WAIT_SECONDS, isolation_level=None)
            ) as connection:
                _set_up(connection)
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise LedgerFailed(self._path, str(error)) from error


def _set_up(connection: sqlite3.Connection) -> None:
    """Make what is not there yet. Of several that begin at once, SQLite lets all but one fail here without waiting."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_SCHEMA)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _insert(connection: sqlite3.Connection, record: Record, runner: str | None) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?)",
        (record.run_id, record.notebook, record.status, record.started, record.duration, runner, to_json(record)),
    )
