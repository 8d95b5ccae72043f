"""Whether a case that has run does what its reference says."""

from typing import Any

from nbpromote.effects.running import cases
from nbpromote.effects.running.cases import CaseRun
from nbpromote.effects.running.markers import Markers
from nbpromote.running import reference
from nbpromote.running.case import Case
from nbpromote.running.comparing import compare, datasets
from nbpromote.running.stability import without_ignored


def does_the_same(case: Case, run: CaseRun, known: Any, markers: Markers) -> bool:
    """Whether every cell and all data are what the reference (nbformat's node) has; what no two runs tell apart."""
    if not run.executed.status.is_good:
        return False
    terms = cases.terms_of(case)
    executed = reference.own_code_cells(run.executed.notebook)
    for cell, was in zip(executed, reference.match(executed, reference.own_code_cells(known)), strict=True):
        if cell.get("id") in markers.not_compared:
            continue
        if was is None or compare(reference.outputs(was, run.masking), reference.outputs(cell, run.masking), terms):
            return False
    written = known.metadata.get("nbpromote", {}).get("written")
    sides = [without_ignored(one, case.ignore) for one in (written or {}, run.written)]
    return datasets.difference(sides[0], sides[1], terms) is None
