"""Runs the ad-hoc notebook and the promoted one in fresh kernels, and gathers what both computed."""

import ast
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat.v4

from nbpromote import proof
from nbpromote.analysis.facts import DefinitionKind
from nbpromote.effects import kernels
from nbpromote.effects.masking import masked
from nbpromote.effects.observed import as_compared, gather, written_to
from nbpromote.effects.staging import Stage
from nbpromote.errors import NbpromoteError
from nbpromote.notebook import parse
from nbpromote.notebook.magics import code_of
from nbpromote.notebook.model import Cell, CellKind
from nbpromote.promotion import assemble
from nbpromote.promotion.aligning import same_cells
from nbpromote.promotion.code import parse_cell
from nbpromote.promotion.draft import Draft, Output, name_of
from nbpromote.promotion.passes.magics import as_proven
from nbpromote.promotion.passes.widgets import SHOW, sql_of
from nbpromote.promotion.sql_cells import Untranslatable
from nbpromote.proof import outputs
from nbpromote.proof.claims import Claim, joined
from nbpromote.proof.comparison import compare
from nbpromote.proof.evidence import Evidence
from nbpromote.proof.observer import secrets
from nbpromote.proof.verdict import Verdict
from nbpromote.running.executed import Executed, Progress

OnCell = Callable[[str, Progress], None]
_v4: Any = nbformat.v4  # has no types
_OBSERVER = Path(proof.__file__).parent / "observer"
_PREAMBLE = """\
def _nbpromote_watch():
    import importlib.util, json, sys
    spec = importlib.util.spec_from_file_location(
        "_nbpromote_observer", {init!r}, submodule_search_locations=[{folder!r}]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    module.start(json.loads({settings!r}))
_nbpromote_watch()
del _nbpromote_watch
"""
_KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
_EPILOGUE = "import sys as _nbpromote_sys; _nbpromote_sys.modules['_nbpromote_observer'].finish()"


class CannotProve(NbpromoteError):
    """One of the two notebooks does not run, so there is nothing to compare."""

    def __init__(self, which: str, path: str, executed: Executed, hint: str) -> None:
        self.which, self.path, self.executed = which, path, executed
        reason = str(executed.failure) if executed.failure else str(executed.status)
        super().__init__(f"{path}: the {which} notebook does not run: {reason}; {hint}")


@dataclass(frozen=True, slots=True)
class Proof:
    """A verdict, the promoted notebook as it ran, and the calls that were recorded on the way."""

    verdict: Verdict
    promoted: Executed
    calls: Mapping[str, Sequence[Mapping[str, Any]]]
    packages: Mapping[str, str]

    @property
    def said(self) -> str:
        """What the kernel's set-up had to say, such as which Java was passed over."""
        return self.promoted.preamble_output.strip()


def prove(draft: Draft, adhoc_path: Path, stage: Stage, *, on_cell: OnCell, timeout: float | None = None) -> Proof:
    """Run both notebooks and compare what they computed.

    Args:
        draft: the promotion.
        adhoc_path: where the ad-hoc notebook lies; it runs in that folder.
        stage: where the promoted notebook lies; it runs in the stage's root.
        on_cell: told of every cell, with `ad-hoc` or `promoted`.
        timeout: seconds for each of the two runs.

    Raises:
        CannotProve: one of them does not run.
    """
    adhoc = _run_adhoc(draft, adhoc_path, stage, on_cell, timeout)
    promoted, executed = _run_promoted(draft, stage, on_cell, timeout)
    adhoc, datasets = _as_claimed(draft, adhoc, promoted, adhoc_path.parent)
    verdict = compare(
        adhoc,
        promoted,
        writes=datasets,
        result_cells=draft.results,
        result_names=draft.options.results,
        cell_names={cell.id: name_of(cell) for cell in draft.facts.notebook.cells},
        today=datetime.now(UTC).date(),
    )
    known = secrets.find(os.environ)
    told = tuple(replace(one, detail=masked(one.detail, known)) for one in verdict.comparisons)
    mends = f"the ad-hoc notebook ran mended: {', '.join(one.subject for one in draft.mends)}" if draft.mends else ""
    notes = [*verdict.notes, *([mends] if mends else [])]
    verdict = replace(verdict, comparisons=told, notes=tuple(masked(note, known) for note in notes))
    calls = {name: list(found) for name, found in adhoc.calls.items()}
    return Proof(verdict, executed, calls, promoted.packages)  # type: ignore[arg-type]


