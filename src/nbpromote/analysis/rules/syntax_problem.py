"""NB101: a cell is not valid Python.

It blocks when a result needs what the cell would bind, as far as its text tells, or when the cell itself writes.

Example:
    total = = 5

Mend it, or delete the cell if it is a dead end.
"""

import re
from collections.abc import Iterator

from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.evidence import Evidence, Rule

_WRITES = re.compile(
    r"\.(?:to_(?:csv|parquet|excel|sql|pickle|json)|saveAsTable|insertInto|savefig|save|write\b)|\bdump\("
)


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The cells that cannot be read."""
    for cell in evidence.facts.cells:
        if cell.problem is None:
            continue
        source = evidence.cells[cell.cell_id].source
        lost = sorted(
            {
                edge.name
                for edge in evidence.facts.flow.edges
                if edge.source == cell.cell_id and edge.target in evidence.needed
            }
        )
        is_needed = cell.cell_id in evidence.needed
        blocks = is_needed or bool(_WRITES.search(source)) or not evidence.results
        why = f", and {', '.join(lost)} from it is needed" if is_needed and lost else ""
        yield evidence.finding(
            rule,
            cell.cell_id,
            cell.problem.span,
            f"{cell.problem.message}{why}",
            "mend the cell, or delete it if it is a dead end",
            Severity.BLOCKS if blocks else Severity.WARNING,
        )


RULE = Rule("NB101", "syntax-problem", Severity.BLOCKS, find)
