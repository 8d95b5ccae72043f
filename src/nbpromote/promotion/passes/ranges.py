"""A parameter outside of the data's range: what a filter by it leaves is checked to be something."""

import ast
from dataclasses import replace

from nbpromote.notebook.model import Cell
from nbpromote.promotion.code import CellCode, parse_cell
from nbpromote.promotion.draft import Draft, Snapshot, name_of
from nbpromote.promotion.passes.guards import CHECK, CHOICES, frame_read
from nbpromote.promotion.plan import Decision, DecisionKind, Topic
from nbpromote.promotion.rewriting import Rewrite

_FILTERS = frozenset({"filter", "where", "query"})


def apply(draft: Draft, _: Snapshot) -> Draft:
    """Add a check behind each filter of an input that compares with a parameter."""
    frames: set[str] = set()
    parameters = {one.name for one in draft.parameters}
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        for statement in code.tree.body if code else ():
            if code is None or not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
                continue
            target = statement.targets[0]
            if not isinstance(target, ast.Name):
                continue
            if frame_read(draft, cell, code, statement) is not None:
                frames.add(target.id)
            elif _is_filter(statement.value, frames):
                frames.add(target.id)
                named = [one for one in _names(statement.value) if one in parameters]
                draft = _checked(draft, cell, code, statement, named) if named else draft
            else:
                frames.discard(target.id)
    return draft


def _is_filter(value: ast.expr, frames: set[str]) -> bool:
    """Whether this is a table with some of its rows left out, and nothing else."""
    match value:
        case ast.Subscript(value=ast.Name(id=frame), slice=ast.Compare() | ast.BinOp() | ast.UnaryOp() as mask):
            return frame in frames and any(isinstance(one, ast.Compare) for one in ast.walk(mask))
        case ast.Call(func=ast.Attribute(value=inner, attr=method)) if method in _FILTERS:
            return (isinstance(inner, ast.Name) and inner.id in frames) or _is_filter(inner, frames)
    return False


def _names(value: ast.expr) -> list[str]:
    return list(dict.fromkeys(one.id for one in ast.walk(value) if isinstance(one, ast.Name)))


def _checked(draft: Draft, cell: Cell, code: CellCode, statement: ast.Assign, parameters: list[str]) -> Draft:
    span = code.whole_lines(statement)
    name = code.text(statement.targets[0])
    if span is None:
        return draft
    subject = f"{name} by {', '.join(parameters)}"
    turn = draft.turn(Topic.GUARD, subject, CHOICES, CHECK)
    if turn.choice != CHECK:
        return draft.deciding(Decision(DecisionKind.GUARD, name, "is not checked", "so chosen", turn=turn))
    validation, line = draft.module("validation")
    by = ", ".join(parameters)
    check = f'{name} = {validation}.require({name}, "{name} (by {by})")\n'
    at = replace(span, line=span.end_line, column=0)
    lead = "" if cell.source.count("\n") >= span.end_line - 1 or cell.source.endswith("\n") else "\n"
    why = f"{name_of(cell)} leaves out rows by {by}, which may lie outside of the data's range"
    return (
        replace(draft, imports=tuple(dict.fromkeys((*draft.imports, line))))
        .inserting_before(Rewrite(cell.id, at, lead + check))
        .deciding(Decision(DecisionKind.GUARD, name, "is checked: not empty", why, turn=turn))
    )
