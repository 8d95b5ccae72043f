"""Common code: functions and classes move to commonlib, with their free variables as arguments."""

import ast
import builtins
from collections.abc import Mapping
from dataclasses import dataclass, replace

from nbpromote.analysis.facts import Definition, DefinitionKind, Span
from nbpromote.notebook.model import Cell
from nbpromote.promotion.code import CellCode, free_names, parse_cell
from nbpromote.promotion.draft import Constant, Draft, Lifted, Snapshot, name_of
from nbpromote.promotion.handing import call_edits, signature_edit
from nbpromote.promotion.passes.imports import all_import_lines
from nbpromote.promotion.plan import Decision, DecisionKind, Topic, Turn
from nbpromote.promotion.rewriting import Rewrite, contains

MOVE, STAY = "move", "stay"
CHOICES = (MOVE, STAY)
_MOST_ARGUMENTS = 5
_GIVEN = frozenset(dir(builtins)) | {"display"}


@dataclass(frozen=True, slots=True)
class _Candidate:
    definition: Definition
    cell: Cell
    code: CellCode
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    free: frozenset[str]


def apply(draft: Draft, _: Snapshot) -> Draft:
    """Move what can be moved, and say of the rest why it stays."""
    bindings = _bindings(draft)
    candidates = {}
    for candidate in _candidates(draft):
        reason = _stays_because(draft, candidate, bindings)
        if reason:
            draft = _staying(draft, candidate, reason)
        elif (turn := _turn(draft, candidate)).choice == STAY:
            draft = _staying(draft, candidate, "so chosen", turn)
        else:
            candidates[candidate.definition.name] = candidate
    imported = all_import_lines(draft)
    constants = _constants(draft, candidates, imported, bindings)
    while True:
        arguments = _arguments(candidates, imported, set(constants))
        unfit = _unfit(draft, candidates, arguments)
        if not unfit:
            break
        for name, reason in unfit.items():
            draft = _staying(draft, candidates.pop(name), reason)
        constants = _constants(draft, candidates, imported, bindings)
    for name, candidate in candidates.items():
        draft = _lifted(draft, candidate, arguments[name])
        node = candidate.node
        if arguments[name] and not isinstance(node, ast.ClassDef):
            draft = draft.rewriting(signature_edit(candidate.cell.id, candidate.code, node, arguments[name]))
    draft = draft.rewriting(*call_edits(draft, arguments))
    moved = tuple(constants.values())
    return replace(draft, constants=moved).rewriting(*(Rewrite(one.cell_id, one.span, "") for one in moved))


def _candidates(draft: Draft) -> list[_Candidate]:
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
                found.append(_Candidate(definition, cell, code, node, free_names(ast.unparse(node)) - _GIVEN))
    return found


def _stays_because(  # noqa: PLR0911
    draft: Draft, candidate: _Candidate, bindings: dict[str, int]
) -> str | None:
    """Why this definition cannot move, or None."""
    definition, cell, code = candidate.definition, candidate.cell, candidate.code
    if bindings.get(definition.name, 0) > 1:
        return "it is defined more than once"
    if code.whole_lines(candidate.node) is None:
        return "it shares a line with other code"
    if any(contains(definition.span, _as_span(magic.place)) for magic in code.python.magics):
        return "it has a magic in its body"
    if definition.mutates_free and any(isinstance(node, ast.Global) for node in ast.walk(candidate.node)):
        return f"it rebinds {', '.join(sorted(definition.mutates_free))} of the notebook"
    defaults = _notebook_names_in_defaults(candidate)
    if defaults - all_import_lines(draft).keys():
        return f"its defaults are made from {', '.join(sorted(defaults))} of the notebook"
    imports = all_import_lines(draft)
    ambiguous = sorted(
        name for name in candidate.free if len({*imports.get(name, ())}) > 1 and not _is_package(imports[name])
    )
    if ambiguous:
        return f"{ambiguous[0]} is imported from more than one place"
    if any(
        access.direction.value == "write" and contains(definition.span, access.span)
        for access in draft.facts.of(cell.id).accesses
    ):
        return "it writes data"
    return None


def _is_package(lines: tuple[str, ...]) -> bool:
    """Whether these are `import a`, `import a.b`: one name, and parts of it that are loaded."""
    return all(line.startswith("import ") and " as " not in line for line in lines)


