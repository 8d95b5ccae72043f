"""A notebook that runs others by `%run`, checked with their cells in the place of that, as a promotion sees it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from nbpromote.analysis.checking import Checked
from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.finding import place_of
from nbpromote.effects.files.repository import Repository
from nbpromote.effects.files.workspace import Workspace
from nbpromote.notebook import Notebook
from nbpromote.promotion.included import with_others


def runs_others(data: bytes) -> bool:
    """Whether a notebook may run others, so that what is found in it does not depend on it alone."""
    return b"%run" in data


def check_with_others(notebook: Notebook, repository: Repository, check: Callable[[Notebook], Checked]) -> Checked:
    """What stands between this notebook and production; the others' cells count, and their findings are theirs."""
    included = with_others(notebook, repository.relative(Path(notebook.path)), Workspace(repository.root))
    if not (included.decisions or included.findings):
        return check(notebook)
    own = {cell.id: cell.source for cell in notebook.cells}
    whole = {cell.id for cell in included.notebook.cells if own.get(cell.id) == cell.source}
    checked = check(included.notebook)
    findings = [one for one in checked.findings if one.cell_id is None or one.cell_id in whole]
    is_cut = any(cell.id not in whole and cell.source.strip().count("\n") for cell in notebook.code_cells)
    if is_cut:  # what else stands in a cell that runs another is told of the cell as it was written
        alone = check(notebook).findings
        findings += [one for one in alone if one.cell_id is not None and one.cell_id not in whole and not _is_run(one)]
    findings = sorted([*findings, *included.findings], key=place_of)
    blocking = sum(one.severity is Severity.BLOCKS for one in findings)
    return replace(checked, findings=tuple(findings), blocking=blocking)


def _is_run(finding: Finding) -> bool:
    return finding.code == "NB150" and "%run" in finding.message
