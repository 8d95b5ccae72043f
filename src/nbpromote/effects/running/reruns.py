"""A run made once more, on the data that it read then, beside the lake; and whether it gives the same."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat

from commonlib.errors import CommonlibError
from nbpromote.effects.files.lake_copies import lake_copied
from nbpromote.effects.files.repository import Repository
from nbpromote.effects.files.staging import lake_up_to
from nbpromote.effects.running import runs
from nbpromote.effects.running.ledger import EXECUTED, ledger_of
from nbpromote.effects.running.runs import Ran
from nbpromote.effects.running.summaries import summarise
from nbpromote.errors import NbpromoteError
from nbpromote.notebook import Notebook, parse
from nbpromote.running.contrast import Change, changed_cells, changed_data, changes
from nbpromote.running.executed import INJECTED, Progress
from nbpromote.running.record import Record
from nbpromote.running.reference import Masking
from nbpromote.running.request import RunRequest
from nbpromote.running.spark_modes import CLASSIC, WARM

_MOST_ROWS = 1_000_000
_CAUSES = ("code", "version", "environment", "spark", "parameter")


class CannotRerun(NbpromoteError):
    """A run that cannot be made once more."""

    def __init__(self, run_id: str, reason: str) -> None:
        self.run_id, self.reason = run_id, reason
        super().__init__(f"{run_id}: cannot be run again: {reason}")


@dataclass(frozen=True, slots=True)
class Rerun:
    """A run made once more: how much was compared, what differs, and what may have caused it."""

    ran: Ran
    cells: int
    datasets: int
    differences: tuple[Change, ...]
    causes: tuple[Change, ...]

    @property
    def is_same(self) -> bool:
        return not self.differences


def rerun(repository: Repository, record: Record, *, on_cell: Callable[[Progress], None] | None = None) -> Rerun:
    """Run what ran then: the notebook as it was executed, with its parameters, on the versions that it read.

    It writes to a lake of its own, which is gone afterwards: the lake keeps what was written first.

    Raises:
        CannotRerun: it did not go well, or its notebook or data that it read is gone.
        CannotStage: there is no room for a lake beside the lake.
    """
    if record.failure is not None or record.duration is None:
        raise CannotRerun(record.run_id, f"it is {record.status}; there are no results to compare with")
    folder = ledger_of(repository).whole(record.run_id)
    notebook = _notebook(folder / EXECUTED, record)
    with _lake_before(repository, record) as lake:
        request = RunRequest(
            runs.new_id(record.notebook),
            record.notebook,
            {name: record.parameters[name] for name in record.given},  # type: ignore[misc]  # as JSON gave them back
            {name: value for name, value in record.parameters.items() if name not in record.given},
            rerun_of=record.run_id,
            notebook_digest=record.code.notebook,
            on=record.on,
            spark=WARM if record.spark.get("where") == WARM else CLASSIC,
        )
        ran = runs.run(replace(repository, lake=lake, remote_lake=None), notebook, request, on_cell=on_cell)
        if ran.record.failure is not None:
            return Rerun(ran, 0, 0, tuple(one for one in changes(record, ran.record) if one.kind == "result"), ())
        with _lake_after(repository, record) as first:
            differences, datasets = _data(first, lake, record, ran.record)
    then, now = _executed(folder), _executed(ran.folder)
    maskings = (_masking(record, repository.lake_root), _masking(ran.record, str(lake)))
    differences += list(changed_cells(then, now, maskings))
    causes = tuple(one for one in changes(record, ran.record) if one.kind in _CAUSES)
    return Rerun(ran, len(notebook.code_cells), datasets, tuple(differences), causes)


def contrast(repository: Repository, a: Record, b: Record, *, is_thorough: bool = False) -> tuple[Change, ...]:
    """What differs between two runs: given, read, written, shown.

    Where it `is_thorough`, data of a lake on a disk is read: files may differ, and hold the same.
    """
    ledger = ledger_of(repository)
    lake = repository.lake_root
    shown = changed_cells(
        _executed(ledger.whole(a.run_id)),
        _executed(ledger.whole(b.run_id)),
        (_masking(a, lake), _masking(b, lake)),
    )
    told = changes(a, b)
    if is_thorough and repository.remote_lake is None:
        told = tuple(one for change in told for one in _read(repository.folder("lake"), change, a, b))
    return (*told, *shown)


def _read(lake: Path, change: Change, a: Record, b: Record) -> tuple[Change, ...]:
    """In what the data itself differs that both runs wrote; the change as it is where that takes too long."""
    written = [next((one for one in reversed(run.writes) if one.dataset == change.name), None) for run in (a, b)]
    if change.kind != "wrote" or any(one is None or (one.rows or 0) > _MOST_ROWS for one in written):
        return (change,)
    before, after = (summarise(lake, change.name, one.version) for one in written if one is not None)
    return changed_data(change.name, before, after) if before and after else (change,)


@contextmanager
def _lake_before(repository: Repository, record: Record) -> Iterator[Path]:
    """A lake as the run found it, which takes writes of its own."""
    before = _versions_before(record)
    if repository.remote_lake is None:
        with lake_up_to(repository.folder("lake"), before) as lake:
            yield lake
        return
    read = {(one.dataset, one.version) for one in record.inputs if one.dataset and one.version}
    with ExitStack() as held:
        try:
            lake = held.enter_context(lake_copied(repository.remote_lake, before, read))
        except CommonlibError as error:
            raise CannotRerun(record.run_id, f"what it read is not there ({error})") from error
        yield lake


@contextmanager
def _lake_after(repository: Repository, record: Record) -> Iterator[Path]:
    """A lake on a disk that holds what the run wrote."""
    if repository.remote_lake is None:
        yield repository.folder("lake")
        return
    written = {one.dataset: one.version for one in record.writes if one.dataset and one.version}
    with ExitStack() as held:
        try:
            lake = held.enter_context(lake_copied(repository.remote_lake, written))
        except CommonlibError as error:
            raise CannotRerun(record.run_id, f"what it wrote is not there ({error})") from error
        yield lake


def _versions_before(record: Record) -> dict[str, int]:
    """The latest version of each dataset as the run found it."""
    found: dict[str, int] = {}
    for one in record.inputs:
        if one.dataset is not None and one.version is not None:
            found[one.dataset] = max(found.get(one.dataset, 0), one.version)
    for one in record.writes:
        if one.dataset is not None and one.version is not None:
            found[one.dataset] = min(found.get(one.dataset, one.version - 1), one.version - 1)
    return found


def _data(then: Path, now: Path, record: Record, again: Record) -> tuple[list[Change], int]:
    first = {one.dataset: one.version for one in record.writes if one.dataset}
    second = {one.dataset: one.version for one in again.writes if one.dataset}
    differences: list[Change] = []
    for dataset in dict.fromkeys((*first, *second)):
        before = summarise(then, dataset, first[dataset]) if dataset in first else None
        after = summarise(now, dataset, second[dataset]) if dataset in second else None
        differences += changed_data(dataset, before, after)
    return differences, len(first)


def _notebook(path: Path, record: Record) -> Notebook:
    try:
        found = parse(path.read_bytes(), record.notebook + ".ipynb")
    except OSError as error:
        raise CannotRerun(record.run_id, f"its executed notebook is not there ({error.strerror})") from error
    cells = tuple(cell for cell in found.cells if INJECTED not in cell.tags)
    return replace(found, path=record.notebook, cells=cells)


def _executed(folder: Path) -> Any:
    try:
        return nbformat.read(folder / EXECUTED, 4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError):
        return None


def _masking(record: Record, lake: str) -> Masking:
    return Masking(datetime.fromisoformat(record.started), {lake: "<lake>"})
