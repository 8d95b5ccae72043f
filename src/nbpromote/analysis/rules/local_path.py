"""NB111: an absolute path of one machine.

The path exists where it was written, and nowhere else.

Example:
    pd.read_csv("/home/ada/data/sales.csv")

Read through the lake, or make the path a parameter.
"""

import re
from collections.abc import Iterator

from nbpromote.analysis.facts import LiteralKind
from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.evidence import Evidence, Rule

_LOCAL = re.compile(
    r"(?:file://)?/(?!dbfs/|mnt/|Volumes/|Workspace/|FileStore/|databricks)[\w.~-]+/.*|[A-Za-z]:[\\/].*|~[\w]*/.*"
)


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The literals that are absolute paths."""
    for literal in evidence.facts.literals:
        if literal.kind is LiteralKind.PATH and isinstance(literal.value, str) and _LOCAL.fullmatch(literal.value):
            yield evidence.finding(
                rule, literal.cell_id, literal.span, f"{literal.source} is a path of one machine",
                "land the data in the lake, or make the path a parameter",
            )  # fmt: skip


RULE = Rule("NB111", "local-path", Severity.WARNING, find)
