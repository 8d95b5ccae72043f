"""All that is known of a notebook, put together."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from nbpromote.analysis.code import CellCode, read_code
from nbpromote.analysis.definitions import find_definitions
from nbpromote.analysis.display import displays, is_peek
from nbpromote.analysis.evaluation import Evaluator, Record, State, TooTangled
from nbpromote.analysis.facts import Call, CellFacts, Definition, Facts
from nbpromote.analysis.flow import BUILTINS, find_flow
from nbpromote.analysis.imports import find_imports, find_requirements
from nbpromote.analysis.library import FOLDER, library_of
from nbpromote.analysis.literals import find_literals
from nbpromote.analysis.names import CellNames, all_names, find_names, find_taken
from nbpromote.analysis.opaque import find_opaque
from nbpromote.analysis.r import with_r
from nbpromote.analysis.scala import with_scala
from nbpromote.analysis.widgets import find_widgets, with_widgets
from nbpromote.notebook.magics import MagicKind
from nbpromote.notebook.model import Notebook

_TIMED = "__timed__"


def analyse(notebook: Notebook, *, specifications: Sequence[Path] = ()) -> Facts:
    """What each cell of the notebook needs, makes and changes, and what flows between the cells.

    Args:
        notebook: The notebook; none of it is executed.
        specifications: Folders with specifications of more libraries, in the form that `library/README.md` describes.

    Never raises on anything a notebook can hold: what cannot be read is a cell's `problem`.
    """
    codes = {cell.id: read_code(cell) for cell in notebook.code_cells}
    names = _names(tuple(codes.values()))
    named = tuple(_named(code, names[cell_id]) for cell_id, code in codes.items())
    named = with_widgets(codes, with_scala(codes, with_r(codes, named, notebook.language)))
    order = find_flow(notebook, named).order
    evaluator = Evaluator(State(library_of((FOLDER, *specifications))))
    records = {cell_id: _follow(evaluator, codes[cell_id]) for cell_id in order}
    cells = tuple(_completed(cell, codes[cell.cell_id], records[cell.cell_id]) for cell in named)
    cells = tuple(_with_changes(cell, evaluator) for cell in cells)
    cells = tuple(replace(cell, calls=_calls(codes[cell.cell_id], evaluator.state.callees)) for cell in cells)
    widgets = find_widgets(codes, notebook.metadata)
    return Facts(notebook, cells, find_flow(notebook, cells), find_literals(codes, cells), widgets)


def _calls(code: CellCode, callees: Mapping[int, str]) -> tuple[Call, ...]:
    found = [
        Call(callees[id(node)], code.span(node))
        for node in ast.walk(code.tree)
        if isinstance(node, ast.Call) and id(node) in callees
    ]
    return tuple(sorted(found, key=lambda call: call.span))


def _names(codes: Sequence[CellCode]) -> Mapping[str, CellNames]:
    functions: dict[str, frozenset[str]] = {}
    for code in codes:
        for name, taken in find_taken(code.tree).items():
            functions[name] = functions.get(name, frozenset()) | taken
    found: dict[str, CellNames] = {}
    bound: set[str] = set()
    for code in codes:
        try:
            names = find_names(_timed(code), functions)
            names.binds.discard(_TIMED)
        except RecursionError:
            names = all_names([code.tree])
        for magic in code.python.magics:
            names.carries |= set(magic.reads) - names.reads
        found[code.cell.id] = names
        bound |= names.binds
    given = BUILTINS - bound
    for names in found.values():
        names.reads -= given
        names.carries -= given
    return found


def _timed(code: CellCode) -> ast.Module:
    """The tree with what `%timeit` times in a function, as IPython compiles it: its names stay inside."""
    local = code.python.local_lines
    if not local:
        return code.tree
    is_one = any(magic.is_local and magic.kind is MagicKind.CELL for magic in code.python.magics)
    timed = [node for node in code.tree.body if node.lineno in local]
    body: list[ast.stmt] = []
    for node in code.tree.body:
        if node.lineno not in local:
            body.append(node)
        elif not is_one or node is timed[0]:
            arguments = ast.arguments([], [], None, [], [], None, [])
            body.append(ast.FunctionDef(_TIMED, arguments, timed if is_one else [node], [], None, None))
            body.append(ast.Expr(ast.Call(ast.Name(_TIMED, ast.Load()), [], [])))
    return ast.fix_missing_locations(ast.Module(body, []))


def _named(code: CellCode, names: CellNames) -> CellFacts:
    magics = code.python.magics
    opaque = find_opaque(code.python)
    return CellFacts(
        cell_id=code.cell.id,
        binds=frozenset(names.binds),
        reads=frozenset(names.reads),
        deletes=frozenset(names.deletes),
        carries=frozenset(names.carries),
        imports=find_imports(code),
        definitions=find_definitions(code),
        opaque=opaque.texts,
        magics=tuple(magic.text for magic in magics),
        pip_requirements=find_requirements(magics),
        problem=code.problem,
        binds_unknown=bool(names.star_imports) or opaque.binds_unknown,
        resources_read=opaque.resources_read,
        resources_changed=opaque.resources_changed,
    )


def _follow(evaluator: Evaluator, code: CellCode) -> Record | None:
    try:
        return evaluator.cell(code)
    except (RecursionError, TooTangled):
        return None


def _completed(cell: CellFacts, code: CellCode, record: Record | None) -> CellFacts:
    """The facts with what following the cell has brought; when it could not be followed, it may change all it uses."""
    if record is None:
        everything = cell.reads | cell.carries
        return replace(
            cell,
            mutates=everything,
            mutation_reasons=dict.fromkeys(everything, "the cell is too tangled to be followed"),
        )
    given = BUILTINS - cell.binds
    mutates = {name: reason for name, reason in record.mutates.items() if name not in given}
    reads = cell.reads | (record.reads - given - cell.binds)
    return replace(
        cell,
        binds=cell.binds | record.binds | record.gets,
        reads=reads,
        carries=cell.carries | (record.binds - cell.binds - reads),
        mutates=cell.mutates | frozenset(mutates),
        mutation_reasons={**(cell.mutation_reasons or {}), **mutates} or None,
        accesses=tuple(sorted([*cell.accesses, *record.accesses], key=lambda access: access.span)),
        resources_read=cell.resources_read | record.resources_read | _of_process(record) | _of_showing(code, record),
        resources_changed=cell.resources_changed | record.resources_changed,
        binds_unknown=cell.binds_unknown or record.binds_unknown,
        displays=cell.displays or displays(code, record),
        is_peek=cell.is_peek or is_peek(code, record, mutates),
    )


def _of_process(record: Record) -> frozenset[str]:
    """What any library may look at, and each file that is named: the environment's variables, the working directory."""
    uses = record.accesses or any(each.startswith("state of ") for each in record.resources_read)
    return frozenset({"state of os"} if uses else ())


# How a value looks when it is shown, and libraries that draw by matplotlib.
_LOOKS = frozenset(f"state of {name}" for name in ("pandas", "numpy", "sympy", "IPython"))
_DRAWING = frozenset(
    f"state of {name}" for name in ("sympy", "networkx", "statsmodels", "sklearn", "skimage", "geopandas")
)


def _of_showing(code: CellCode, record: Record) -> frozenset[str]:
    found = _LOOKS if displays(code, record) else frozenset()
    return found | {"state of matplotlib"} if record.resources_read & _DRAWING else found


def _with_changes(cell: CellFacts, evaluator: Evaluator) -> CellFacts:
    """The facts with what each function of the cell changes when it is called."""
    if not cell.definitions:
        return cell
    definitions: list[Definition] = []
    for definition in cell.definitions:
        try:
            names, parameters = evaluator.changes_of(definition.name)
        except (RecursionError, TooTangled):
            names, parameters = definition.free, frozenset(definition.parameters)
        definitions.append(
            replace(definition, mutates_free=definition.mutates_free | names, mutates_arguments=parameters)
        )
    return replace(cell, definitions=tuple(definitions))
