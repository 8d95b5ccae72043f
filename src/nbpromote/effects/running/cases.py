"""Running a regression case: a production notebook on small data in a lake of its own."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbpromote.effects.files.repository import Repository
from nbpromote.effects.files.temporary import Folder
from nbpromote.effects.files.workspace import Workspace
from nbpromote.effects.kernels.execution import execute
from nbpromote.effects.kernels.hidden import stepping_clock
from nbpromote.effects.running import machine
from nbpromote.effects.running.case_files import find_notebook
from nbpromote.effects.running.runs import node_of
from nbpromote.effects.running.summaries import summarise
from nbpromote.notebook import Notebook, read
from nbpromote.promotion.plan import FileEdit
from nbpromote.running import parameters, reference
from nbpromote.running.case import Case
from nbpromote.running.executed import Executed, Progress
from nbpromote.running.receipts import receipts_in
from nbpromote.running.reference import Masking

# Runs in the kernel before the notebook: nbpromote's own process has no need of the lake's writers.
_LAND = """\
def _nbpromote_land(files):
    import pyarrow.csv, pyarrow.parquet
    from commonlib import lake
    for dataset, path in files.items():
        read = pyarrow.csv.read_csv if path.endswith(".csv") else pyarrow.parquet.read_table
        lake.write(read(path), dataset)
_nbpromote_land({files})
del _nbpromote_land
"""
_STAMPED = ("python", "pyspark", "pandas", "numpy", "pyarrow", "matplotlib")


@dataclass(frozen=True, slots=True)
class CaseRun:
    """A case that has run: what was executed, how to know its noise, and what it wrote, dataset by dataset."""

    executed: Executed
    masking: Masking
    written: Mapping[str, Any]
    versions: Mapping[str, str]


def run_case(
    repository: Repository, case: Case, notebook: Notebook, *, on_cell: Callable[[Progress], None] | None = None
) -> CaseRun:
    """Run a case once, as production would: by the same engine, in the repository's root, on a lake of its own.

    Raises:
        UnfitParameters: its parameters are none of the notebook's.
    """
    declared = parameters.declared(notebook)
    values = {name: _plain(value) for name, value in case.parameters.items()}
    given = parameters.fit(repository.relative(Path(notebook.path)), declared, values=values)
    held = Folder("case-")
    try:
        lake = held.path / "lake"
        lake.mkdir()
        files = {dataset: str(case.path.parent / file) for dataset, file in case.lake.items()}
        executed = execute(
            node_of(notebook),
            cwd=repository.root,
            root=repository.root,
            parameters=given or None,
            timeout=case.timeout,
            preamble=stepping_clock(cell.source for cell in notebook.code_cells)
            + (_LAND.format(files=json.dumps(files)) if files else ""),
            environment={"LAKE_ROOT": str(lake), **case.environment},
            on_cell=on_cell,
        )
        return told(executed, root=repository.root, lake=lake)
    finally:
        held.remove()


def told(executed: Executed, *, root: Path, lake: Path) -> CaseRun:
    """What there is to compare of an executed notebook, while its lake is there."""
    places = {str(root): "<root>", str(lake): "<lake>", str(lake.parent): "<temporary>"}
    written = {
        receipt.dataset: summarise(lake, receipt.dataset, receipt.version)
        for _, receipt in receipts_in(executed.notebook)
        if receipt.kind == "write" and receipt.dataset
    }
    versions = machine.versions(_STAMPED)
    return CaseRun(executed, Masking(datetime.now(UTC), places), written, versions)


def render_reference(run: CaseRun) -> bytes:
    """The reference that this run makes."""
    stamp = {"written": run.written, "environment": dict(run.versions)}
    return reference.render(run.executed.notebook, run.masking, stamp)


def record(repository: Repository, case: Case, run: CaseRun) -> bool:
    """Store this run as the case's reference; whether that changed anything."""
    workspace = Workspace(repository.root)
    path = repository.relative(case.reference)
    edit = FileEdit(path, workspace.read_bytes(path), render_reference(run))
    workspace.apply([edit])
    return edit.before != edit.after


def read_notebook(repository: Repository, case: Case) -> Notebook:
    """The production notebook of a case."""
    path = find_notebook(repository, case)
    return read(path, name=repository.relative(path))


def _plain(value: object) -> object:
    """YAML's dates as the text that a file of parameters would hold."""
    return value.isoformat() if hasattr(value, "isoformat") else value
