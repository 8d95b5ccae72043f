"""Faults for a writer of data: killed, frozen, cut off from its store, short of disk, or one of many.

Whoever looks says what is wrong. Shared by the tests and by benchmarks/faults.py, which also does it to plain Spark.
"""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[3]
DATASET = "derived/scores"
ROWS = 40_000

# Each write holds one number ROWS times; what a reader sees must be one number, ROWS times.
LAKE = """
import sys
import pyarrow as pa
from commonlib import lake, receipts
receipts.show = lambda receipt: None
rows, number = int(sys.argv[1]), int(sys.argv[2])
while True:
    number += 1
    print("begin", number, flush=True)
    table = pa.table({"n": pa.array([number] * rows), "text": [f"{number} {row}" for row in range(rows)]})
    lake.write(table, "derived/scores", key=str(number))
    print("end", number, flush=True)
    if "once" in sys.argv:
        break
"""


@dataclass
class Tally:
    """What was seen: how often each thing was done, and each thing that must not be, in words."""

    done: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def note(self, what: str, problem: str | None) -> None:
        self.done[what] += 1
        if problem:
            self.wrong.append(f"{what}: {problem}")


@contextmanager
def writing(code: str, *arguments: object, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A process of its own group that writes until it is killed, and is gone at the end."""
    here = os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": here} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        kill(process)
        process.communicate()


def kill(process: subprocess.Popen[str]) -> None:
    """End the process and all that it started, as a power cut would."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(process: subprocess.Popen[str], word: str) -> None:
    """Until the writer says so; its errors are raised here."""
    assert process.stdout is not None
    if not any(word in line for line in process.stdout):
        assert process.stderr is not None
        raise AssertionError(f"the writer ended: {process.stderr.read()[-2000:]}")


def look(*, version: int | None = None) -> tuple[str | None, int | None]:
    """What is wrong with what a reader of the lake sees, and which number it sees."""
    from commonlib.lake import arrow_frames, logs

    found = logs.open_log(DATASET).find(version)
    seen = Counter(arrow_frames.read(found).column("n").to_pylist())
    if len(seen) != 1 or set(seen.values()) != {ROWS}:
        return f"saw {dict(seen)}", None
    return None, next(iter(seen))


def killed_at(point: str, tally: Tally) -> None:
    """A writer dies at a named step; readers see the old or the new, and the same write again heals."""
    _, before = look()
    assert before is not None
    with writing(LAKE, ROWS, before, "once", LAKE_FAILPOINT=point) as process:
        code = process.wait(120)
    assert code == -signal.SIGKILL, f"{point} was not reached"
    _note_old_or_new(f"killed at {point}", before, tally)
    _heal(before, tally, times=2)


def killed_after(seconds: float, tally: Tally) -> None:
    """A writer dies at some moment of one of its writes."""
    _, before = look()
    assert before is not None
    with writing(LAKE, ROWS, before) as process:
        wait_for(process, "end")
        time.sleep(seconds)
        kill(process)
    problem, seen = look()
    tally.note("killed at random", problem or (f"saw {seen}, older than {before + 1}" if seen <= before else None))
    if seen:
        _heal(seen, tally)


def frozen(times: int, chance: random.Random, tally: Tally, pause: float = 0.25) -> None:
    """A writer is stopped at some moments, looked at, and goes on."""
    _, last = look()
    assert last is not None
    with writing(LAKE, ROWS, last) as process:
        wait_for(process, "end")
        drain = threading.Thread(target=lambda: [None for _ in process.stdout or ()], daemon=True)
        drain.start()
        for _ in range(times):
            time.sleep(chance.random() * pause)
            os.killpg(process.pid, signal.SIGSTOP)
            problem, seen = look()
            if not problem and seen is not None:
                problem = f"saw {seen} after {last}" if seen < last else None
                last = max(last, seen)
            tally.note("frozen", problem)
            os.killpg(process.pid, signal.SIGCONT)
        kill(process)
        drain.join(10)


def _note_old_or_new(what: str, before: int, tally: Tally) -> None:
    problem, seen = look()
    if not problem and seen not in {before, before + 1}:
        problem = f"saw {seen}, neither {before} nor {before + 1}"
    tally.note(what, problem)


def _heal(before: int, tally: Tally, times: int = 1) -> None:
    """The write that follows, with the key that it would have had: it is there once, however often it is tried."""
    from commonlib.lake import logs

    for _ in range(times):
        with writing(LAKE, ROWS, before, "once") as process:
            code = process.wait(120)
            assert process.stderr is not None
            said = process.stderr.read()[-300:] if code else ""
        problem, seen = look()
        if code or seen != before + 1:
            problem = f"a re-run ended with {code} {said}, and {seen} is seen"
        tally.note("healed", problem)
    log = logs.open_log(DATASET)
    keys = Counter(log.manifest(number).key for number in log.numbers()[-4:])
    tally.note("committed once", None if keys[str(before + 1)] == 1 else f"{keys}")


# Many writers and readers ------------------------------------------------------------------------------------------

MANY = """
import sys, time
import pyarrow as pa
from commonlib import lake, receipts
receipts.show = lambda receipt: None
for number in range(int(sys.argv[2])):
    began = time.monotonic()
    version = lake.write(pa.table({"n": [int(sys.argv[1]) * 1000 + number] * 50}), "derived/many")
    print(began, time.monotonic(), version.number, int(sys.argv[1]) * 1000 + number, flush=True)
"""


def meet(writers: int, writes: int, tally: Tally) -> None:
    """Many writers of one dataset beside a reader: their history must be one that a single writer could have made."""
    from commonlib.lake import arrow_frames, logs

    reads: list[tuple[float, float, int]] = []
    wrote: list[tuple[float, float, int]] = []
    log = logs.open_log("derived/many")
    here = os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", MANY, str(one), str(writes)],
            env=os.environ | {"PYTHONPATH": here},
            stdout=subprocess.PIPE,
            text=True,
        )
        for one in range(writers)
    ]
    while any(process.poll() is None for process in processes):
        began = time.monotonic()
        if (found := log.latest()) is not None:
            values = set(arrow_frames.read(found).column("n").to_pylist())
            reads.append((began, time.monotonic(), found.number))
            tally.note("read beside writers", None if len(values) == 1 else f"saw {values}")
    for process in processes:
        lines = process.communicate()[0].splitlines()
        tally.note("writers that met", None if process.returncode == 0 else f"ended with {process.returncode}")
        for line in lines:
            start, end, number, value = line.split()
            wrote.append((float(start), float(end), int(number)))
            held = arrow_frames.read(log.version(int(number))).column("n").to_pylist()
            tally.note("commits that met", None if held == [int(value)] * 50 else f"version {number} is another's")
    numbers = [number for _, _, number in wrote]
    tally.note("one log", None if sorted(numbers) == log.numbers() else "a commit is lost, or there twice")
    tally.note("linearisable", not_linearisable(wrote, reads))


