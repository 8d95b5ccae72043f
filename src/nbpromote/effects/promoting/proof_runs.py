"""The runs of a proof: the ad-hoc notebook, and the promoted one on its stage, in fresh kernels that are watched."""

import ast
import glob
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import nbformat

from nbpromote.effects.files.staging import Stage
from nbpromote.effects.kernels import execution
from nbpromote.effects.kernels.hidden import stepping_clock
from nbpromote.effects.kernels.limits import Limits
from nbpromote.effects.kernels.session import HiddenCodeFailed
from nbpromote.effects.kernels.watching import EPILOGUE, node_of_cells, patched, preamble
from nbpromote.effects.promoting.observed import gather, written_to
from nbpromote.effects.promoting.ready_made import databricks_of, runnable, session_of
from nbpromote.effects.promoting.recordable import is_recordable
from nbpromote.errors import NbpromoteError
from nbpromote.notebook import parse
from nbpromote.notebook.model import CellKind
from nbpromote.promotion import assemble
from nbpromote.promotion.aligning import same_cells
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.writes.queries import tables_of
from nbpromote.proof import outputs
from nbpromote.proof.evidence import Evidence
from nbpromote.proof.outputs import Shown
from nbpromote.proof.settings import ADHOC_HASHES, PROMOTED_HASHES
from nbpromote.running.executed import CellStatus, Executed, Failure, Progress, Status

OnCell = Callable[[str, Progress], None]


class CannotProve(NbpromoteError):
    """One of the two notebooks does not run, so there is nothing to compare. `failures` are the cells that fail."""

    def __init__(
        self, which: str, path: str, executed: Executed, hint: str, failures: tuple[Failure, ...] = ()
    ) -> None:
        self.which, self.path, self.executed = which, path, executed
        self.failures = failures or ((executed.failure,) if executed.failure else ())
        reason = str(executed.failure) if executed.failure else str(executed.status)
        super().__init__(f"{path}: the {which} notebook does not run: {reason}; {hint}")


class NeverEnds(NbpromoteError):
    """All cells of a notebook ran, and then its kernel did not answer any more."""

    todo = "stop at the end of a cell what the cell starts"

    def __init__(self, which: str, path: str, reason: str) -> None:
        self.which, self.path = which, path
        self.why = (
            f"the cells of the {which} notebook ran, and then its kernel did not answer ({reason}): something that a "
            "cell started goes on, such as a stream or a thread"
        )
        super().__init__(f"{path}: {self.why}; {self.todo}, and promote again")


class MadeByItself(NbpromoteError):
    """The ad-hoc notebook reads what it makes itself where it lies, which a production notebook would not find."""

    todo = "unpack or fetch it to a folder that the code names as it reads it, or keep the file beside the notebook"

    def __init__(self, path: str, inputs: Sequence[str]) -> None:
        self.path, self.inputs = path, tuple(inputs)
        self.why = f"it reads {', '.join(inputs)}, which was not there before it ran: it makes that itself"
        super().__init__(f"{path}: {self.why}, and in production it runs elsewhere; {self.todo}")


def absent_inputs(draft: Draft, root: Path) -> tuple[str, ...]:
    """The files of the repository that the promoted notebook reads and that are not there."""
    read = [one.default for one in draft.parameters if "input_path(" in one.check]
    places = [ast.literal_eval(default) for default in read]
    relative = [place for place in places if not (Path(place).is_absolute() or "://" in place or place.startswith("~"))]
    return tuple(place for place in relative if not (glob.has_magic(place) or (root / place).exists()))


@contextmanager
def ending(which: str, path: str) -> Iterator[None]:
    """A run of which the end may not come.

    Raises:
        NeverEnds: the cells ran, and the kernel did not answer after them.
    """
    try:
        yield
    except HiddenCodeFailed as error:
        if error.which not in {"epilogue", "end"}:
            raise
        raise NeverEnds(which, path, error.reason) from error


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a run is given: its limits, who is told of its cells, and whether the ad-hoc notebook goes on after a cell
    that fails, so that all of them are known."""

    on_cell: OnCell
    limits: Limits = field(default_factory=Limits)
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """How the promoted notebook runs: what people call the run, the seed of Python's hashes, and other settings."""

    name: str = "promoted"
    hashes: str = PROMOTED_HASHES
    spark: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


