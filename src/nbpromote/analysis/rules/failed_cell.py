"""NB104: the saved output of a cell is an error.

When it was last run, the cell failed; what comes after it may have used older values.

Example:
    df["amuont"].sum()      # KeyError: 'amuont' is its saved output

Mend the cell, or delete it.
"""

from collections.abc import Iterator

from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.evidence import Evidence, Rule


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The cells that failed."""
    for cell in evidence.facts.cells:
        error = next((output for output in evidence.cells[cell.cell_id].outputs if output.kind == "error"), None)
        if error is not None:
            is_needed = cell.cell_id in evidence.needed
            yield evidence.finding(
                rule,
                cell.cell_id,
                None,
                f"failed when it was last run: {error.error or 'an error'}",
                "mend the cell and run it again" if is_needed else "no result needs it; promotion leaves it out",
                Severity.WARNING if is_needed else Severity.NOTE,
            )


RULE = Rule("NB104", "failed-cell", Severity.WARNING, find)
