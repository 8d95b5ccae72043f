"""Running variants of an ad-hoc notebook as a proof does: whole, watched, on fresh kernels, with writes led aside."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbpromote.analysis import analyse
from nbpromote.analysis.facts import Facts
from nbpromote.analysis.results import find_results
from nbpromote.effects.files import repository
from nbpromote.effects.files.staging import Stage, staged
from nbpromote.effects.kernels import execution
from nbpromote.effects.kernels.watching import EPILOGUE, node_of_cells, patched, preamble
from nbpromote.effects.promoting.observed import gather
from nbpromote.effects.promoting.variants import Compared, Variant, compare_variants
from nbpromote.notebook import read
from nbpromote.promotion.passes.magics import as_proven
from nbpromote.proof import outputs
from nbpromote.proof.settings import ADHOC_HASHES
from nbpromote.proof.terms import Terms
from nbpromote.running.executed import CellStatus, Executed, Progress

OnCell = Callable[[str, Progress], None]


def compare(
    a: Path, b: Path, *, on_cell: OnCell | None = None, timeout: float | None = None, is_run: bool = True
) -> Compared:
    """Two variants side by side, after both ran; or by their code alone.

    Raises:
        UnreadableNotebook: one of them is none.
        CannotStage, KernelNotStarted: there is nothing to run them on.
    """
    variants = [_variant(path, which, on_cell, timeout, is_run=is_run) for path, which in ((a, "first"), (b, "second"))]
    return compare_variants(variants[0], variants[1], Terms(today=datetime.now(UTC).date()))


def _variant(path: Path, which: str, on_cell: OnCell | None, timeout: float | None, *, is_run: bool) -> Variant:
    found = repository.find(path)
    facts = analyse(read(path, name=found.relative(path)))
    if not is_run:
        return Variant(facts)
    with staged(found.root, found.folder("lake"), (), ()) as stage:
        return _run(facts, path, stage, lambda progress: on_cell(which, progress) if on_cell else None, timeout)


def _run(facts: Facts, path: Path, stage: Stage, on_cell: Callable[[Progress], None], timeout: float | None) -> Variant:
    cells = [facts.notebook.cell(cell_id) for cell_id in facts.flow.order]
    sources = {cell.id: as_proven(cell.source) for cell in cells if cell.language == "python"}
    sources = {cell_id: source for cell_id, source in sources.items() if source.strip()}
    folder = stage.folder / "variant"
    settings = {
        "folder": str(folder),
        "watch": [[source, cell_id, _data_of(facts, cell_id)] for cell_id, source in sources.items()],
        "functions": {},
        "results": sorted({one.name for one in find_results(facts) if one.name}),
        "redirect": True,
        "anew": [],
        "modules": patched([one.module for cell in facts.cells for one in cell.imports]),
    }
    executed = execution.execute(
        node_of_cells(sources.items()),
        cwd=path.resolve().parent,
        root=stage.root,
        timeout=timeout,
        preamble=preamble(settings),
        epilogue=EPILOGUE,
        allow_errors_in=list(sources),
        on_cell=on_cell,
        environment={"LAKE_ROOT": str(stage.lake), "PYTHONHASHSEED": ADHOC_HASHES},
        source=facts.notebook.path,
    )
    ran = executed.notebook.cells if executed.notebook is not None else ()
    shown = {cell.id: outputs.shown(cell.outputs) for cell in ran if cell.get("id") in sources}
    is_watched = (folder / "evidence.json").is_file()
    return Variant(
        facts,
        gather(folder, shown) if is_watched else None,
        errors={cell.id: error for cell in ran if (error := _error(cell)) is not None},
        seconds={one.cell_id: one.seconds for one in executed.cells if one.seconds is not None},
        whole_seconds=executed.seconds,
        peak_memory=executed.peak_memory,
        stopped=_why_stopped(facts, executed),
    )


def _why_stopped(facts: Facts, executed: Executed) -> str | None:
    if executed.status.is_good:
        return None
    failure = executed.failure
    if failure is None:
        return str(executed.status)
    missed = sum(1 for one in executed.cells if one.status is CellStatus.NOT_REACHED)
    left = f"; {missed} cells were not reached" if missed else ""
    known = {cell.id: cell.number for cell in facts.notebook.cells}
    return f"cell {known.get(failure.cell_id, failure.number)}: {failure.name}: {failure.message}{left}"


def _error(cell: Any) -> str | None:
    for output in cell.get("outputs", ()):
        if output.get("output_type") == "error":
            return f"{output.get('ename', '')}: {output.get('evalue', '')}".partition("\n")[0]
    return None


def _data_of(facts: Facts, cell_id: str) -> list[str]:
    """The names that a cell binds or changes and that are data, not code."""
    found = facts.of(cell_id)
    code = {one.name for one in found.imports} | {one.name for one in found.definitions}
    return sorted((found.binds | found.mutates) - code - found.deletes)
