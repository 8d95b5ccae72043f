"""NB170: no result needs the cell.

A peek, a dead end, or a variant that was superseded. Promotion leaves it out.

Example:
    df.describe()

Nothing needs to be done; tag the cell `keep` if it must stay.
"""

from collections.abc import Iterator

from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.evidence import Evidence, Rule


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The cells outside every slice."""
    if not evidence.results:
        return
    for cell in evidence.facts.cells:
        if cell.cell_id in evidence.needed or cell.problem is not None or not evidence.codes[cell.cell_id].tree.body:
            continue
        if cell.imports and not (cell.binds - {each.name for each in cell.imports}):
            continue
        why = "it only looks" if cell.is_peek else "nothing that the results need comes from it"
        yield evidence.finding(
            rule,
            cell.cell_id,
            None,
            f"no result needs this cell: {why}",
            "promotion leaves it out; delete it if it is a dead end",
        )


RULE = Rule("NB170", "unused-cell", Severity.NOTE, find)
