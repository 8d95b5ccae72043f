"""A case as pytest sees it: a file with an item for the run, one for each code cell, and one for the data written."""

from collections import OrderedDict
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pytest
from nbval.plugin import IPyNbCell, find_comment_markers, find_metadata_tags, nocolors

from nbpromote.effects.files import repository
from nbpromote.effects.kernels.execution import CellStatus
from nbpromote.effects.running import case_files, cases
from nbpromote.effects.running.cases import CaseRun
from nbpromote.errors import NbpromoteError
from nbpromote.running import reference
from nbpromote.running.case import BadCase

# As nbval has it, but that pictures are compared.
_NOT_COMPARED = ("metadata", "traceback", "prompt_number", "output_type", "name", "execution_count")


class CellFailed(Exception):
    """A cell that does not do what it did; its text is the whole message."""


class CaseFile(pytest.File):
    """One case. The notebook runs once, when the first of its items does; some attributes are for nbval's cells."""

    timed_out = False
    compare_outputs = True

    def collect(self) -> Iterator[pytest.Item]:
        self.repository = repository.find(self.path)
        try:
            self.case = case_files.read_case(self.path)
            self.notebook = cases.read_notebook(self.repository, self.case)
        except NbpromoteError as error:
            raise pytest.Collector.CollectError(str(error)) from error
        self.skip_compare = (*_NOT_COMPARED, *self.case.ignore)
        self.sanitize_patterns: OrderedDict[str, str] = OrderedDict()
        self.is_updating = bool(self.config.getoption("--nbpromote-update"))
        yield RunItem.from_parent(self, name="run")
        if self.is_updating:
            return
        for number, cell in enumerate((cell for cell in self.notebook.code_cells if cell.source.strip()), 1):
            from nbformat import v4

            tags = {"tags": list(cell.tags)}
            node = v4.new_code_cell(cell.source, id=cell.id, metadata=tags)  # type: ignore[no-untyped-call]
            markers = [*find_metadata_tags(node.metadata), *find_comment_markers(cell.source)]
            options = {"check": True, **dict(markers)}
            item = CellItem.from_parent(
                self, name=f"cell-{cell.number}", cell_num=cell.number, cell=node, options=options
            )
            item.place = number - 1
            yield item
        yield DataItem.from_parent(self, name="data")

    @cached_property
    def ran(self) -> CaseRun:
        """The case's one run."""
        return cases.run_case(self.repository, self.case, self.notebook)

    @cached_property
    def reference(self) -> Any:
        """The reference.

        Raises:
            BadCase: there is none, or it cannot be read.
        """
        path = self.case.reference
        name = f"{self.case.notebook}/{self.case.name}"
        if not path.is_file():
            raise BadCase(str(path), f"there is no reference; record it with: nbpromote test --update {name}")
        import nbformat

        try:
            return nbformat.read(path, 4)  # type: ignore[no-untyped-call]
        except Exception as error:
            raise BadCase(str(path), f"is no notebook: {error}") from error

    @cached_property
    def pairs(self) -> list[tuple[Any, Any | None]]:
        """Each executed cell with its reference."""
        executed = reference.own_code_cells(self.ran.executed.notebook)
        return list(zip(executed, reference.match(executed, reference.own_code_cells(self.reference)), strict=True))

    @cached_property
    def pictures_of_another_library(self) -> tuple[str, ...]:
        """MIME types that cannot be compared, for another matplotlib drew the reference."""
        drawn = self.reference.metadata.get("nbpromote", {}).get("environment", {}).get("matplotlib")
        if drawn in {None, self.ran.versions.get("matplotlib")}:
            return ()
        message = f"matplotlib {drawn} drew the reference's pictures; they are not compared. Record it again to do so"
        self.warn(pytest.PytestWarning(message))
        return ("image/png", "image/jpeg", "image/svg+xml")

    def line_of(self, source: str) -> int:
        """Where in the notebook's file a cell begins, from 0."""
        text = case_files.find_notebook(self.repository, self.case).read_text(encoding="utf-8")
        first = next((line for line in source.splitlines() if line.strip()), "")
        return text[: max(text.find(first), 0)].count("\n")


