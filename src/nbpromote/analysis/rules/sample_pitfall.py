"""NB133: a sample of a Spark DataFrame that is not the one it seems to be.

`sample` takes each row with the given chance, so it gives about that many rows, not exactly; which ones depends on how
the rows are partitioned, also with a seed. A seed by name behind a fraction by place is not heeded at all: write
`sample(fraction=0.001, seed=1)`. A number above 1 is a fraction for Spark too, not a count as for pandas.

Example:
    test = purchases.sample(0.001, seed=1)

Choose rows by a key, which is the same wherever they are: `purchases.where(F.abs(F.hash("customer")) % 1000 == 0)`.
"""

import ast
from collections.abc import Iterator

from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.row_seeds import Seed, seed_of
from nbpromote.analysis.rules.evidence import Evidence, Rule
from nbpromote.analysis.rules.spark_chain import Places

_SAMPLES = frozenset({"pyspark.DataFrame.sample", "pyspark.DataFrame.sampleBy", "pyspark.DataFrame.randomSplit"})
_HINT = "choose rows by a key: where(abs(hash(key)) % 100 < percent)"


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The samples."""
    for code, node, callee in evidence.library_calls():
        if callee not in _SAMPLES or id(node) in Places(code).looked:
            continue
        name = callee.rpartition(".")[2]
        fraction = _fraction(node) if name == "sample" else None
        seed = seed_of(node, name)
        severity, hint = Severity.WARNING, _HINT
        if fraction is not None and fraction > 1:
            message = f"sample({fraction:g}) takes each row {fraction:g} times on average, or fails; it is no count"
        elif seed is Seed.UNHEEDED:
            message = "sample() heeds no seed by name behind a fraction by place: each run takes other rows"
            hint = "give the fraction by name as well: sample(fraction=..., seed=...)"
        elif seed is not Seed.NONE:
            message, severity = f"{name}() takes other rows when partitions differ, also with a seed", Severity.NOTE
        elif name != "randomSplit":
            message = f"{name}() without a seed takes other rows in each run"
        else:
            continue  # NB130 says it
        yield evidence.finding(rule, code.cell.id, code.span(node), message, hint, severity)


def _fraction(node: ast.Call) -> float | None:
    given = {each.arg: each.value for each in node.keywords}
    candidates = [given.get("fraction"), *node.args[:2]]
    for each in candidates:
        if isinstance(each, ast.Constant) and isinstance(each.value, (int, float)) and not isinstance(each.value, bool):
            return float(each.value)
    return None


RULE = Rule("NB133", "sample-pitfall", Severity.WARNING, find)