def claims(outputs: Iterable[Output]) -> tuple[Claim, ...]:
    """What each place of the promoted notebook that writes stands for."""
    return tuple(
        Claim(
            one.dataset, one.targets, one.pattern, frozenset((*one.runs, one.cell_id)), one.partition,
            one.partition[: one.parts],
        )
        for one in outputs
    )  # fmt: skip


def _as_claimed(draft: Draft, adhoc: Evidence, promoted: Evidence, base: Path) -> tuple[Evidence, dict[str, str]]:
    """The ad-hoc notebook's writes by what people are told of them, and the datasets that stand for them."""
    written, datasets, left = joined(claims(draft.outputs), adhoc.written, base.as_posix())
    datasets = {name: one for name, one in datasets.items() if name in written or one in promoted.written}
    written = {name: as_compared(one, promoted.written.get(datasets[name])) for name, one in written.items()}
    kept = {cell.id: name_of(cell) for cell in draft.kept_code}
    notes = [
        f"{kept[adhoc.written[name].cell]} writes {name} by a way that was not seen in its code; it stays as it is"
        for name in left
        if adhoc.written[name].cell in kept
    ]
    return replace(adhoc, written=written, notes=(*adhoc.notes, *notes)), datasets


def _run_adhoc(draft: Draft, path: Path, stage: Stage, on_cell: OnCell, timeout: float | None) -> Evidence:
    notebook = draft.facts.notebook
    kept = {cell.id for cell in draft.kept_code}
    cells = [notebook.cell(cell_id) for cell_id in draft.facts.flow.order]
    sources = {cell.id: source for cell in cells if (source := _runnable(draft, cell)) is not None}
    node = _node((cell_id, source) for cell_id, source in sources.items() if source.strip())
    folder = stage.folder / "adhoc"
    settings = {
        "folder": str(folder),
        "watch": [[sources[cell_id], cell_id, _observed(draft, cell_id)] for cell_id in kept if cell_id in sources],
        "functions": {one.definition.name: list(one.arguments) for one in draft.lifted if _is_recordable(draft, one)},
        "results": list(draft.options.results),
        "redirect": True,
        "anew": sorted({cell_id for one in draft.outputs if one.is_continued for cell_id in one.runs}),
        "modules": sorted({one.module.split(".")[0] for cell in draft.facts.cells for one in cell.imports} & _PATCHED),
    }
    executed = kernels.execute(
        node,
        cwd=path.parent,
        root=stage.root,
        timeout=timeout,
        preamble=_preamble(settings) + _session_of(draft) + _databricks_of(draft),
        epilogue=_EPILOGUE,
        allow_errors_in=[cell_id for cell_id in sources if cell_id not in kept],
        on_cell=lambda progress: on_cell("ad-hoc", progress),
        environment=_environment(stage),
        source=notebook.path,
    )
    if not executed.status.is_good:
        failure = executed.failure
        if failure is not None and failure.cell_id in sources:  # its code cells ran alone; people count them all
            executed = replace(executed, failure=replace(failure, number=notebook.cell(failure.cell_id).number))
        raise CannotProve("ad-hoc", notebook.path, executed, "mend that cell, run the notebook, and promote again")
    shown = {cell.id: outputs.shown(cell.outputs) for cell in executed.notebook.cells if cell.id in kept}
    return gather(folder, shown)


_PATCHED = frozenset({"pandas", "numpy", "pyspark", "matplotlib", "joblib"})