class RunItem(pytest.Item):
    """The notebook runs to its end on the case's parameters and data; with `--nbpromote-update` it is the reference."""

    parent: CaseFile

    def runtest(self) -> None:
        executed = self.parent.ran.executed
        if not executed.status.is_good:
            trace = executed.failure.trace if executed.failure else ""
            raise CellFailed(f"{self.parent.notebook.path} {executed.status}: {executed.failure}\n{trace}".strip())
        if self.parent.is_updating:
            cases.record(self.parent.repository, self.parent.case, self.parent.ran)
        else:
            assert self.parent.reference is not None

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        return _shown(excinfo) or super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int, str]:
        return self.path, 0, f"{self.parent.case.notebook}/{self.parent.case.name}: run"


class CellItem(IPyNbCell):  # type: ignore[misc]  # nbval has no types
    """One code cell shows what its reference shows, by nbval's comparison, after noise is taken out of both."""

    place = 0

    def setup(self) -> None:
        """Nothing: the case has one run, which is its file's."""

    def runtest(self) -> None:
        if self.options.get("skip"):
            pytest.skip("the cell says NBVAL_SKIP")
        cell, expected = self.parent.pairs[self.place]
        status = {run.cell_id: run for run in self.parent.ran.executed.cells}.get(cell.id)
        failure = self.parent.ran.executed.failure
        if status is not None and status.status is CellStatus.NOT_REACHED and failure is not None:
            raise CellFailed(f"not reached: {failure}")
        if failure is not None and failure.cell_id == cell.id:
            raise CellFailed(f"{failure}\n{failure.trace}")
        if expected is None:
            name = f"{self.parent.case.notebook}/{self.parent.case.name}"
            raise CellFailed(f"the reference has no such cell; record it again with: nbpromote test --update {name}")
        if not self.options.get("check") or self.name in self.parent.case.ignore:
            return
        shown = reference.outputs(cell, self.parent.ran.masking)
        wanted = reference.outputs(expected, self.parent.ran.masking)
        shown = reference.settled(wanted, shown, tolerance=self.parent.case.tolerance)
        self.colors = nocolors  # nbval colours what is piped, too; pytest colours failures
        skipped = (*self.parent.skip_compare, *self.parent.pictures_of_another_library)
        if not self.compare_outputs([_node(one) for one in shown], [_node(one) for one in wanted], skipped):
            raise CellFailed("the outputs differ\n" + "\n".join(self.comparison_traceback))

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        where = f"{self.parent.notebook.path}:{self.parent.line_of(self.cell.source) + 1} cell {self.cell_num}"
        message = _shown(excinfo)
        if message is None:
            return pytest.Item.repr_failure(self, excinfo, style)
        source = "\n".join(f"    {line}" for line in self.cell.source.splitlines()[:12])
        return f"{where}\n{source}\n\n{message}"

    def reportinfo(self) -> tuple[Any, int, str]:
        name = f"{self.parent.case.notebook}/{self.parent.case.name}: cell {self.cell_num}"
        return self.path, self.parent.line_of(self.cell.source), name


class DataItem(pytest.Item):
    """The datasets that the notebook wrote hold what they held: rows, types, and every column's contents."""

    parent: CaseFile

    def runtest(self) -> None:
        known = self.parent.reference.metadata.get("nbpromote", {}).get("written")
        if known is None:
            raise CellFailed(f"{self.parent.case.reference} says nothing of the data written; record it again")
        differences = list(_differences(known, self.parent.ran.written, self.parent.case.tolerance))
        if differences:
            raise CellFailed("the data written differs\n" + "\n".join(f"  {line}" for line in differences))

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        return _shown(excinfo) or super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int, str]:
        return self.path, 0, f"{self.parent.case.notebook}/{self.parent.case.name}: data"


def _differences(known: Any, written: Any, tolerance: float, where: str = "") -> Iterator[str]:
    if isinstance(known, dict) and isinstance(written, dict):
        for key in sorted({*known, *written}):
            place = f"{where} {key}".strip()
            if key not in written:
                yield f"{place}: was there, and is not any more"
            elif key not in known:
                yield f"{place}: is new"
            else:
                yield from _differences(known[key], written[key], tolerance, place)
    elif reference.settled(known, written, tolerance=tolerance) != known:
        yield f"{where}: was {known!r}, is {written!r}"


def _shown(excinfo: Any) -> str | None:
    return str(excinfo.value) if isinstance(excinfo.value, CellFailed | NbpromoteError) else None


def _node(output: dict[str, Any]) -> Any:
    import nbformat

    return nbformat.from_dict(output)  # type: ignore[no-untyped-call]
