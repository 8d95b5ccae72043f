"""Writes into a database that lives in the memory of the run: they reach nothing outside, and stay as they are."""

import ast
from collections.abc import Iterator

from nbpromote.analysis.facts import Access
from nbpromote.notebook.model import Cell
from nbpromote.promotion.code import parse_cell
from nbpromote.promotion.draft import Draft

_PLACES = frozenset({":memory:", "sqlite://", "sqlite:///:memory:", "file::memory:"})
_OPENERS = frozenset({"connect", "create_engine"})
_STEPS = frozenset({"cursor", "connect", "raw_connection", "begin"})


def connections(draft: Draft) -> frozenset[str]:
    """The names that only ever stand for such a database, or a cursor of it."""
    bound: dict[str, list[ast.expr | None]] = {}
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        for name, value in _bindings(code.tree) if code is not None else ():
            bound.setdefault(name, []).append(value)
    found: set[str] = set()
    while True:
        more = {name for name, values in bound.items() if all(_is_within(one, found) for one in values)} - found
        if not more:
            return frozenset(found)
        found |= more


def is_in_memory(cell: Cell, access: Access, names: frozenset[str]) -> bool:
    """Whether this is written by one of these connections: `con.execute(...)`, `frame.to_sql("t", con)`."""
    code = parse_cell(cell.source) if names and access.written is None else None
    for node in ast.walk(code.tree) if code is not None else ():
        if isinstance(node, ast.Call) and code is not None and code.span(node) == access.span:
            said = [node.func.value] if isinstance(node.func, ast.Attribute) else []
            said += [*node.args, *(one.value for one in node.keywords)] if access.call.endswith(".to_sql") else []
            return any(isinstance(one, ast.Name) and one.id in names for one in said)
    return False


def _bindings(tree: ast.Module) -> Iterator[tuple[str, ast.expr | None]]:
    """Names and what they are bound to; None where that is not one plain value."""
    plain = set()
    for node in ast.walk(tree):
        match node:
            case (
                ast.Assign(targets=[ast.Name() as target], value=value)
                | ast.withitem(context_expr=value, optional_vars=ast.Name() as target)
            ):
                plain.add(id(target))
                yield target.id, value
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in plain:
            yield node.id, None


def _is_within(value: ast.expr | None, found: set[str]) -> bool:
    match value:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=step)) if name in found:
            return step in _STEPS
        case ast.Call(func=ast.Attribute(attr=opener) | ast.Name(id=opener), args=[ast.Constant(value=place), *_]):
            return opener in _OPENERS and place in _PLACES
    return False
