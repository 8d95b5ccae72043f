"""What is found of a cell: the names that it binds, reads and deletes."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nbpromote.analysis.scopes import (
    NOTHING,
    FunctionNode,
    outer_names,
)

Functions = Mapping[str, frozenset[str]]


@dataclass(slots=True)
class CellNames:
    """The names of a cell.

    `carries` are names that it binds on some ways through it only, or that code which may never run uses: a value from
    before may live on, but need not be there.
    """

    binds: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    carries: set[str] = field(default_factory=set)
    deletes: set[str] = field(default_factory=set)
    star_imports: set[str] = field(default_factory=set)


def find_taken(tree: ast.Module) -> dict[str, frozenset[str]]:
    """What each function, class and named lambda of a cell takes from the notebook when it is called."""
    found: dict[str, frozenset[str]] = {}
    stack: list[ast.AST] = list(tree.body)
    while stack:
        node = stack.pop()
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found[node.name] = found.get(node.name, NOTHING) | taken_by(node)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda() as function):
                found[name] = found.get(name, NOTHING) | taken_by(function)
            case ast.If() | ast.Try() | ast.With() | ast.For() | ast.While():
                stack.extend(ast.iter_child_nodes(node))
            case ast.ExceptHandler():
                stack.extend(node.body)
    return found


def taken_by(node: FunctionNode | ast.ClassDef | ast.Lambda) -> frozenset[str]:
    """What the body takes from the notebook."""
    names = outer_names(node)
    return frozenset(names.reads | names.late)


def dotted_name(node: ast.AST) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    return ".".join(reversed(parts))


def all_names(nodes: Iterable[ast.AST]) -> CellNames:
    """Names without any regard to scopes, for code that nests too deep to be followed."""
    found = CellNames()
    for root in nodes:
        for node in ast.walk(root):
            if isinstance(node, ast.Name):
                (found.reads if isinstance(node.ctx, ast.Load) else found.binds).add(node.id)
    found.carries = set(found.binds)
    return found
