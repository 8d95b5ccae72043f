"""A case as pytest sees it: a file with an item for the run, one for each code cell, and one for the data written."""

from collections.abc import Iterator
from dataclasses import asdict
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from nbpromote.effects.files import repository
from nbpromote.effects.kernels.execution import CellStatus
from nbpromote.effects.running import case_files, cases, recording, warm_spark
from nbpromote.effects.running.cases import CaseRun
from nbpromote.effects.running.covering import NoCoverage
from nbpromote.effects.running.judging import does_the_same
from nbpromote.effects.running.markers import find_markers
from nbpromote.errors import NbpromoteError
from nbpromote.notebook.model import Cell
from nbpromote.running import reference
from nbpromote.running.case import BadCase
from nbpromote.running.comparing import Difference, Terms, compare, datasets
from nbpromote.running.spark_modes import WARM
from nbpromote.running.stability import Stability, without_ignored

PROPERTY = "nbpromote"  # of a report, for the page
_PICTURES = ("image/png", "image/jpeg", "image/svg+xml")


class CellFailed(Exception):
    """A cell that does not do what it did; its text is the whole message."""

    def __init__(self, message: str, differences: tuple[Difference, ...] = ()) -> None:
        self.differences = differences
        super().__init__(message)


class CaseFile(pytest.File):
    """One case. The notebook runs once, when the first of its items does."""

    def collect(self) -> Iterator[pytest.Item]:
        self.repository = repository.find(self.path)
        try:
            self.case = case_files.read_case(self.path)
            self.notebook = cases.read_notebook(self.repository, self.case)
            self.markers = find_markers(self.case, self.notebook)
        except NbpromoteError as error:
            raise pytest.Collector.CollectError(str(error)) from error
        self.extra_keyword_matches.update((self.case.notebook, self.case.title))
        self.is_updating = bool(self.config.getoption("--nbpromote-update"))
        yield RunItem.from_parent(self, name="run")
        if self.is_updating:
            return
        for cell in self.notebook.code_cells:
            if cell.source.strip():
                yield CellItem.from_parent(self, name=f"cell-{cell.number}", cell=cell)
        yield DataItem.from_parent(self, name="data")

    @cached_property
    def terms(self) -> Terms:
        return cases.terms_of(self.case)

    @property
    def ran(self) -> CaseRun:
        """The case's one run; its executed notebook is kept. What stops it stops every item, and is not tried again."""
        outcome = self._outcome
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    @cached_property
    def _outcome(self) -> CaseRun | Exception:
        try:
            return self._run()
        except Exception as error:
            return error

    def _run(self) -> CaseRun:
        kept: Path | None = self.kept
        try:
            self.kept.parent.mkdir(parents=True, exist_ok=True)
        except OSError:  # what is kept for people to look at fails no test
            kept = None
        covered = None
        if self.config.getoption("--nbpromote-cov"):
            if find_spec("coverage") is None:
                raise NoCoverage
            covered = self.repository.root / f".coverage.{self.case.notebook}-{self.case.name}"
        is_shared = warm_spark.mode(self.repository.root, None) == WARM
        for may_share in (True, False) if is_shared else (False,):
            ran = cases.run_case(
                self.repository, self.case, self.notebook, output_path=kept, covered=covered, is_shared=may_share
            )
            if not ran.is_shared or self._is_good(ran):
                break  # else on a Spark of its own, for which the shared one must not be to blame
        return ran

    def _is_good(self, ran: CaseRun) -> bool:
        if self.is_updating:
            return ran.executed.status.is_good
        return does_the_same(self.case, ran, self.reference, self.markers)

    @property
    def kept(self) -> Path:
        """Where the executed notebook is."""
        return self.repository.folder("runs") / "tests" / self.case.notebook / f"{self.case.name}.ipynb"

    @cached_property
    def reference(self) -> Any:
        """The reference.

        Raises:
            BadCase: there is none, or it cannot be read.
        """
        path = self.case.reference
        if not path.is_file():
            raise BadCase(
                str(path), f"there is no reference; record it with: nbpromote test --update {self.case.title}"
            )
        import nbformat

        try:
            return nbformat.read(path, 4)  # type: ignore[no-untyped-call]
        except Exception as error:
            raise BadCase(str(path), f"is no notebook: {error}") from error

    @cached_property
    def pairs(self) -> dict[str, tuple[Any, Any | None]]:
        """Each executed cell, by its id, with its reference."""
        executed = reference.own_code_cells(self.ran.executed.notebook)
        matched = reference.match(executed, reference.own_code_cells(self.reference))
        return {cell.get("id"): pair for cell, pair in zip(executed, zip(executed, matched, strict=True), strict=True)}

    @cached_property
    def apart(self) -> str:
        """Versions that the reference was recorded with and that are others now, as a sentence or nothing."""
        stamp = self.reference.metadata.get("nbpromote", {}).get("environment", {})
        now = self.ran.versions
        found = [f"{name} {was} (now {now[name]})" for name, was in stamp.items() if now.get(name, was) != was]
        return f"the reference was recorded with {', '.join(found)}" if found else ""

    @cached_property
    def pictures_of_another_library(self) -> tuple[str, ...]:
        """MIME types that cannot be compared by pixels, for another matplotlib, or nobody knows what, drew them."""
        stamp = self.reference.metadata.get("nbpromote", {}).get("environment")
        if stamp is not None and stamp.get("matplotlib") in {None, self.ran.versions.get("matplotlib")}:
            return ()
        who = f"matplotlib {stamp['matplotlib']}" if stamp else "an unknown library (the reference is not stamped)"
        message = f"{who} drew the reference's pictures; only what they were drawn from is compared"
        self.warn(pytest.PytestWarning(message))
        return _PICTURES

    def line_of(self, source: str) -> int:
        """Where in the notebook's file a cell begins, from 0."""
        text = case_files.find_notebook(self.repository, self.case).read_text(encoding="utf-8")
        first = next((line for line in source.splitlines() if line.strip()), "")
        return text[: max(text.find(first), 0)].count("\n")


