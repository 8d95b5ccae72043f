"""NB132: the result depends on the order of Spark's rows, which is not fixed.

Rows come in another order with other cores, partitions or files. What takes some of them (`limit`, `first`, `take`,
`dropDuplicates` on some columns), numbers them, or draws a number for each, takes others then. Where the rows are only
looked at it does not matter, and is not told.

Example:
    latest = sales.dropDuplicates(["customer"])

Order by columns that decide between any two rows first, or aggregate: `sales.orderBy("date", "id").limit(10)`.
"""

import ast
import re
from collections.abc import Iterator

from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.evidence import Evidence, Rule
from nbpromote.analysis.rules.spark_chain import ORDER, TAKES, Places, is_ordered, ordered_names, text_of

_FRAME = "pyspark.DataFrame."
_FUNCTIONS = "pyspark.sql.functions."
_LIMIT = re.compile(r"\blimit\s+\d+", re.I)
_SETTLED = frozenset({"sort_array", "array_sort", "size", "array_distinct", "array_contains", "over"})
_HINT = "order by columns that decide between any two rows first"
Told = tuple[str, str, Severity | None]


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The calls that take, number or draw by the order of rows."""
    ordered = ordered_names(evidence)
    places: dict[str, Places] = {}
    for code, node, callee in evidence.library_calls():
        if not callee.startswith("pyspark."):
            continue
        if code.cell.id not in places:
            places[code.cell.id] = Places(code)
        place = places[code.cell.id]
        told = _of_frame(node, callee, place, ordered) or _of_function(node, callee, place)
        if told is not None and id(node) not in place.looked:
            message, hint, severity = told
            yield evidence.finding(rule, code.cell.id, code.span(node), message, hint, severity)


def _of_frame(  # noqa: PLR0911
    node: ast.Call, callee: str, place: Places, ordered: frozenset[str]
) -> Told | None:
    name = callee.rpartition(".")[2]
    if callee == "pyspark.SparkSession.sql":
        query = text_of(node) or ""
        if _LIMIT.search(query) and not ORDER.search(query):
            return "LIMIT without ORDER BY takes whichever rows come first", _HINT, None
    if not callee.startswith(_FRAME):
        return None
    if name in {"dropDuplicates", "drop_duplicates"} and (node.args or node.keywords):
        return f"{name}() on some columns keeps any one row of each", f"{_HINT}, or aggregate", None
    if isinstance(node.func, ast.Attribute) and is_ordered(node.func.value, ordered):
        return None
    if name in TAKES:
        return f"{name}() takes whichever rows come first", _HINT, None
    if name == "collect" and place.is_indexed(node):
        return "collect()[...] takes whichever row comes first", _HINT, None
    return None


def _of_function(node: ast.Call, callee: str, place: Places) -> Told | None:  # noqa: PLR0911
    if not callee.startswith(_FUNCTIONS):
        return None
    name = callee.removeprefix(_FUNCTIONS)
    if name in {"monotonically_increasing_id", "spark_partition_id"}:
        return f"{name}() numbers rows by their partition", "number them by columns: row_number() over an order", None
    if name in {"first", "last"} and "over" not in place.around(node):
        return f"{name}() takes whichever row of a group comes {name}", "take min, max or max_by", None
    if name == "collect_list" and _SETTLED.isdisjoint(place.around(node)):
        return "collect_list() lists rows in any order", "sort_array(...) puts them into one", Severity.NOTE
    if name in {"rand", "randn"} and (node.args or node.keywords):
        hint = "draw by a key instead: hash(key, lit(seed))"
        return f"{name}(seed) draws another number for a row when partitions differ", hint, Severity.NOTE
    if name == "row_number" and _orders_by_one(place, node):
        hint = "order by one more column, which decides between rows with equal values"
        return "row_number() over one column numbers rows with equal values in any order", hint, Severity.NOTE
    return None


def _orders_by_one(place: Places, node: ast.Call) -> bool:
    """Whether the window, where it is written with the call, is ordered by a single column."""
    over = place.parents.get(id(place.parents.get(id(node))))
    if not isinstance(over, ast.Call) or not over.args:
        return False
    step: ast.expr = over.args[0]
    while isinstance(step, ast.Call) and isinstance(step.func, ast.Attribute):
        if step.func.attr == "orderBy":
            return len(step.args) == 1 and not isinstance(step.args[0], ast.Starred)
        step = step.func.value
    return False


RULE = Rule("NB132", "row-order", Severity.WARNING, find)
