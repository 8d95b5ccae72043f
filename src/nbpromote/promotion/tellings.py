"""Cells that show how Spark works rather than what it computes: its plans, its partitions, its settings."""

import ast
from collections.abc import Iterator

from nbpromote.analysis.facts import Facts
from nbpromote.promotion.mends.mend import codes_of

_TELLS = frozenset({
    "explain", "toDebugString", "getNumPartitions", "defaultParallelism", "defaultMinPartitions", "glom", "getConf",
    "master", "spark_partition_id", "queryExecution", "getStorageLevel", "mapPartitionsWithIndex",
})  # fmt: skip


def telling_cells(facts: Facts) -> frozenset[str]:
    """Their ids. A function that tells of it, and a name that is bound to it, tell of it where they are used."""
    told: set[str] = set()
    codes = dict(reversed([(cell.id, code) for cell, code in codes_of(facts)]))
    found = set()
    for cell_id in facts.flow.order:
        for statement in codes[cell_id].tree.body if cell_id in codes else ():
            if any(name in _TELLS or name in told for name in _names(statement)):
                bound = set(_bound(statement))
                told |= bound
                if not bound:
                    found.add(cell_id)
    return frozenset(found)


def _names(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name):
            yield node.id


def _bound(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.FunctionDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case _:
            pass
