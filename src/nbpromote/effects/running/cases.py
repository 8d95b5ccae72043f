"""Running a regression case: a production notebook on small data in a lake of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nbpromote.effects.files.repository import Repository
from nbpromote.effects.files.temporary import Folder
from nbpromote.effects.kernels.execution import execute, node_of
from nbpromote.effects.kernels.hidden import dbutils_of, stepping_clock
from nbpromote.effects.kernels.session import HiddenCodeFailed
from nbpromote.effects.running.case_files import find_notebook
from nbpromote.effects.running.covering import Coverage
from nbpromote.effects.running.markers import find_markers
from nbpromote.effects.running.perturbing import AS_IT_IS, Way
from nbpromote.effects.running.summaries import summarise
from nbpromote.effects.running.versions import versions
from nbpromote.effects.running.warm_spark import lent
from nbpromote.notebook import Notebook, read
from nbpromote.running import parameters, reference
from nbpromote.running.case import Case
from nbpromote.running.comparing import Terms
from nbpromote.running.executed import Executed, Progress
from nbpromote.running.receipts import receipts_in
from nbpromote.running.reference import Masking
from nbpromote.running.request import RunRequest
from nbpromote.running.spark_modes import CLASSIC, WARM

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
# What figures are drawn from, another clock and other settings of Spark are the observer's.
_OBSERVE = """\
def _nbpromote_observe():
    import importlib, json
    part = lambda name: importlib.import_module("_nbpromote_observer." + name)
    part("plotted").start()
    settings = json.loads({settings!r})
    if settings:
        part("settings").use(settings, {folder!r})
    part("later").shift({ahead!r})
_nbpromote_observe()
del _nbpromote_observe
"""
_STAMPED = ("python", "pyspark", "pandas", "numpy", "pyarrow", "matplotlib")


@dataclass(frozen=True, slots=True)
class CaseRun:
    """A case that has run: what was executed, how to know its noise, and what it wrote, dataset by dataset.

    `is_shared` is whether it ran on the Spark that cases share.
    """

    executed: Executed
    masking: Masking
    written: Mapping[str, Any]
    versions: Mapping[str, str]
    is_shared: bool = False


def run_case(
    repository: Repository,
    case: Case,
    notebook: Notebook,
    *,
    way: Way = AS_IT_IS,
    on_cell: Callable[[Progress], None] | None = None,
    output_path: Path | None = None,
    covered: Path | None = None,
    is_shared: bool = False,
) -> CaseRun:
    """Run a case once, as production would: by the same engine, in the repository's root, on a lake of its own.

    What the case says of Spark and of the environment wins over `way`. `covered` is the file of coverage.py's to write.
    With `is_shared` it may run on the Spark that cases share, if it is one that can.

    Raises:
        UnfitParameters: its parameters are none of the notebook's.
        HiddenCodeFailed: its data cannot be landed.
    """
    declared = parameters.declared(notebook)
    values = {name: _plain(value) for name, value in case.parameters.items()}
    given = parameters.fit(repository.relative(Path(notebook.path)), declared, values=values)
    held = Folder("case-")
    try:
        lake = held.path / "lake"
        lake.mkdir()
        environment = {"LAKE_ROOT": str(lake), **way.environment, **case.environment}
        measuring = None
        if covered is not None and notebook.language == "python":
            measuring = Coverage(repository.root, find_notebook(repository, case), held.path, covered)
        preamble = _preamble(case, notebook, way, held.path)
        if notebook.language == "python":
            preamble += measuring.start() if measuring is not None else ""
        else:
            _run_apart(preamble, repository.root, environment)
        markers = find_markers(case, notebook)
        node = node_of(notebook)
        for cell in node.cells:
            if cell.get("id") in markers.skipped:
                cell.source = ""
        with lent(repository, notebook, _spark_of(case, notebook, is_shared=is_shared), way.environment) as spark:
            executed = execute(
                node,
                cwd=repository.root,
                root=repository.root,
                parameters=parameters.written(notebook, given) or None,
                timeout=case.timeout,
                loss=spark.loss,
                is_prepared=way is AS_IT_IS,
                preamble=preamble if notebook.language == "python" else None,
                environment={**environment, **spark.environment},
                on_cell=on_cell,
                allow_errors_in=markers.raising,
                output_path=output_path,
                epilogue=measuring.stop() if measuring is not None else None,
            )
        if measuring is not None:
            measuring.keep()
        ahead = way.ahead if notebook.language == "python" else timedelta()  # no other clock is set
        run = told(executed, root=repository.root, lake=lake, ahead=ahead)
        return replace(run, is_shared=spark.told == WARM)
    finally:
        held.remove()


def _preamble(case: Case, notebook: Notebook, way: Way, folder: Path) -> str:
    """Code that prepares a kernel; for a notebook in another language than Python no more than what lands its data."""
    files = {dataset: str(case.path.parent / file) for dataset, file in case.lake.items()}
    land = _LAND.format(files=json.dumps(files)) if files else ""
    if notebook.language != "python":
        return land
    settings = json.dumps({**way.spark, **case.spark} if way.spark or case.spark else {})
    observe = _OBSERVE.format(settings=settings, folder=str(folder), ahead=way.ahead.total_seconds())
    return observe + land + stepping_clock(cell.source for cell in notebook.code_cells) + dbutils_of(notebook)


def _run_apart(code: str, root: Path, environment: Mapping[str, str]) -> None:
    """Run code of the tool's in a Python of its own."""
    if not code:
        return
    path = os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH"))))
    own = {**os.environ, **environment, "PYTHONPATH": path}
    done = subprocess.run([sys.executable, "-c", code], cwd=root, env=own, capture_output=True, text=True, check=False)
    if done.returncode:
        raise HiddenCodeFailed("preparation", (done.stderr.strip().splitlines() or ["it says nothing"])[-1])