def _run_promoted(draft: Draft, stage: Stage, on_cell: OnCell, timeout: float | None) -> tuple[Evidence, Executed]:
    intended = assemble.notebook_of(draft)
    text = (stage.root / draft.options.target).read_bytes()
    written = parse(text, draft.options.target)
    ids = same_cells(written.cells, intended.cells)
    code = [cell for cell in written.cells if cell.kind is CellKind.CODE]
    folder = stage.folder / "promoted"
    settings = {
        "folder": str(folder),
        "watch": [[cell.source, ids[cell.id], _observed(draft, ids[cell.id])] for cell in code],
        "functions": {},
        "results": list(draft.options.results),
        "redirect": False,
        "anew": [],
        "modules": [],
    }
    node = _node_of(written)
    executed = kernels.execute(
        node,
        cwd=stage.root,
        root=stage.root,
        timeout=timeout,
        preamble=_preamble(settings),
        epilogue=_EPILOGUE,
        on_cell=lambda progress: on_cell("promoted", progress),
        environment=_environment(stage),
        source=draft.options.target,
    )
    if not executed.status.is_good:
        raise CannotProve("promoted", draft.options.target, executed, "nothing has landed; please report this notebook")
    shown = {ids[cell.id]: outputs.shown(cell.outputs) for cell in executed.notebook.cells if cell.cell_type == "code"}
    evidence = gather(folder, shown)
    datasets = {one.dataset: written_to(stage.lake, one.dataset, one.partition[: one.parts]) for one in draft.outputs}
    found = {name: written for name, written in datasets.items() if written is not None}
    return Evidence(evidence.values, evidence.shown, found, {}, evidence.notes, evidence.packages), executed


def _session_of(draft: Draft) -> str:
    """The session that an ad-hoc notebook finds ready made in the shell or workspace that it comes from."""
    return f"from commonlib.session import get_spark\n{draft.session}\ndel get_spark\n" if draft.session else ""


def _runnable(draft: Draft, cell: Cell) -> str | None:
    """A cell of the ad-hoc notebook as a plain kernel runs it; None when none does."""
    if code_of(cell).language == "sql":
        try:
            return sql_of(draft, cell)
        except Untranslatable:
            return None
    return as_proven(cell.source) if cell.language == "python" else None


def _databricks_of(draft: Draft) -> str:
    """What a notebook of Databricks finds ready made there: the widgets, and a `display` that shows rows."""
    reads = {name for cell in draft.facts.cells for name in cell.reads}
    parts = []
    if draft.facts.widgets or "dbutils" in reads:
        parts.append((_OBSERVER / "widgets.py").read_text(encoding="utf-8"))
    if SHOW in draft.imports:
        parts.append(f"{SHOW}\n")
    return "".join(parts)


def _environment(stage: Stage) -> dict[str, str]:
    return {"LAKE_ROOT": str(stage.lake)}


def _preamble(settings: object) -> str:
    return _PREAMBLE.format(init=str(_OBSERVER / "__init__.py"), folder=str(_OBSERVER), settings=json.dumps(settings))


def _node(cells: Iterable[tuple[str, str]]) -> Any:
    made = [_v4.new_code_cell(source, id=cell_id) for cell_id, source in cells]
    return _v4.new_notebook(cells=made, metadata={"kernelspec": _KERNEL})


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


def _is_recordable(draft: Draft, lifted: Any) -> bool:
    """Functions that run on executors are not wrapped: their pickles must stay what they are.

    Nor are those that draw or reach out into the world: each recorded call is made once more.
    """
    if lifted.definition.kind is DefinitionKind.CLASS or lifted.definition.has_decorators:
        return False
    name = lifted.definition.name
    reaching = {
        one.name.split(".")[0]
        for cell in draft.facts.cells
        for one in cell.imports
        if one.module.split(".")[0] in _WORLD
    }
    if reaching & lifted.definition.free:
        return False
    for cell in draft.facts.notebook.code_cells:
        code = parse_cell(cell.source)
        for node in ast.walk(code.tree) if code else ():
            if isinstance(node, ast.Call) and any(word in ast.unparse(node.func) for word in _ON_EXECUTORS):
                arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
                if any(isinstance(one, ast.Name) and one.id == name for one in arguments):
                    return False
    return True


_WORLD = frozenset({
    "matplotlib", "seaborn", "plotly", "bokeh", "altair", "tkinter", "IPython", "mlflow", "wandb", "requests", "urllib",
    "http", "httpx", "aiohttp", "socket", "smtplib", "ftplib", "paramiko", "subprocess", "boto3", "sqlalchemy",
    "psycopg", "psycopg2", "pymysql", "pymongo", "redis", "kafka",
})  # fmt: skip
_ON_EXECUTORS = (
    "udf",
    "mapInPandas",
    "applyInPandas",
    "foreach",
    "mapPartitions",
    "rdd",
    "mapInArrow",
    "Parallel",
    "Pool",
)
