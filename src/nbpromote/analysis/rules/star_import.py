"""NB160: everything of a module is imported.

Nobody can tell where a name comes from, and some replace Python's own: `from pyspark.sql.functions import *` takes away
`sum`, `max`, `min`, `round` and `abs`.

Example:
    from pyspark.sql.functions import *

Import the module under a short name: `from pyspark.sql import functions as F`.
"""

from collections.abc import Iterator

from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.evidence import Evidence, Rule


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The star imports."""
    for cell in evidence.facts.cells:
        for each in cell.imports:
            if each.attribute == "*":
                yield evidence.finding(
                    rule, cell.cell_id, each.span, f"everything of {each.module or '.'} is imported",
                    "import the names that are used, or the module under a short name",
                )  # fmt: skip


RULE = Rule("NB160", "star-import", Severity.WARNING, find)
