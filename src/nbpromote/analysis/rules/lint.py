"""NB166: plain mistakes in the code, as ruff knows them.

Of ruff's rules those that point at a mistake rather than at style: formats that do not fit their values (F50x, F52x),
`is` with a literal (F632), comparing with None by `==` (E711), a definition that is overwritten before it is used
(F811), a default that is shared between calls (B006), a function that sees the loop's last value (B023), and pylint's
errors (PLE). Each cell is read with all others, so that names are known.

Example:
    def add(row, rows=[]):
        rows.append(row)
        return rows

The message names ruff's rule, where https://docs.astral.sh/ruff/rules tells more. `# noqa: B006` silences it here, too.
Fixes are those that ruff calls safe, but for the ones that change what is computed (F632).
"""

from collections.abc import Iterator

from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.evidence import Evidence, Rule
from nbpromote.analysis.rules.imports import can_be_seen

_NOTES = frozenset({"F811", "B006", "PLW0127"})
_HINTS = {
    "E711": "compare by `is None`; for a column, isna()",
    "B006": "default to None, and make the value in the body",
    "B023": "bind the variable as a default argument",
    "F632": "compare by ==",
    "F811": "keep one of them",
}


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """What the linter says."""
    can_be_fixed = can_be_seen(evidence) and not any(cell.binds_unknown for cell in evidence.facts.cells)
    for remark in evidence.remarks:
        place = evidence.view.place_of(remark.span)
        if place is None:
            continue
        code, span = place
        severity = Severity.NOTE if remark.code in _NOTES else Severity.WARNING
        hint = _HINTS.get(remark.code, f"ruff's documentation of {remark.code} tells more")
        message = f"{remark.message} ({remark.code})"
        fixed = evidence.view.fix_of(remark.edit) if remark.edit is not None and can_be_fixed else None
        fix = fixed[1] if fixed is not None and fixed[0] is code else None
        yield evidence.finding(rule, code.cell.id, span, message, hint, severity, fix)


RULE = Rule("NB166", "lint", Severity.WARNING, find)
