"""Looks at data that end a cell go, unless what they show is a result."""

import ast

from nbpromote.promotion.code import parse_cell
from nbpromote.promotion.draft import Draft, Snapshot
from nbpromote.promotion.dropping import without_line
from nbpromote.promotion.rewriting import Rewrite

_LOOKS = frozenset(
    (
        "head",
        "tail",
        "sample",
        "info",
        "describe",
        "printSchema",
        "show",
        "shape",
        "columns",
        "dtypes",
        "index",
        "schema",
    )
)


def apply(draft: Draft, _: Snapshot) -> Draft:
    """Take `df.head()`, `df.shape` and their like out of the cells that stay."""
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        if code is None or cell.id in draft.results or len(code.tree.body) < 2:
            continue
        is_seeded = any(one.startswith("random state") for one in draft.facts.of(cell.id).resources_changed)
        for statement in code.tree.body:
            span = code.whole_lines(statement)
            if not isinstance(statement, ast.Expr) or span is None or (is_seeded and _draws(statement)):
                continue
            if _is_look(statement.value):
                text = " ".join(code.text(statement).split())
                draft = without_line(draft, cell, Rewrite(cell.id, span, ""), text, "only looks at data")
    return draft


def _draws(statement: ast.Expr) -> bool:
    """Whether the look takes its rows by chance: what is drawn after it would be other numbers without it."""
    return any(isinstance(node, ast.Attribute) and node.attr == "sample" for node in ast.walk(statement))


def _ends_figure(last: ast.Attribute) -> bool:
    return last.attr == "show" and isinstance(last.value, ast.Name) and last.value.id in {"plt", "pyplot"}


def _is_look(value: ast.expr) -> bool:
    """Whether this is nothing but a look: a name, or a plain chain on a name that ends in one of the known looks."""
    if isinstance(value, ast.Tuple | ast.List):
        return all(_is_look(element) for element in value.elts)
    if isinstance(value, ast.Name):
        return True
    if isinstance(value, ast.Subscript) and isinstance(value.value, ast.Name) and isinstance(value.slice, ast.Slice):
        return all(not isinstance(node, ast.Call) for node in ast.walk(value.slice))  # `df[:5]`
    is_call = isinstance(value, ast.Call)
    last = value.func if isinstance(value, ast.Call) else value
    if not isinstance(last, ast.Attribute) or last.attr not in _LOOKS or _ends_figure(last):
        return False
    if isinstance(value, ast.Call) and is_call:
        arguments = [*value.args, *(keyword.value for keyword in value.keywords)]
        if not all(isinstance(one, ast.Constant) for one in arguments):
            return False
    return isinstance(last.value, ast.Name) or (
        isinstance(last.value, ast.Subscript | ast.Attribute) and isinstance(last.value.value, ast.Name)
    )
