"""All that is known of a notebook, put together."""

import ast
from collections import ChainMap
from collections.abc import Sequence

from nbpromote.analysis.code import CellCode, read_code
from nbpromote.analysis.definitions import find_definitions
from nbpromote.analysis.facts import CellFacts, Facts
from nbpromote.analysis.flow import BUILTINS, find_flow
from nbpromote.analysis.imports import find_imports, find_requirements
from nbpromote.analysis.names import CellNames, all_names, find_names
from nbpromote.analysis.names import find_definitions as find_taken
from nbpromote.analysis.rough import find_mutations
from nbpromote.notebook.model import Notebook


def analyse(notebook: Notebook) -> Facts:
    """What each cell of the notebook needs, makes and changes, and what flows between the cells.

    Never raises on anything a notebook can hold: what cannot be read is a cell's `problem`.
    """
    codes = tuple(read_code(cell) for cell in notebook.code_cells)
    cells = _cells(codes)
    return Facts(notebook, cells, find_flow(notebook, cells), ())


def _cells(codes: Sequence[CellCode]) -> tuple[CellFacts, ...]:
    functions: dict[str, frozenset[str]] = {}
    for code in codes:
        for name, taken in find_taken(code.tree).items():
            functions[name] = functions.get(name, frozenset()) | taken
    names = [_names(code, functions) for code in codes]
    bound = set().union(*(each.binds for each in names)) if names else set()
    shown = BUILTINS - bound
    found = []
    for code, each in zip(codes, names, strict=True):
        magics = code.python.magics
        reads = frozenset(each.reads - shown)
        found.append(
            CellFacts(
                cell_id=code.cell.id,
                binds=frozenset(each.binds),
                reads=reads,
                mutates=frozenset(find_mutations(code.tree) & (each.reads | each.carries) - shown),
                deletes=frozenset(each.deletes),
                imports=find_imports(code),
                definitions=find_definitions(code),
                opaque=tuple(magic.text for magic in magics),
                magics=tuple(magic.text for magic in magics),
                pip_requirements=find_requirements(magics),
                problem=code.problem,
                displays=bool(code.tree.body) and isinstance(code.tree.body[-1], ast.Expr),
                carries=frozenset(each.carries - shown),
                binds_unknown=bool(each.star_imports),
            )
        )
    return tuple(found)


def _names(code: CellCode, functions: dict[str, frozenset[str]]) -> CellNames:
    try:
        found = find_names(code.tree, ChainMap({}, functions))
    except RecursionError:
        found = all_names([code.tree])
    known = set(functions) | found.binds | found.reads
    for magic in code.python.magics:
        found.carries |= set(magic.reads) - found.binds - known
        found.carries |= set(magic.reads) - found.reads
    return found
