"""NB164: a value that is meant to be looked at, and is not shown.

A notebook shows the value of a cell's last expression only; the ones before it are worked out and thrown away.

Example:
    df.head()
    df = df.dropna()

Show it with `display(df.head())`, give it a cell of its own, or delete it.
"""

import ast
from collections.abc import Iterator

from nbpromote.analysis.display import is_glance
from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.evidence import Evidence, Rule

# These print by themselves.
_PRINTS = frozenset({"print", "display", "show", "info", "printSchema", "explain", "help", "displayHTML", "pprint"})


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The looks that stand before the end of a cell."""
    for cell_id, code in evidence.codes.items():
        for statement in code.tree.body[:-1]:
            if not isinstance(statement, ast.Expr):
                continue
            value = statement.value
            if isinstance(value, ast.Name) or (is_glance(value) and not any(_prints(node) for node in ast.walk(value))):
                yield evidence.finding(
                    rule, cell_id, code.span(value), "is worked out and not shown: it is not the last of the cell",
                    "show it with display(...), or delete it",
                )  # fmt: skip


def _prints(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in _PRINTS
    return False


RULE = Rule("NB164", "lost-display", Severity.NOTE, find)