def _notebook_names_in_defaults(candidate: _Candidate) -> set[str]:
    node = candidate.node
    outside: list[ast.expr] = list(node.decorator_list)
    if isinstance(node, ast.ClassDef):
        outside += node.bases
    else:
        outside += [*node.args.defaults, *(one for one in node.args.kw_defaults if one is not None)]
    return {
        name.id
        for expression in outside
        for name in ast.walk(expression)
        if isinstance(name, ast.Name) and name.id not in _GIVEN
    }


def _arguments(
    candidates: dict[str, _Candidate], imported: Mapping[str, object], constants: set[str]
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


def _unfit(draft: Draft, candidates: dict[str, _Candidate], arguments: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Candidates that cannot take the arguments they would need, each with the reason."""
    unfit = {}
    for name, candidate in candidates.items():
        needed = arguments[name]
        if not needed:
            continue
        if len(needed) > _MOST_ARGUMENTS:
            unfit[name] = f"it reads {len(needed)} variables of the notebook, too many to hand over"
        elif candidate.definition.kind is DefinitionKind.CLASS:
            unfit[name] = f"its methods read {', '.join(needed)} of the notebook"
        elif set(needed) & _local_names(candidate.node):
            unfit[name] = f"{', '.join(sorted(set(needed) & _local_names(candidate.node)))} means two things in it"
        elif _is_passed_on(draft, name):
            unfit[name] = f"it is handed on as a value and reads {', '.join(needed)} of the notebook"
    staying_callers = {
        name: "a function that stays in the notebook is called by it"
        for name, candidate in candidates.items()
        if name not in unfit and candidate.free & unfit.keys()
    }
    return unfit | staying_callers


def _local_names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)} | {
        one.arg for one in ast.walk(node) if isinstance(one, ast.arg)
    }


def _is_passed_on(draft: Draft, name: str) -> bool:
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        if code is None:
            continue
        called = {id(node.func) for node in ast.walk(code.tree) if isinstance(node, ast.Call)}
        for node in ast.walk(code.tree):
            if isinstance(node, ast.Name) and node.id == name and id(node) not in called:
                return True
    return False


def _constants(
    draft: Draft, candidates: dict[str, _Candidate], imported: Mapping[str, object], bindings: dict[str, int]
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


def _is_read_outside(draft: Draft, candidates: dict[str, _Candidate], name: str) -> bool:
    nodes = {id(node) for one in candidates.values() for node in ast.walk(one.node)}
    return any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load) and id(node) not in nodes
        for cell in draft.kept_code
        if (code := parse_cell(cell.source)) is not None
        for node in ast.walk(code.tree)
    )


def _lifted(draft: Draft, candidate: _Candidate, arguments: tuple[str, ...]) -> Draft:
    definition, cell, code = candidate.definition, candidate.cell, candidate.code
    span = code.span(candidate.node)
    span = Span(code.leading_comments(candidate.node), 0, span.end_line + 1, 0)
    one = Lifted(definition, cell.id, span, arguments)
    become = "becomes an argument" if len(arguments) == 1 else "become arguments"
    why = f"{', '.join(arguments)} of the notebook {become}" if arguments else "it reads nothing of the notebook"
    what = f"moves to commonlib.{draft.options.module}"
    turn = _turn(draft, candidate)
    return (
        replace(draft, lifted=(*draft.lifted, one))
        .rewriting(Rewrite(cell.id, span, ""))
        .deciding(Decision(DecisionKind.LIFTED, definition.name, what, f"{why} ({name_of(cell)})", turn=turn))
    )


def _turn(draft: Draft, candidate: _Candidate) -> Turn:
    return draft.turn(Topic.FUNCTION, candidate.definition.name, CHOICES, MOVE)


def _staying(draft: Draft, candidate: _Candidate, reason: str, turn: Turn | None = None) -> Draft:
    name = candidate.definition.name
    return draft.deciding(Decision(DecisionKind.KEPT_LOCAL, name, "stays in the notebook", reason, turn=turn))


def _bindings(draft: Draft) -> dict[str, int]:
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


def _as_span(place: object) -> Span:
    return Span(place.line, place.column, place.end_line, place.end_column)  # type: ignore[attr-defined]