class _CaseItem(pytest.Item):
    parent: CaseFile

    def tell(self, **said: object) -> None:
        """Keep something for the page and the summary, also across processes."""
        where = {"case": self.parent.case.title, "place": self.name, "notebook": self.parent.notebook.path}
        kept = self.parent.repository.relative(self.parent.kept)
        self.user_properties.append((PROPERTY, {**where, "kept": kept, **said}))

    def check_begun(self) -> None:
        """What kept the notebook from its first cell is told whole by the item of the run."""
        try:
            assert self.parent.ran is not None
        except NbpromoteError as error:
            raise CellFailed(f"not reached: {str(error).splitlines()[0]}") from error

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        is_ours = isinstance(excinfo.value, CellFailed | NbpromoteError)
        return str(excinfo.value) if is_ours else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int, str]:
        return self.path, 0, f"{self.parent.case.title}: {self.name}"


class RunItem(_CaseItem):
    """The notebook runs to its end on the case's parameters and data; with `--nbpromote-update` it is the reference."""

    def runtest(self) -> None:
        parent = self.parent
        if parent.is_updating:
            is_checked = not self.config.getoption("--nbpromote-once")
            done = recording.record(parent.repository, parent.case, parent.notebook, parent.ran, is_checked=is_checked)
            unsure = [one for one in done.judged if one.stability is not Stability.STABLE]
            self.tell(
                judged=[(one.place, str(one.stability), one.why) for one in unsure],
                stable=len(done.judged) - len(unsure),
                changed=done.is_changed,
            )
            return
        assert parent.reference is not None  # before anything runs
        executed = parent.ran.executed
        if not executed.status.is_good:
            message = f"{parent.notebook.path} {executed.status}: {executed.failure}"
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
        parent = self.parent
        if self.cell.id in parent.markers.skipped:
            pytest.skip("the cell says NBVAL_SKIP")
        if not parent.case.reference.is_file():
            raise CellFailed("not reached: there is no reference")
        self.check_begun()
        status = {run.cell_id: run for run in parent.ran.executed.cells}.get(self.cell.id)
        failure = parent.ran.executed.failure
        if status is not None and status.status is CellStatus.NOT_REACHED and failure is not None:
            raise CellFailed(f"not reached: {failure}")
        if failure is not None and failure.cell_id == self.cell.id:
            raise CellFailed(f"{failure}\n{failure.trace}")
        cell, expected = parent.pairs.get(self.cell.id, (None, None))
        if cell is None or expected is None:
            raise CellFailed(
                f"the reference has no such cell; record it again with: nbpromote test --update {parent.case.title}"
            )
        if self.cell.id in parent.markers.not_compared:
            return
        if expected.get("execution_count") is None:
            # As in nbval: what did not run in the reference is not compared, and cannot have shown anything.
            if expected.get("outputs"):
                raise CellFailed("the reference says that this cell did not run, and has outputs; record it again")
            return
        shown = reference.outputs(cell, parent.ran.masking)
        wanted = reference.outputs(expected, parent.ran.masking)
        found = compare(wanted, shown, parent.terms)
        if parent.pictures_of_another_library:
            found = tuple(one for one in found if one.what not in _PICTURES or "plotted" in one.told.split("\n")[0])
        if found:
            told = "\n".join(f"{one.what}: {one.told}" for one in found)
            more = f"\n{parent.apart}" if parent.apart else ""
            kept = parent.repository.relative(parent.kept)
            raise CellFailed(f"{told}\n{more}\nexecuted notebook: {kept}".replace("\n\n", "\n"), found)

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        message = super().repr_failure(excinfo, style)
        if not isinstance(message, str):
            return message
        where = f"{self.parent.notebook.path}:{self.parent.line_of(self.cell.source) + 1} cell {self.cell.number}"
        if message.startswith("not reached"):
            return f"{where} {message}"
        lines = self.cell.source.splitlines()
        source = "\n".join(f"    {line}" for line in lines[:12]) + ("\n    ..." if len(lines) > 12 else "")
        return f"{where}\n{source}\n\n{message}"

    def reportinfo(self) -> tuple[Any, int, str]:
        name = f"{self.parent.case.title}: {self.name}"
        return Path(self.parent.notebook.path), self.parent.line_of(self.cell.source), name


class DataItem(_CaseItem):
    """The datasets that the notebook wrote hold what they held: rows, types, and every column's contents."""

    def runtest(self) -> None:
        if not self.parent.case.reference.is_file():
            raise CellFailed("not reached: there is no reference")
        self.check_begun()
        known = self.parent.reference.metadata.get("nbpromote", {}).get("written")
        if known is None and not self.parent.ran.written:
            return
        if known is None:
            raise CellFailed(f"{self.parent.case.reference} says nothing of the data written; record it again")
        sides = [without_ignored(one, self.parent.case.ignore) for one in (known, self.parent.ran.written)]
        told = datasets.difference(sides[0], sides[1], self.parent.terms)
        if told is None:
            self.tell()
            return
        message = f"the data written differs\n{told}"
        self.tell(message=message, differences=[asdict(Difference("data", told))])
        raise CellFailed(message)
