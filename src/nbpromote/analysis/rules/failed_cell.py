"""NB104: the saved output of a cell is an error.

When it was last run, the cell failed; what comes after it may have used older values.

Example:
    df["amuont"].sum()      # KeyError: 'amuont' is its saved output

Mend the cell, or delete it.
"""

import re
from collections.abc import Iterator, Sequence

from nbpromote.analysis.facts import Span
from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.evidence import Evidence, Rule

_ARROW = re.compile(r"^-+>\s*(\d{1,6})[ \t]?(.*)$", re.M)
_COLOURS = re.compile(r"\x1b\[[\d;]*m")


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The cells that failed."""
    for cell in evidence.facts.cells:
        error = next((output for output in evidence.cells[cell.cell_id].outputs if output.kind == "error"), None)
        if error is not None:
            is_needed = cell.cell_id in evidence.needed
            yield evidence.finding(
                rule,
                cell.cell_id,
                _place(error.text, evidence.cells[cell.cell_id].source.split("\n")),
                f"failed when it was last run: {error.error or 'an error'}",
                "mend the cell and run it again" if is_needed else "no result needs it; promotion leaves it out",
                Severity.WARNING if is_needed else Severity.NOTE,
            )


def _place(traceback: str, rows: Sequence[str]) -> Span | None:
    """The line that the first arrow of IPython's traceback points at, when it still says the same."""
    arrow = _ARROW.search(_COLOURS.sub("", traceback))
    number = int(arrow[1]) if arrow else 0
    if arrow is None or not 0 < number <= len(rows) or not arrow[2].strip():
        return None
    row = rows[number - 1]
    is_same = row.split() == arrow[2].split() or "".join(row.split()) == "".join(arrow[2].split())
    return Span(number, len(row) - len(row.lstrip()), number, len(row.rstrip())) if is_same else None


RULE = Rule("NB104", "failed-cell", Severity.WARNING, find)
