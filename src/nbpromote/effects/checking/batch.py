"""Many notebooks checked: what is known from before is not worked out again, the rest on all cores."""

import gc
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from nbpromote.analysis.checking import Checked, check, unreadable
from nbpromote.analysis.fixing import find_file_fixes
from nbpromote.effects.checking.cache import CheckCache
from nbpromote.effects.checking.in_place import may_be_in_place
from nbpromote.effects.checking.included import check_with_others, runs_others
from nbpromote.effects.checking.linting import lint
from nbpromote.effects.checking.neighbours import neighbours_of
from nbpromote.effects.files.repository import find
from nbpromote.errors import UnreadableNotebook
from nbpromote.notebook import parse, read
from nbpromote.notebook.file_lines import find_lines
from nbpromote.promotion.planning import find_refusals

_FEW = 6  # notebooks; for fewer, starting processes takes longer than it saves
_AHEAD = 16  # notebooks a process, handed out before the first of them is awaited


@dataclass(frozen=True, slots=True)
class Checker:
    """Checks files with these specifications, and keeps what it finds."""

    specifications: tuple[Path, ...]
    cache: CheckCache
    processes: int = 0

    def check_files(self, paths: Sequence[Path]) -> Iterator[Checked]:
        """Each file checked, in this order; one that cannot be read, or that ends its process, is a finding."""
        self.cache.tidy()
        known = {path: before for path in paths if (before := self._known(path)) is not None}
        new = [path for path in paths if path not in known]
        processes = min(self.processes or cores(), len(new))
        found = self._apart(new, processes) if len(new) > _FEW and processes > 1 else map(self.check_file, new)
        for path in paths:
            yield known[path] if path in known else next(found)
        next(found, None)  # lets the processes end before this one does

    def check_file(self, path: Path) -> Checked:
        """What stands between this notebook and production."""
        try:
            data = path.read_bytes() if path.is_file() else None
        except OSError:
            data = None
        try:
            notebook = parse(data, str(path)) if data is not None else read(path)
            beside = neighbours_of(data, path) if data is not None else frozenset()
            is_in_place = notebook.language != "python" and may_be_in_place(data, path)
            whole = partial(
                check,
                specifications=self.specifications,
                linter=lint,
                refuser=None if is_in_place else partial(find_refusals, neighbours=beside),
            )
            is_alone = data is None or not runs_others(data)
            checked = whole(notebook) if is_alone else check_with_others(notebook, find(path), whole)
            if data is not None and any(each.cell is not None for each in checked.findings):
                checked = _placed(checked, find_lines(notebook, data))
                if any(each.fix is not None for each in checked.findings):
                    checked = replace(checked, file_fixes=find_file_fixes(checked.findings, notebook, data))
        except UnreadableNotebook as error:
            checked = unreadable(str(path), error.reason, error.hint)
        except Exception as error:
            name = type(error).__name__
            return unreadable(str(path), f"BUG: checking it ended with {name}: {error}", "please report it")
        if data is not None and not runs_others(data):
            self.cache.put(data, checked)
        return checked

    def _known(self, path: Path) -> Checked | None:
        try:
            data = path.read_bytes() if path.is_file() else None
            return self.cache.get(data, str(path)) if data is not None and not runs_others(data) else None
        except OSError:
            return None

    def _apart(self, paths: Sequence[Path], processes: int) -> Iterator[Checked]:
        """Each file checked, in processes of their own."""
        waiting = deque(paths)
        while waiting:
            running: deque[tuple[Path, Future[Checked]]] = deque()
            with _pool(processes) as pool:
                try:
                    while waiting or running:
                        while waiting and len(running) < processes * _AHEAD:
                            running.append((waiting[0], pool.submit(self.check_file, waiting[0])))
                            waiting.popleft()
                        checked = running[0][1].result()
                        running.popleft()
                        yield checked
                except BrokenProcessPool:
                    pass
                except BaseException:
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise
            for path, future in running:
                is_done = future.done() and future.exception() is None
                yield future.result() if is_done else self._alone(path)

    def _alone(self, path: Path) -> Checked:
        """The file checked in a process that it may end."""
        with _pool(1) as pool:
            try:
                return pool.submit(self.check_file, path).result()
            except BrokenProcessPool:
                reason = "BUG: checking it ended its process; was memory short?"
                return unreadable(str(path), reason, "please report it, if not")


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _placed(checked: Checked, lines: Mapping[int, tuple[int, ...]]) -> Checked:
    """The checked notebook with the lines of the file that its findings stand on."""
    places: list[int | None] = []
    for finding in checked.findings:
        cell = lines.get(finding.cell or 0, ())
        row = finding.span.line if finding.span else 1
        places.append(cell[min(row, len(cell)) - 1] if cell else None)
    return replace(checked, file_lines=tuple(places))


def _pool(processes: int) -> ProcessPoolExecutor:
    # A forked process has the imports done. It is safe here: the tool has no threads yet.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    return ProcessPoolExecutor(processes, mp_context=context, initializer=_begin)


def _begin() -> None:
    """A process leaves Ctrl-C to the one that started it, and ends when that one is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.freeze()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)
