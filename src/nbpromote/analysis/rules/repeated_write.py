"""NB110: a write that is not safe to repeat.

An append adds the rows again when the notebook runs again; an overwrite destroys what was there before the new data is
complete, and a killed run leaves nothing. What must not exist yet (`CREATE TABLE` without `IF NOT EXISTS`, Spark's
default mode) fails in the second run. Promotion makes each of them a new version in the lake.

Example:
    df.write.mode("append").saveAsTable("sales")

Write a new version or the run's own partition: `lake.write(df, "derived/sales")`.
"""

from collections.abc import Iterator

from nbpromote.analysis.facts import AccessKind, Direction
from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.evidence import Evidence, Rule

_APPENDING = frozenset({"append", "merge", "update", "delete", "alter"})


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The appends, and the overwrites of tables and files."""
    read = {
        access.target for cell in evidence.facts.cells for access in cell.accesses if access.direction is Direction.READ
    }
    for cell in evidence.facts.cells:
        for access in cell.accesses:
            if access.direction is not Direction.WRITE or access.kind not in {AccessKind.FILE, AccessKind.TABLE}:
                continue
            what = access.target or access.expression or "its target"
            if access.mode in _APPENDING:
                message = f"{'appends to' if access.mode == 'append' else 'changes'} {what}: a second run does it again"
            elif access.mode == "overwrite" and access.target in read and access.target is not None:
                message = f"overwrites {what}, which the notebook reads too"
            elif access.mode == "overwrite":
                message = f"overwrites {what} in place: a run that is killed leaves neither the old nor the new"
            elif access.mode == "errorifexists" and access.call.startswith(("pyspark.", "%sql")):
                message = f"writes {what}, which must not exist: a second run fails"
            else:
                continue
            yield evidence.finding(
                rule,
                cell.cell_id,
                access.span,
                message,
                "write a new version or the run's own partition with commonlib.lake",
            )


RULE = Rule("NB110", "repeated-write", Severity.WARNING, find)
