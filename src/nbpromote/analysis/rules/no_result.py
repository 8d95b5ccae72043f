"""NB105: the notebook has no result.

Nothing is written, and no table or plot concludes it, so there is nothing to promote.

Example:
    df = pd.read_csv("sales.csv")      # the only cell

Write what the notebook is for, or show it in the last cell.
"""

from collections.abc import Iterator

from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.evidence import Evidence, Rule


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """One finding for the notebook."""
    if not evidence.results:
        yield evidence.finding(
            rule, None, None, "has no result: nothing is written, and no table or plot concludes it",
            "write what the notebook is for, or show it in the last cell",
        )  # fmt: skip


RULE = Rule("NB105", "no-result", Severity.WARNING, find)
