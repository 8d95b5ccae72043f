"""A case on trial: its reference and its one run, both found when they are first asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nbpromote.effects.files.repository import Repository
from nbpromote.effects.running import case_files, cases, warm_spark
from nbpromote.effects.running.cases import CaseRun
from nbpromote.effects.running.covering import NoCoverage
from nbpromote.effects.running.judging import Held
from nbpromote.effects.running.markers import Markers
from nbpromote.notebook import Cell, Notebook
from nbpromote.notebook.file_lines import find_lines
from nbpromote.running.case import BadCase, Case
from nbpromote.running.spark_modes import WARM


@dataclass(frozen=True)  # without slots: its properties are kept
class Trial:
    """One case. Its notebook runs once, when it is first asked what it did."""

    repository: Repository
    case: Case
    notebook: Notebook
    markers: Markers
    is_recorded: bool
    is_covered: bool

    def begin(self) -> None:
        """Run, unless there is no reference to hold it against.

        Raises:
            NbpromoteError: there is none, or the notebook does not come to its first cell.
        """
        assert self.reference is not None
        assert self.ran is not None

    @property
    def ran(self) -> CaseRun:
        """The case's one run; its executed notebook is kept. What stops it stops every item, and is not tried again."""
        outcome = self._outcome
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    @cached_property
    def held(self) -> Held:
        """The run beside the reference."""
        return Held(self.case, self.ran, self.reference, self.markers)

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
        if self.is_covered:
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
        if self.is_recorded:
            return ran.executed.status.is_good
        return Held(self.case, ran, self.reference, self.markers).is_same

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
                self.repository.relative(path),
                f"there is no reference; record it with: nbpromote test --update {self.case.title}",
            )
        import nbformat

        try:
            return nbformat.read(path, 4)  # type: ignore[no-untyped-call]
        except Exception as error:
            raise BadCase(self.repository.relative(path), f"is no notebook: {error}") from error

    def line_of(self, cell: Cell) -> int:
        """Where in the notebook's file a cell's code begins, from 1; 1 where that cannot be told."""
        found = self._lines.get(cell.number, ())
        return next((line for line, text in zip(found, cell.source.splitlines(), strict=False) if text.strip()), 1)

    @cached_property
    def _lines(self) -> Mapping[int, tuple[int, ...]]:
        return find_lines(self.notebook, case_files.find_notebook(self.repository, self.case).read_bytes())
