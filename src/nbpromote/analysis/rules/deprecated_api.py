"""NB165: a call of a library that newer versions do not have any more, or do otherwise.

The notebook runs with the versions of its author, and fails, or silently does something else, in an environment that is
made today.

Example:
    df["price"].fillna(0, inplace=True)

Say it in the way of today, which the finding names: `df["price"] = df["price"].fillna(0)`. A fix is offered where the
new way certainly does the same: for a name that changed (`np.float`, `iteritems`), not for what changes a copy.
"""

import ast
import re
from collections.abc import Iterator

from nbpromote.analysis.code import CellCode
from nbpromote.analysis.facts import Span
from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.deprecated_api_fixes import fix_call, fix_import, fix_keyword
from nbpromote.analysis.rules.deprecations import CALLS, KEYWORDS, MODULES, NUMPY, SPARK_R
from nbpromote.analysis.rules.evidence import Evidence, Rule


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The imports, calls and attributes that are out of date."""
    yield from _calls(rule, evidence)
    numpy = {each.name for cell in evidence.facts.cells for each in cell.imports if each.module == "numpy"}
    bound = {name for cell in evidence.facts.cells for name in cell.binds} | {""}
    for cell_id, code in evidence.codes.items():
        yield from _imports(rule, evidence, cell_id)
        for node in ast.walk(code.tree):
            match node:
                case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in numpy and attribute in NUMPY:
                    instead = NUMPY[attribute].format(np=name)
                    written = f"{name}.{attribute}"
                    fix = evidence.fix(code, code.span(node), written, instead) if instead not in bound else None
                    hint = f"write {instead}" if instead else "NumPy's migration guide names what to use"
                    message = f"{name}.{attribute} is gone from NumPy"
                    yield evidence.finding(rule, cell_id, code.span(node), message, hint, fix=fix)
                case ast.Expr(value=ast.Call() as call):
                    yield from _chained(rule, evidence, code, call)
        if code.python.language == "r" and (match := SPARK_R.search(code.cell.source)):
            row = code.cell.source[: match.start(1)].count("\n") + 1
            span = Span(row, 0, row, len(code.rows[row - 1]))
            yield evidence.finding(
                rule, cell_id, span, "SparkR is deprecated since Spark 4.0", "use sparklyr, or PySpark"
            )


def _calls(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    for code, node, callee in evidence.library_calls():
        if callee in CALLS:
            message, hint = CALLS[callee]
            fix = fix_call(evidence, code, node, callee)
            yield evidence.finding(rule, code.cell.id, code.span(node), message, hint, fix=fix)
        for keyword in node.keywords:
            told = KEYWORDS.get((callee.rpartition(".")[2], keyword.arg or ""))
            if told is not None:
                fix = fix_keyword(evidence, code, node, keyword)
                yield evidence.finding(rule, code.cell.id, code.span(keyword), *told, fix=fix)


def _imports(rule: Rule, evidence: Evidence, cell_id: str) -> Iterator[Finding]:
    for each in evidence.by_id[cell_id].imports:
        full = f"{each.module}.{each.attribute}" if each.attribute else each.module
        for pattern, (message, hint) in MODULES.items():
            if re.fullmatch(pattern, full):
                fix = fix_import(evidence, evidence.codes[cell_id], each)
                yield evidence.finding(rule, cell_id, each.span, message.format(name=full), hint, fix=fix)
                break


def _chained(rule: Rule, evidence: Evidence, code: CellCode, call: ast.Call) -> Iterator[Finding]:
    """`df["x"].fillna(0, inplace=True)`: since pandas 3 it changes a copy, and `df` stays as it is."""
    match call.func:
        case ast.Attribute(value=ast.Subscript(value=ast.Name()) as column, attr=method):
            inplace = [each for each in call.keywords if each.arg == "inplace" and _is_true(each.value)]
        case _:
            return
    if not inplace:
        return
    target = code.text(code.span(column))
    given = [code.text(code.span(each)) for each in call.args]
    given += [code.text(code.span(each)) for each in call.keywords if each not in inplace]
    instead = f"{target} = {target}.{method}({', '.join(given)})"
    yield evidence.finding(
        rule, code.cell.id, code.span(call), f"{method}(inplace=True) on a column changes a copy in pandas 3",
        f"write {instead}" if len(instead) < 100 else "assign the column",
    )  # fmt: skip


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


RULE = Rule("NB165", "deprecated-api", Severity.WARNING, find)
