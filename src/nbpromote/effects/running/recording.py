"""Recording a case's reference: two runs on other settings, and what both say."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbpromote.effects.files.repository import Repository
from nbpromote.effects.files.workspace import Workspace
from nbpromote.effects.running import cases
from nbpromote.effects.running.cases import CaseRun
from nbpromote.effects.running.markers import find_markers
from nbpromote.effects.running.perturbing import perturbed
from nbpromote.errors import NbpromoteError
from nbpromote.notebook import Notebook
from nbpromote.promotion.plan import FileEdit
from nbpromote.running import reference
from nbpromote.running.case import Case
from nbpromote.running.comparing import compare
from nbpromote.running.stability import Judged, Side, Stability, Unstable, judge_cell, judge_data

# Runs in nbval's kernel, whose folder is the reference's.
_PREPARATION = """\
# What the case gives to the notebook, for whoever runs this file by itself: pytest --nbval, Jupyter.
def _prepare(root, files, environment):
    import os, sys, tempfile
    here = os.getcwd()
    os.environ.update(LAKE_ROOT=tempfile.mkdtemp(prefix="case-"), **environment)
    os.chdir(root)
    sys.path.insert(0, os.getcwd())
    if files:
        import pyarrow.csv, pyarrow.parquet
        from commonlib import lake
        for dataset, path in files.items():
            read = pyarrow.csv.read_csv if path.endswith(".csv") else pyarrow.parquet.read_table
            lake.write(read(os.path.join(here, path)), dataset)
_prepare({root!r}, {files!r}, {environment!r})
del _prepare"""


class DoesNotRun(NbpromoteError):
    """The case stops before its end, so there is nothing to record."""

    def __init__(self, case: str, which: str, run: CaseRun) -> None:
        executed = run.executed
        self.run = run
        trace = f"\n{executed.failure.trace}" if executed.failure and executed.failure.trace else ""
        super().__init__(f"{case}: {which} {executed.status}: {executed.failure}; nothing was recorded{trace}")


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was judged of each cell and dataset, and whether the reference's file is another now."""

    judged: tuple[Judged, ...]
    is_changed: bool


def record(
    repository: Repository, case: Case, notebook: Notebook, run: CaseRun, *, is_checked: bool = True
) -> Recorded:
    """Store a run as the case's reference when a second one, on other settings, does the same.

    Outputs that are what the last reference has, but for float noise, stay as they stand there.

    Args:
        is_checked: whether there is a second run.

    Raises:
        DoesNotRun: one of the two stops before its end.
        Unstable: the two do different things.
    """
    if not run.executed.status.is_good:
        raise DoesNotRun(case.title, "the run", run)
    judged = _checked(repository, case, notebook, run) if is_checked else ()
    unsure = {one.place for one in judged if one.stability is not Stability.STABLE}
    noisy = [cell.id for cell in notebook.code_cells if f"cell-{cell.number}" in unsure]
    own = preparation(repository.root, case) if notebook.language == "python" else None
    content = cases.render_reference(run, preparation=own, noisy=noisy, kept=_kept(case, notebook, run))
    workspace = Workspace(repository.root)
    path = repository.relative(case.reference)
    edit = FileEdit(path, workspace.read_bytes(path), content)
    if edit.before != edit.after:
        workspace.apply([edit])
    return Recorded(judged, edit.before != edit.after)


def _checked(repository: Repository, case: Case, notebook: Notebook, run: CaseRun) -> tuple[Judged, ...]:
    way = perturbed()
    second = cases.run_case(repository, case, notebook, way=way)
    if not second.executed.status.is_good:
        raise DoesNotRun(case.title, f"a second run ({', '.join(way.words)})", second)
    judged = tuple(judge(case, notebook, run, second))
    if unstable := [one for one in judged if one.stability is Stability.UNSTABLE]:
        raise Unstable(case.title, unstable, way.words)
    return judged


def judge(case: Case, notebook: Notebook, first: CaseRun, second: CaseRun) -> Iterator[Judged]:
    """Each cell and each dataset of two runs; cells that are not compared are not judged."""
    terms = cases.terms_of(case)
    numbers = {cell.id: cell.number for cell in notebook.code_cells}
    others = {cell.get("id"): cell for cell in second.executed.notebook.cells}
    left_out = find_markers(case, notebook).not_compared
    for cell in reference.own_code_cells(first.executed.notebook):
        if cell.get("id") in numbers and cell.id not in left_out and cell.id in others:
            sides = Side(cell, first.masking), Side(others[cell.id], second.masking)
            yield judge_cell(f"cell-{numbers[cell.id]}", *sides, terms)
    yield from judge_data(first.written, second.written, terms, case.ignore)


def preparation(root: Path, case: Case) -> str:
    """Code that makes a case's reference run by itself, without our plugin."""
    way = os.path.relpath(root, case.path.parent).replace(os.sep, "/")
    return _PREPARATION.format(root=way, files=dict(case.lake), environment=dict(case.environment))


def _kept(case: Case, notebook: Notebook, run: CaseRun) -> dict[str, list[dict[str, Any]]]:
    """The outputs of the last reference that are still the same, or are not compared, by cell."""
    try:
        last = json.loads(case.reference.read_bytes())
        cells = {cell["id"]: cell for cell in last["cells"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    terms = cases.terms_of(case)
    left_out = find_markers(case, notebook).not_compared
    found = {}
    for cell in reference.own_code_cells(run.executed.notebook):
        there = cells.get(cell.get("id"))
        if there is None:
            continue
        if cell.id in left_out:
            found[cell.id] = there["outputs"]
            continue
        was = reference.outputs(there, run.masking)
        now = reference.outputs(cell, run.masking)
        same_kinds = [sorted(one.get("data", ())) for one in was] == [sorted(one.get("data", ())) for one in now]
        same_facts = [bool(one.get("metadata")) for one in was] == [bool(one.get("metadata")) for one in now]
        if same_kinds and same_facts and not compare(was, now, terms):
            found[cell.id] = was
    return found
