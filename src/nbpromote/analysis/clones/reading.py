"""The top-level definitions of a notebook, quickly: no flow, no lineage, only names and trees."""

import ast
from collections.abc import Mapping

from nbpromote.analysis.clones.groups import Placed
from nbpromote.analysis.clones.scope import read_scope
from nbpromote.notebook.magics import to_python
from nbpromote.notebook.model import Notebook


def placed_in(notebook: Notebook, library: Mapping[str, str]) -> tuple[Placed, ...]:
    """The definitions of a notebook's Python cells; a name that is bound twice is left out.

    `library` has the keys of what can be imported, by whole names.
    """
    statements: list[ast.stmt] = []
    cells: dict[int, int] = {}
    for cell in notebook.code_cells:
        tree = _tree(cell.source) if cell.language == "python" else None
        for statement in tree.body if tree is not None else ():
            statements.append(statement)
            cells[id(statement)] = cell.number
    scope = read_scope(statements, library).without_constants()
    forms = scope.forms()
    return tuple(
        Placed(notebook.path, cells[id(node)], node.lineno, node, forms[name])
        for name, node in scope.definitions.items()
    )


def _tree(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        python = to_python(source)
        return python.tree if python.problem is None else None
