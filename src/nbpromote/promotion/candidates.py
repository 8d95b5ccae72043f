"""The definitions of a notebook that may move to commonlib, what they would be handed, and what moves along."""

import ast
import builtins
from collections.abc import Mapping
from dataclasses import dataclass

from nbpromote.analysis.clones import DefinitionNode
from nbpromote.analysis.facts import Definition
from nbpromote.notebook.model import Cell
from nbpromote.promotion.code import CellCode, free_names, parse_cell
from nbpromote.promotion.draft import Constant, Draft

GIVEN = frozenset(dir(builtins)) | {"display"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A top-level definition of a cell that stays. `free` are the names that it reads from outside itself."""

    definition: Definition
    cell: Cell
    code: CellCode
    node: DefinitionNode
    free: frozenset[str]


def find_candidates(draft: Draft) -> list[Candidate]:
    """Every top-level definition of the cells that stay."""
    found = []
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        if code is None:
            continue
        nodes = {
            node.name: node
            for node in code.tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        }
        for definition in draft.facts.of(cell.id).definitions:
            node = nodes.get(definition.name)
            if node is not None:
                found.append(Candidate(definition, cell, code, node, free_names(ast.unparse(node)) - GIVEN))
    return found


def find_arguments(
    candidates: dict[str, Candidate], imported: Mapping[str, object], constants: set[str]
) -> dict[str, tuple[str, ...]]:
    """For each candidate the free variables it must be given, those of the functions that it calls included."""
    own = {
        name: {free for free in one.free if free not in imported and free not in candidates and free not in constants}
        for name, one in candidates.items()
    }
    changed = True
    while changed:
        changed = False
        for name, one in candidates.items():
            inherited = {free for called in one.free & candidates.keys() for free in own[called]}
            if not inherited <= own[name]:
                own[name] |= inherited
                changed = True
    return {name: tuple(sorted(free)) for name, free in own.items()}


def find_constants(
    draft: Draft, candidates: dict[str, Candidate], imported: Mapping[str, object], bindings: dict[str, int]
) -> dict[str, Constant]:
    """Literals that no parameter holds and that only the moving functions read: they move along."""
    parameters = {parameter.name for parameter in draft.parameters}
    read_inside = {name for one in candidates.values() for name in one.free} - imported.keys() - candidates.keys()
    found: dict[str, Constant] = {}
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        if code is None:
            continue
        for statement in code.tree.body:
            if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
                continue
            target, span = statement.targets[0], code.whole_lines(statement)
            if not isinstance(target, ast.Name) or span is None or not _is_plain(statement.value):
                continue
            name = target.id
            is_theirs = name in read_inside and name not in parameters and bindings.get(name) == 1
            if is_theirs and not _is_read_outside(draft, candidates, name):
                found[name] = Constant(name, cell.id, span)
    return found


def _is_plain(value: ast.expr) -> bool:
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return isinstance(value, ast.Constant | ast.UnaryOp | ast.Tuple)


def _is_read_outside(draft: Draft, candidates: dict[str, Candidate], name: str) -> bool:
    nodes = {id(node) for one in candidates.values() for node in ast.walk(one.node)}
    return any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load) and id(node) not in nodes
        for cell in draft.kept_code
        if (code := parse_cell(cell.source)) is not None
        for node in ast.walk(code.tree)
    )


def count_bindings(draft: Draft) -> dict[str, int]:
    """How often each name is bound in the cells that stay."""
    counts: dict[str, int] = {}
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        for node in ast.walk(code.tree) if code else ():
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
                counts[node.id] = counts.get(node.id, 0) + 1
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                counts[node.name] = counts.get(node.name, 0) + 1
    return counts