def not_linearisable(writes: list[tuple[float, float, int]], reads: list[tuple[float, float, int]]) -> str | None:
    """Why no order of these operations fits the times at which they began and ended; versions count the writes."""
    highest = 0
    for _, end, number in sorted(writes, key=lambda one: one[1]):
        for began, _, later in writes:
            if began > end and later < number:
                return f"version {later} was begun after version {number} was there"
    highest = 0
    for began, end, number in sorted(reads):
        there = max((version for _, ended, version in writes if ended < began), default=0)
        begun = max((version for start, _, version in writes if start < end), default=0)
        if not there <= number <= max(begun, there):
            return f"a read saw version {number}, when {there} was there and {begun} was begun"
        if number < highest:
            return f"a read saw version {number} after {highest}"
        highest = number  # this reader reads one after another
    return None


# A store that fails -------------------------------------------------------------------------------------------------


@contextmanager
def unreliable(address: str, chance: random.Random, share: float) -> Iterator[str]:
    """A way to the server on which this share of connections fails: refused, cut when the server answers, or silent.

    Of those that are silent, half never reach the server, and half do, but nobody hears the answer.
    """
    parts = urlsplit(address)
    listener = socket.create_server(("127.0.0.1", 0))
    is_open = True

    def serve(client: socket.socket, fate: float) -> None:
        with client:
            if fate < share / 4:
                return
            if fate < share / 2:
                hang(client)
                return
            with socket.create_connection((parts.hostname or "", parts.port or 80)) as server:
                answering = threading.Thread(target=pump, args=(server, client, fate), daemon=True)
                answering.start()
                pump(client, server, 1.0)

    def hang(client: socket.socket) -> None:
        with suppress(OSError):
            while client.recv(1 << 16):  # until the caller gives up
                pass

    def pump(source: socket.socket, target: socket.socket, fate: float) -> None:
        try:
            while piece := source.recv(1 << 16):
                if fate < share * 3 / 4:  # the server has done it, and nobody hears of it
                    target.shutdown(socket.SHUT_RDWR)
                    return
                if fate < share:
                    continue
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def accept() -> None:
        while is_open:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(client, chance.random()), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}{parts.path}"
    finally:
        is_open = False
        listener.close()


def cut_off(times: int, tally: Tally, environment: dict[str, str]) -> None:
    """Writes over a connection that fails: each is there or not, never twice, and its process says which."""
    for _ in range(times):
        problem, before = look()
        assert before is not None, problem
        with writing(LAKE, ROWS, before, "once", **environment) as process:
            try:
                code = process.wait(300)
            except subprocess.TimeoutExpired:
                tally.note("calls failing", "took more than 300 s")
                continue
        problem, seen = look()
        if not problem and (seen not in {before, before + 1} or (code == 0 and seen != before + 1)):
            problem = f"ended with {code}, and {seen} is seen after {before}"
        tally.note("calls failing" if code == 0 else "calls failing, told", problem)
        if seen == before:
            _heal(before, tally)


def full(tally: Tally, run: Callable[[str, int], subprocess.CompletedProcess[str]]) -> None:
    """A disk that is full at some point of a write: it fails and says so, and readers see what was there."""
    for size in (0, 4096, 20_000, 100_000, 180_000):
        problem, before = look()
        assert before is not None, problem
        done = run(LAKE, size)
        problem, seen = look()
        if not problem and (seen != before or done.returncode == 0):
            problem = f"{size} bytes free: ended with {done.returncode}, {seen} is seen after {before}"
        if not problem and "Error" not in done.stderr and done.returncode > 0:
            problem = f"{size} bytes free: said {done.stderr[-200:]}"
        tally.note("disk full", problem)
        _heal(before, tally)