def run_adhoc(
    draft: Draft, path: Path, stage: Stage, conditions: Conditions
) -> tuple[Evidence, Mapping[str, tuple[Shown, ...]], Executed]:
    """Run the ad-hoc notebook whole, in its own folder; its evidence, and what each of its cells showed.

    Raises:
        CannotProve: a cell that stays fails, or the run broke off.
    """
    notebook = draft.facts.notebook
    kept = {cell.id for cell in draft.kept_code}
    cells = [notebook.cell(cell_id) for cell_id in draft.facts.flow.order]
    sources = {cell.id: source for cell in cells if (source := runnable(draft, cell)) is not None}
    node = node_of_cells((cell_id, source) for cell_id, source in sources.items() if source.strip())
    folder = stage.folder / "adhoc"
    settings = {
        "folder": str(folder),
        "watch": [[sources[cell_id], cell_id, _observed(draft, cell_id)] for cell_id in kept if cell_id in sources],
        "functions": {one.definition.name: list(one.arguments) for one in draft.lifted if is_recordable(draft, one)},
        "results": list(draft.options.results),
        "redirect": True,
        "root": str(stage.real_root),
        "tables": tables_of(draft.outputs, {cell.id: cell for cell in draft.kept_code}),
        "anew": sorted({cell_id for one in draft.outputs if one.is_continued for cell_id in one.runs}),
        "modules": patched([one.module for cell in draft.facts.cells for one in cell.imports]),
    }
    with ending("ad-hoc", notebook.path):
        executed = execution.execute(
            node,
            cwd=path.parent,
            root=stage.root,
            timeout=conditions.limits.timeout,
            memory=conditions.limits.memory,
            has_network=conditions.limits.has_network,
            preamble=_workers() + preamble(settings) + stepping_clock(()) + session_of(draft) + databricks_of(draft),
            epilogue=EPILOGUE,
            allow_errors_in=[cell_id for cell_id in sources if conditions.goes_on or cell_id not in kept],
            on_cell=lambda progress: conditions.on_cell("ad-hoc", progress),
            environment=_environment(stage, ADHOC_HASHES),
            source=notebook.path,
        )
    failed = {run.cell_id for run in executed.cells if run.status is CellStatus.FAILED and run.cell_id in kept}
    # Its code cells ran alone; people count them all.
    failures = tuple(
        replace(one, number=notebook.cell(one.cell_id).number)
        for one in (*_failures(executed, failed), *([executed.failure] if executed.failure else []))
        if one.cell_id in sources
    )
    if failures or not executed.status.is_good:
        executed = replace(executed, failure=failures[0] if failures else executed.failure)
        hint = "mend that cell, run the notebook, and promote again"
        raise CannotProve(
            "ad-hoc", notebook.path, executed, hint, tuple({one.cell_id: one for one in failures}.values())
        )
    shown = {cell.id: outputs.shown(cell.outputs) for cell in executed.notebook.cells}
    return gather(folder, {cell: found for cell, found in shown.items() if cell in kept}), shown, executed


def run_promoted(draft: Draft, stage: Stage, conditions: Conditions, way: Way = Way()) -> tuple[Evidence, Executed]:
    """Run the promoted notebook in the stage's root with its defaults, and its evidence.

    Raises:
        CannotProve: it does not run.
    """
    intended = assemble.notebook_of(draft)
    text = (stage.root / draft.options.target).read_bytes()
    written = parse(text, draft.options.target)
    ids = same_cells(written.cells, intended.cells)
    code = [cell for cell in written.cells if cell.kind is CellKind.CODE]
    folder = stage.folder / way.name.replace(" ", "-")
    settings = {
        "folder": str(folder),
        "watch": [[cell.source, ids[cell.id], _observed(draft, ids[cell.id])] for cell in code],
        "functions": {},
        "results": list(draft.options.results),
        "redirect": False,
        "root": str(stage.real_root),
        "anew": [],
        "modules": [],
        "spark": dict(way.spark),
        "plotted": True,
    }
    with ending(way.name, draft.options.target):
        executed = execution.execute(
            _node_of(written),
            cwd=stage.root,
            root=stage.root,
            timeout=conditions.limits.timeout,
            memory=conditions.limits.memory,
            has_network=conditions.limits.has_network,
            preamble=_workers() + preamble(settings) + stepping_clock(cell.source for cell in written.code_cells),
            epilogue=EPILOGUE,
            on_cell=lambda progress: conditions.on_cell(way.name, progress),
            environment={**_environment(stage, way.hashes), **way.environment},
            source=draft.options.target,
        )
    if not executed.status.is_good:
        hint = "nothing has landed; please report this notebook"
        if executed.status in {Status.TIMED_OUT, Status.DEAD}:
            hint = (
                "nothing has landed; give it more by --timeout or --memory, or leave a further run out by --no-repeat"
            )
        raise CannotProve(way.name, draft.options.target, executed, hint)
    shown = {ids[cell.id]: outputs.shown(cell.outputs) for cell in executed.notebook.cells if cell.cell_type == "code"}
    evidence = gather(folder, shown)
    cells = {one.dataset: one.cell_id for one in draft.outputs}
    datasets = {one.dataset: written_to(stage.lake, one.dataset, one.partition[: one.parts]) for one in draft.outputs}
    found = {name: replace(one, cell=cells[name]) for name, one in datasets.items() if one is not None}
    return replace(evidence, written=found, calls={}), executed


def _failures(executed: Executed, failed: Collection[str]) -> Iterator[Failure]:
    """The cells that raised while the run went on, in its order."""
    for cell in executed.notebook.cells:
        error = next((one for one in cell.get("outputs", ()) if one.output_type == "error"), None)
        if cell.get("id") in failed and error is not None:
            yield Failure(cell.id, 0, error.ename, error.evalue, "\n".join(error.traceback), cell.source)


def _workers() -> str:
    """Spark's own processes hash as they always do, whatever the driver's hashes are: their partitions hang on it."""
    return "" if "PYTHONHASHSEED" in os.environ else "import os; os.environ['PYTHONHASHSEED'] = '0'; del os\n"


def _environment(stage: Stage, hashes: str) -> dict[str, str]:
    given = {"LAKE_ROOT": str(stage.lake)}
    return given if "PYTHONHASHSEED" in os.environ else {**given, "PYTHONHASHSEED": hashes}


def _node_of(notebook: Any) -> Any:
    from nbpromote.notebook.formats import ipynb

    return nbformat.from_dict(ipynb.to_document(notebook))  # type: ignore[no-untyped-call]


def _observed(draft: Draft, cell_id: str) -> list[str]:
    """The names that a kept cell binds or changes and that are data, not code."""
    try:
        facts = draft.facts.of(cell_id)
    except KeyError:
        return []
    code = {one.name for one in facts.imports} | {one.name for one in facts.definitions}
    return sorted((facts.binds | facts.mutates) - code - facts.deletes)
