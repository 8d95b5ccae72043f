"""A case as pytest sees it: a file with an item for the run, one for each code cell, and one for the data written."""

from collections.abc import Iterator
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from nbpromote.effects.files import repository
from nbpromote.effects.kernels.execution import CellStatus
from nbpromote.effects.running import case_files, cases, recording
from nbpromote.effects.running.judging import Held
from nbpromote.effects.running.markers import find_markers
from nbpromote.errors import NbpromoteError
from nbpromote.notebook.model import Cell
from nbpromote.pytest_plugin.trial import Trial
from nbpromote.running.comparing import Difference
from nbpromote.running.executed import INJECTED
from nbpromote.running.stability import Stability

PROPERTY = "nbpromote"  # of a report, for the page


class CellFailed(Exception):
    """A cell that does not do what it did; its text is the whole message."""

    def __init__(self, message: str, differences: tuple[Difference, ...] = ()) -> None:
        self.differences = differences
        super().__init__(message)


class CaseFile(pytest.File):
    """One case. The notebook runs once, when the first of its items does.

    `has_told` is whether the item of the run has told what keeps all the others from theirs.
    """

    has_told = False

    def collect(self) -> Iterator[pytest.Item]:
        found = repository.find(self.path)
        is_recorded, is_covered = (bool(self.config.getoption(f"--nbpromote-{one}")) for one in ("update", "cov"))
        try:
            case = case_files.read_case(self.path)
            notebook = cases.read_notebook(found, case)
            markers = find_markers(case, notebook)
        except NbpromoteError as error:
            raise pytest.Collector.CollectError(str(error)) from error
        self.trial = Trial(found, case, notebook, markers, is_recorded=is_recorded, is_covered=is_covered)
        self.extra_keyword_matches.update((case.notebook, case.title))
        yield RunItem.from_parent(self, name="run")
        if is_recorded:
            return
        for cell in notebook.code_cells:
            if cell.source.strip() and INJECTED not in cell.tags:
                yield CellItem.from_parent(self, name=f"cell-{cell.number}", cell=cell)
        yield DataItem.from_parent(self, name="data")

    @cached_property
    def held(self) -> Held:
        """The case's run beside its reference; says once when pictures cannot be compared by pixels."""
        held = self.trial.held
        if held.other_painter:
            said = f"{held.other_painter} drew the reference's pictures; only what they were drawn from is compared"
            self.warn(pytest.PytestWarning(said))
        return held


class _CaseItem(pytest.Item):
    parent: CaseFile

    @property
    def trial(self) -> Trial:
        return self.parent.trial

    def tell(self, **said: object) -> None:
        """Keep something for the page and the summary, also across processes."""
        where = {"case": self.trial.case.title, "place": self.name, "notebook": self.trial.notebook.path}
        kept = self.trial.repository.relative(self.trial.kept)
        self.user_properties.append((PROPERTY, {**where, "kept": kept, **said}))

    def check_begun(self) -> None:
        """A case that does not begin fails once, by its run; each item tells it where the run was not selected."""
        try:
            self.trial.begin()
        except NbpromoteError as error:
            if self.parent.has_told:
                pytest.skip(f"not reached: {str(error).splitlines()[0]}")
            raise

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        is_ours = isinstance(excinfo.value, CellFailed | NbpromoteError)
        return str(excinfo.value) if is_ours else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int, str]:
        return self.path, 0, f"{self.trial.case.title}: {self.name}"


class RunItem(_CaseItem):
    """The notebook runs to its end on the case's parameters and data; with `--nbpromote-update` it is the reference."""

    def runtest(self) -> None:
        trial = self.trial
        if trial.is_recorded:
            is_checked = not self.config.getoption("--nbpromote-once")
            done = recording.record(trial.repository, trial.case, trial.notebook, trial.ran, is_checked=is_checked)
            unsure = [one for one in done.judged if one.stability is not Stability.STABLE]
            self.tell(
                judged=[(one.place, str(one.stability), one.why) for one in unsure],
                stable=len(done.judged) - len(unsure),
                changed=done.is_changed,
            )
            return
        try:
            trial.begin()
        except NbpromoteError as error:
            self.parent.has_told = True
            self.tell(message=str(error))
            raise
        executed = trial.ran.executed
        if not executed.status.is_good:
            message = f"{trial.notebook.path} {executed.status}: {executed.failure}"
            self.tell(message=message)
            raise CellFailed(message)
        self.tell()


class CellItem(_CaseItem):
    """One code cell shows what its reference shows, after noise is taken out of both."""

    def __init__(self, *, cell: Cell, **others: Any) -> None:
        super().__init__(**others)
        self.cell = cell
        self.extra_keyword_matches.update(cell.tags)

    def runtest(self) -> None:
        try:
            self._compare()
        except CellFailed as failed:
            found = [asdict(one) for one in failed.differences]
            self.tell(source=self.cell.source, message=str(failed), differences=found)
            raise
        self.tell()

    def _compare(self) -> None:
        trial = self.trial
        if self.cell.id in trial.markers.skipped:
            pytest.skip("the cell says NBVAL_SKIP")
        self.check_begun()
        status = {run.cell_id: run for run in trial.ran.executed.cells}.get(self.cell.id)
        failure = trial.ran.executed.failure
        if status is not None and status.status is CellStatus.NOT_REACHED and failure is not None:
            raise CellFailed(f"not reached: {failure}")
        if failure is not None and failure.cell_id == self.cell.id:
            raise CellFailed(f"{failure}\n{failure.trace}")
        apart = self.parent.held.cell(self.cell.id)
        if apart is not None:
            kept = [f"executed notebook: {trial.repository.relative(trial.kept)}"] if apart.differences else []
            raise CellFailed("\n".join([apart.told, *kept]), apart.differences)

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        message = super().repr_failure(excinfo, style)
        if not isinstance(message, str):
            return message
        where = f"{self.trial.notebook.path}:{self.trial.line_of(self.cell)} cell {self.cell.number}"
        if message.startswith("not reached"):
            return f"{where} {message}"
        lines = self.cell.source.splitlines()
        source = "\n".join(f"    {line}" for line in lines[:12]) + ("\n    ..." if len(lines) > 12 else "")
        return f"{where}\n{source}\n\n{message}"

    def reportinfo(self) -> tuple[Any, int, str]:
        name = f"{self.trial.case.title}: {self.name}"
        return Path(self.trial.notebook.path), self.trial.line_of(self.cell) - 1, name


class DataItem(_CaseItem):
    """The datasets that the notebook wrote hold what they held: rows, types, and every column's contents."""

    def runtest(self) -> None:
        self.check_begun()
        apart = self.parent.held.data()
        if apart is None:
            self.tell()
            return
        failure = self.trial.ran.executed.failure
        told = apart.told if failure is None else f"not all was written: {failure}"
        self.tell(message=told, differences=[asdict(one) for one in apart.differences])
        raise CellFailed(told)