def _spark_of(case: Case, notebook: Notebook, *, is_shared: bool) -> RunRequest:
    """The Spark to ask for: what a case sets belongs to a start of its own, and most notebooks want none."""
    wants = any("spark" in cell.source.lower() or "lake.read" in cell.source for cell in notebook.code_cells)
    is_shared = is_shared and wants and not case.spark and not case.environment
    return RunRequest("", notebook.path, spark=WARM if is_shared else CLASSIC)


def told(executed: Executed, *, root: Path, lake: Path, ahead: timedelta = timedelta()) -> CaseRun:
    """What there is to compare of an executed notebook, while its lake is there."""
    places = {str(root): "<root>", str(lake): "<lake>", str(lake.parent): "<temporary>"}
    written = {
        receipt.dataset: summarise(lake, receipt.dataset, receipt.version)
        for _, receipt in receipts_in(executed.notebook)
        if receipt.kind == "write" and receipt.dataset
    }
    return CaseRun(executed, Masking(datetime.now(UTC) + ahead, places), written, versions(_STAMPED))


def render_reference(
    run: CaseRun,
    *,
    preparation: str | None = None,
    noisy: Collection[str] = (),
    kept: Mapping[str, Sequence[Mapping[str, Any]]] = reference.NOTHING_KEPT,
) -> bytes:
    """The reference that this run makes."""
    stamp = {"written": run.written, "environment": dict(run.versions)}
    return reference.render(run.executed.notebook, run.masking, stamp, preparation=preparation, noisy=noisy, kept=kept)


def terms_of(case: Case) -> Terms:
    """How exactly this case is compared."""
    import re

    texts = [(case.path.parent / name).read_text(encoding="utf-8") for name in case.sanitize]
    # As nbval reads such files (https://nbval.readthedocs.io, "Using a config file for sanitizing").
    found = [pair for text in texts for pair in re.findall(r"^regex: (.*)$\n^replace: (.*)$", text, re.MULTILINE)]
    return Terms(case.tolerance, case.pixels, case.ignore, tuple(found))


def read_notebook(repository: Repository, case: Case) -> Notebook:
    """The production notebook of a case."""
    path = find_notebook(repository, case)
    return read(path, name=repository.relative(path))


def _plain(value: object) -> object:
    """YAML's dates as the text that a file of parameters would hold."""
    return value.isoformat() if hasattr(value, "isoformat") else value
