"""NB161: an exception is caught and forgotten.

A failure becomes a wrong result that nobody hears of.

Example:
    try:
        rate = load_rate()
    except:
        pass

Catch what is expected, and say what was done about it.
"""

import ast
from collections.abc import Iterator

from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.evidence import Evidence, Rule


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The handlers of everything that do nothing."""
    for code in evidence.codes.values():
        for node in ast.walk(code.tree):
            if not isinstance(node, ast.ExceptHandler):
                continue
            is_broad = node.type is None or (
                isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
            )
            if is_broad and all(isinstance(each, (ast.Pass, ast.Continue)) or _is_constant(each) for each in node.body):
                yield evidence.finding(
                    rule, code.cell.id, code.span(node), "every exception is caught and forgotten",
                    "catch what is expected, and log or raise the rest",
                )  # fmt: skip


def _is_constant(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


RULE = Rule("NB161", "swallowed-exception", Severity.WARNING, find)
