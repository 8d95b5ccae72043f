"""NB140: a whole Spark DataFrame is brought to the driver.

What fits in memory today does not when the data has grown.

Example:
    rows = purchases.collect()

Aggregate or limit first, or keep the work in Spark.
"""

import ast
import re
from collections.abc import Iterator

from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.evidence import Evidence, Rule

_ALL = re.compile(r"\.(?:toPandas|collect|toArrow|toLocalIterator)$")
_BOUNDED = re.compile(
    r"\.(?:limit|agg|count|sum|avg|mean|max|min|describe|summary|head|take|first|distinct|pivot|approxQuantile)\(\)"
)
_SMALL = re.compile(r"\bgroup\s+by\b|\blimit\s+\d|\bshow\s|\bdescribe\s|\bcount\s*\(", re.I)
_OTHER = re.compile(r"^(?:gc|pl|polars|lf|lazy)\b|garbage")


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The calls that bring everything, with nothing in their chain that bounds it."""
    spark = any(
        name.module.partition(".")[0] in {"pyspark", "databricks", "commonlib"}
        for cell in evidence.facts.cells
        for name in cell.imports
    ) or any("spark" in cell.reads for cell in evidence.facts.cells)
    if not spark:
        return
    for code, node, called in evidence.calls():
        if _ALL.search(called) and not node.args and not _BOUNDED.search(called) and not _OTHER.match(called):
            if _is_small_query(node):
                continue
            what = called.rpartition(".")[2]
            yield evidence.finding(
                rule,
                code.cell.id,
                code.span(node),
                f"{what}() brings every row to the driver",
                "aggregate or limit first",
            )


def _is_small_query(node: ast.Call) -> bool:
    """Whether an SQL text in the chain groups, counts or limits."""
    texts = [
        each.value for each in ast.walk(node.func) if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    return any(_SMALL.search(text) for text in texts)


RULE = Rule("NB140", "unbounded-collect", Severity.WARNING, find)
