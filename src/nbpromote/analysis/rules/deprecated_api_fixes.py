"""What stands for a call that is out of date and certainly does the same, as a fix."""

import ast

from nbpromote.analysis.code import CellCode
from nbpromote.analysis.facts import Import, Span
from nbpromote.analysis.findings import Fix
from nbpromote.analysis.rules.deprecations import FILLS, MOVED, RENAMED, SAME_KEYWORDS
from nbpromote.analysis.rules.evidence import Evidence


def fix_call(evidence: Evidence, code: CellCode, node: ast.Call, callee: str) -> Fix | None:
    """The method's new name, which takes the same arguments."""
    name = RENAMED.get(callee)
    if name is None or not isinstance(node.func, ast.Attribute):
        return None
    return evidence.fix(code, _end_of(code, node.func), node.func.attr, name)


def fix_keyword(evidence: Evidence, code: CellCode, node: ast.Call, keyword: ast.keyword) -> Fix | None:
    """The argument as it is called today."""
    function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    span = code.span(keyword)
    written = code.text(span).replace(" ", "")
    if function == "fillna" and keyword.arg == "method":
        return _fill(code, node, keyword)
    if function == "to_csv" and keyword.arg == "line_terminator":
        name = Span(span.line, span.column, span.line, span.column + len("line_terminator"))
        return evidence.fix(code, name, "line_terminator", "lineterminator")
    bad_lines = [each for each in node.keywords if each.arg in {"error_bad_lines", "warn_bad_lines", "on_bad_lines"}]
    if (function, written) not in SAME_KEYWORDS or len(bad_lines) > 1:
        return None
    instead = SAME_KEYWORDS[function, written]
    return Fix(span, instead) if instead else _without(code, node, keyword)


def fix_import(evidence: Evidence, code: CellCode, each: Import) -> Fix | None:
    """The import from where the names are today, when all of the statement moved there."""
    module, names = MOVED.get(each.module, ("", ""))
    for statement in code.tree.body:
        if not isinstance(statement, ast.ImportFrom) or code.span(statement) != each.span or statement.level:
            continue
        if {alias.name for alias in statement.names} <= set(names.split()):
            told = ", ".join(f"{one.name} as {one.asname}" if one.asname else one.name for one in statement.names)
            instead = f"from {module} import {told}" if module else f"import {told}"
            return evidence.fix(code, each.span, f"from {each.module} import {told}", instead)
    return None


def _fill(code: CellCode, node: ast.Call, keyword: ast.keyword) -> Fix | None:
    """`fillna(method="ffill")` as `ffill()`, when nothing else is said."""
    if not isinstance(keyword.value, ast.Constant) or keyword.value.value not in FILLS or not _is_alone(node):
        return None
    if not isinstance(node.func, ast.Attribute):
        return None
    name, whole = _end_of(code, node.func), code.span(node)
    span = Span(name.line, name.column, whole.end_line, whole.end_column)
    quoted = code.text(code.span(keyword.value))
    written = "".join(code.text(span).split())
    method = FILLS[keyword.value.value]
    return Fix(span, f"{method}()") if written == f"fillna(method={quoted})" else None


def _is_alone(node: ast.Call) -> bool:
    return not node.args and len(node.keywords) == 1


def _without(code: CellCode, node: ast.Call, keyword: ast.keyword) -> Fix | None:
    """The call without this argument."""
    given: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
    at, mine = given.index(keyword), code.span(keyword)
    if at + 1 < len(given):
        after = code.span(given[at + 1])
        span = Span(mine.line, mine.column, after.line, after.column)
    elif at:
        before = code.span(given[at - 1])
        span = Span(before.end_line, before.end_column, mine.end_line, mine.end_column)
    else:
        span = mine
    gone = "".join(code.text(span).split()).strip(",")
    return Fix(span, "") if gone == "".join(code.text(mine).split()) else None


def _end_of(code: CellCode, node: ast.Attribute) -> Span:
    """Where the attribute's own name stands."""
    span = code.span(node)
    return Span(span.end_line, span.end_column - len(node.attr), span.end_line, span.end_column)
