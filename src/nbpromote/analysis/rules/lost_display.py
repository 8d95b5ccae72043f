"""NB164: a value that is meant to be looked at, and is not shown.

A notebook shows the value of a cell's last expression only; the ones before it are worked out and thrown away.

Example:
    df.head()
    df = df.dropna()

Show it with `display(df.head())`, as the fix does, give it a cell of its own, or delete it. Where the notebook sets
`ast_node_interactivity` to `all`, every expression is shown.
"""

import ast
import re
from collections.abc import Iterator

from nbpromote.analysis.code import CellCode
from nbpromote.analysis.display import is_glance
from nbpromote.analysis.facts import Span
from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.evidence import Evidence, Rule

_SHOWS_ALL = re.compile(r"ast_node_interactivity\s*=\s*['\"](?:all|last_expr_or_assign)['\"]")
# These print by themselves.
_PRINTS = frozenset({"print", "display", "show", "info", "printSchema", "explain", "help", "displayHTML", "pprint"})


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The looks that stand before the end of a cell."""
    if any(_SHOWS_ALL.search(cell.source) for cell in evidence.cells.values()):
        return
    has_display = evidence.facts.notebook.language == "python" and not any(
        "display" in cell.binds or cell.binds_unknown for cell in evidence.facts.cells
    )
    library = {id(node) for _, node, _ in evidence.library_calls()}
    for cell_id, code in evidence.codes.items():
        for statement in code.tree.body[:-1]:
            if not isinstance(statement, ast.Expr):
                continue
            value = statement.value
            if _is_other(value) and id(value) not in library:
                continue
            if isinstance(value, ast.Name) or (is_glance(value) and not any(_prints(node) for node in ast.walk(value))):
                span, text = code.span(value), ast.get_source_segment(code.python.source, value) or ""
                can_be_fixed = has_display and not _is_silent(code, span) and span.line not in code.python.local_lines
                fix = evidence.fix(code, span, text, f"display({code.text(span)})") if can_be_fixed else None
                yield evidence.finding(
                    rule, cell_id, span, "is worked out and not shown: it is not the last of the cell",
                    "show it with display(...), or delete it", fix=fix,
                )  # fmt: skip


def _is_other(node: ast.expr) -> bool:
    """Whether a method of this name does something else for many libraries than to look."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"sample", "take"}


def _is_silent(code: CellCode, span: Span) -> bool:
    """Whether a semicolon behind it says that it is not to be shown."""
    return code.rows[span.end_line - 1][span.end_column :].lstrip().startswith(";")


def _prints(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in _PRINTS
    return False


RULE = Rule("NB164", "lost-display", Severity.NOTE, find)
