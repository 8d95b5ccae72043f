"""A file that is opened in one cell and written to in others: it becomes a version after the last of them."""

import ast
from collections.abc import Iterator

from nbpromote.analysis.facts import Span
from nbpromote.notebook.model import Cell
from nbpromote.promotion.code import CellCode, parse_cell
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.rewriting import Rewrite
from nbpromote.promotion.writes.sites import Site

IMPORT = "from contextlib import ExitStack"
_OPENERS = frozenset({"open", "builtins.open", "io.open", "codecs.open"})
_DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def handle_of(site: Site) -> str | None:
    """The name that a file has from here on, when it is opened on a line of its own at the top of a cell."""
    match site.statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if value is site.call and len(site.around) == 1:
            return name if site.access.call in _OPENERS else None
    return None


def handle_edits(site: Site, draft: Draft, handed: str) -> list[Rewrite] | None:
    """The edits that keep the file open up to its last use, and commit it then; None when no place is fit for that."""
    name, where = handle_of(site), site.access.expression_span
    if name is None or where is None or _times_bound(draft, name) != 1:
        return None
    stack = f"writing_{name}"
    end = _end(draft, site, name)
    if end is None or stack in draft.taken:
        return None
    line, call = site.code.span(site.statement), site.code.span(site.call)
    cell_id = site.cell.id
    return [
        Rewrite(cell_id, Span(line.line, line.column, line.line, line.column), f"{stack} = ExitStack()\n"),
        Rewrite(cell_id, Span(call.line, call.column, call.line, call.column), f"{stack}.enter_context("),
        Rewrite(cell_id, Span(call.end_line, call.end_column, call.end_line, call.end_column), ")"),
        Rewrite(cell_id, where, f"{stack}.enter_context({handed})"),
        Rewrite(end[0], end[1], f"\n{stack}.close()"),
    ]


def _times_bound(draft: Draft, name: str) -> int:
    return sum(
        isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
        for _, code in _codes(draft)
        for node in ast.walk(code.tree)
    )


def _end(draft: Draft, site: Site, name: str) -> tuple[str, Span] | None:
    """The place behind the last statement that uses the file, also through functions."""
    users = _users(draft, name)
    last: tuple[Cell, CellCode, ast.stmt] | None = None
    for cell, code in _codes(draft):
        for statement in code.tree.body:
            if not isinstance(statement, _DEFINES) and _says(statement, users):
                last = cell, code, statement
    if last is None:
        return None
    cell, code, statement = last
    is_last = statement is code.tree.body[-1] and cell.id in draft.results
    is_shown = is_last and isinstance(statement, ast.Expr) and not _is_silent(draft, statement.value)
    span = code.span(statement)
    rest = cell.source.split("\n")[span.end_line - 1][span.end_column :]
    if is_shown or rest.strip() or (cell.id == site.cell.id and statement is site.statement):
        return None
    return cell.id, Span(span.end_line, span.end_column, span.end_line, span.end_column)


def _is_silent(draft: Draft, value: ast.expr) -> bool:
    """Whether a cell that ends in this shows nothing by it."""
    match value:
        case ast.Call(func=ast.Attribute(attr="close" | "flush" | "writelines")):
            return True
        case ast.Call(func=ast.Name(id=name)):
            made = [node for _, code in _codes(draft) for node in ast.walk(code.tree) if _is_function(node, name)]
            gives = (one for each in made for one in ast.walk(each) if isinstance(one, ast.Return | ast.Yield))
            return bool(made) and all(one.value is None for one in gives)
    return False


def _is_function(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == name


def _users(draft: Draft, name: str) -> set[str]:
    """The file's name, and the functions and classes that use it."""
    users = {name}
    while True:
        more = {
            node.name
            for _, code in _codes(draft)
            for node in ast.walk(code.tree)
            if isinstance(node, _DEFINES) and _says(node, users)
        } - users
        if not more:
            return users
        users |= more


def _says(node: ast.AST, names: set[str]) -> bool:
    return any(
        isinstance(one, ast.Name) and one.id in names and isinstance(one.ctx, ast.Load) for one in ast.walk(node)
    )


def _codes(draft: Draft) -> Iterator[tuple[Cell, CellCode]]:
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        if code is not None:
            yield cell, code
