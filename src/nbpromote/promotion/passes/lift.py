"""Common code: functions and classes move to commonlib, with their free variables as arguments."""

import ast
from dataclasses import replace

from nbpromote.analysis.facts import DefinitionKind, Span
from nbpromote.promotion.candidates import (
    GIVEN,
    Candidate,
    count_bindings,
    find_arguments,
    find_candidates,
    find_constants,
)
from nbpromote.promotion.code import parse_cell
from nbpromote.promotion.draft import Draft, Lifted, Snapshot, name_of
from nbpromote.promotion.handing import call_edits, signature_edit
from nbpromote.promotion.passes.imports import all_import_lines
from nbpromote.promotion.plan import Decision, DecisionKind, Topic, Turn
from nbpromote.promotion.rewriting import Rewrite, contains
from nbpromote.promotion.sharing import Match, find_matches

MOVE, STAY, IMPORT = "move", "stay", "import"
_MOST_ARGUMENTS = 5
_MOST_TOLD = 6


def apply(draft: Draft, snapshot: Snapshot) -> Draft:
    """Move what can be moved, import what commonlib has already, and say of the rest why it stays."""
    bindings = count_bindings(draft)
    candidates = {}
    for candidate in find_candidates(draft):
        reason = _stays_because(draft, candidate, bindings)
        if reason:
            draft = _staying(draft, candidate, reason)
        elif draft.turn(Topic.FUNCTION, candidate.definition.name, (), MOVE).choice == STAY:
            draft = _staying(draft, candidate, "so chosen", _turn(draft, candidate, MOVE))
        else:
            candidates[candidate.definition.name] = candidate
    imported = all_import_lines(draft)
    constants = find_constants(draft, candidates, imported, bindings)
    while True:
        arguments = find_arguments(candidates, imported, set(constants))
        unfit = _unfit(draft, candidates, arguments)
        if not unfit:
            break
        for name, reason in unfit.items():
            draft = _staying(draft, candidates.pop(name), reason)
        constants = find_constants(draft, candidates, imported, bindings)
    matches = find_matches(draft, snapshot, candidates, arguments, constants)
    shared: dict[str, Match] = {}
    for name, candidate in candidates.items():
        match = matches.get(name)
        usual = IMPORT if match is not None and not match.differing else MOVE
        turn = _turn(draft, candidate, usual, has_match=match is not None)
        if match is not None and turn.choice == IMPORT:
            draft = _shared(draft, candidate, match, turn)
            shared[name] = match
        else:
            draft = _lifted(draft, candidate, arguments[name], match, turn)
            node = candidate.node
            if arguments[name] and not isinstance(node, ast.ClassDef):
                draft = draft.rewriting(signature_edit(candidate.cell.id, candidate.code, node, arguments[name]))
    handed = {name: {one: one for one in arguments[name]} for name in candidates}
    handed |= {name: dict(match.handed) for name, match in shared.items()}
    draft = draft.rewriting(*call_edits(draft, handed, {name: match.renamed for name, match in shared.items()}))
    draft = draft.rewriting(*(Rewrite(one.cell_id, one.span, "") for one in constants.values()))
    read = {free for name, one in candidates.items() if name not in shared for free in one.free}
    return replace(draft, constants=tuple(one for one in constants.values() if one.name in read))


def _stays_because(  # noqa: PLR0911
    draft: Draft, candidate: Candidate, bindings: dict[str, int]
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
    if any(isinstance(node, ast.Name) and node.id == "globals" for node in ast.walk(candidate.node)):
        return "it reaches the notebook's names through globals()"
    types = _names_in_annotations(candidate) - all_import_lines(draft).keys() - _defined(draft)
    if types:
        return f"its types are names of the notebook: {', '.join(sorted(types))}"
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
    ) or any(one.cell_id == cell.id and contains(definition.span, one.access.span) for one in draft.outputs):
        return "it writes data"
    return None


def _is_package(lines: tuple[str, ...]) -> bool:
    """Whether these are `import a`, `import a.b`: one name, and parts of it that are loaded."""
    return all(line.startswith("import ") and " as " not in line for line in lines)


def _notebook_names_in_defaults(candidate: Candidate) -> set[str]:
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
        if isinstance(name, ast.Name) and name.id not in GIVEN
    }


def _names_in_annotations(candidate: Candidate) -> set[str]:
    found = [
        one.annotation
        for one in ast.walk(candidate.node)
        if isinstance(one, ast.arg | ast.AnnAssign) and one.annotation
    ]
    found += [
        one.returns
        for one in ast.walk(candidate.node)
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.returns
    ]
    names = {name.id for one in found for name in ast.walk(one) if isinstance(name, ast.Name)}
    return names - GIVEN


def _defined(draft: Draft) -> set[str]:
    return {one.name for cell in draft.kept_code for one in draft.facts.of(cell.id).definitions}


def _unfit(draft: Draft, candidates: dict[str, Candidate], arguments: dict[str, tuple[str, ...]]) -> dict[str, str]:
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


def _lifted(draft: Draft, candidate: Candidate, arguments: tuple[str, ...], near: Match | None, turn: Turn) -> Draft:
    definition, cell = candidate.definition, candidate.cell
    one = Lifted(definition, cell.id, _whole(candidate), arguments)
    become = "becomes an argument" if len(arguments) == 1 else "become arguments"
    why = f"{', '.join(arguments)} of the notebook {become}" if arguments else "it reads nothing of the notebook"
    what = f"moves to commonlib.{draft.options.module}"
    is_doubtful = near is not None and bool(near.differing) and not _is_answered(draft, definition.name)
    if near is not None and near.differing:
        why += f"; {near.known.whole_name} is nearly the same, but for: {_told(near.differing)}"
    elif near is not None:
        why += f"; so chosen, though {near.known.whole_name} is the same"
    decision = Decision(DecisionKind.LIFTED, definition.name, what, f"{why} ({name_of(cell)})", is_doubtful, turn)
    return replace(draft, lifted=(*draft.lifted, one)).rewriting(Rewrite(cell.id, one.span, "")).deciding(decision)


def _shared(draft: Draft, candidate: Candidate, match: Match, turn: Turn) -> Draft:
    """The definition goes, for commonlib has it."""
    name, cell = candidate.definition.name, candidate.cell
    if match.differing:
        why = f"so chosen; it differs in: {_told(match.differing)}"
    else:
        is_called_so = name == match.known.name and not match.renamed
        why = "the same code stands there already" + ("" if is_called_so else ", with other names")
    what = f"is imported from commonlib.{match.known.module}"
    what += f", as {match.known.name}" if match.known.name != name else ""
    decision = Decision(DecisionKind.SHARED, name, what, f"{why} ({name_of(cell)})", turn=turn)
    imports = tuple(dict.fromkeys((*draft.imports, match.import_line(name))))
    return replace(draft, imports=imports).rewriting(Rewrite(cell.id, _whole(candidate), "")).deciding(decision)


def _told(differing: tuple[str, ...]) -> str:
    """The lines that differ, as one line of text; `-` is the notebook's, `+` commonlib's."""
    lines = [" ".join(line.split()) for line in differing]
    more = f" and {len(lines) - _MOST_TOLD} more lines" if len(lines) > _MOST_TOLD else ""
    return " ".join(f"`{line}`" for line in lines[:_MOST_TOLD]) + more


def _whole(candidate: Candidate) -> Span:
    """The lines of a definition, with the comments right above."""
    span = candidate.code.span(candidate.node)
    return Span(candidate.code.leading_comments(candidate.node), 0, span.end_line + 1, 0)


def _turn(draft: Draft, candidate: Candidate, usual: str, *, has_match: bool = False) -> Turn:
    choices = (MOVE, IMPORT, STAY) if has_match else (MOVE, STAY)
    return draft.turn(Topic.FUNCTION, candidate.definition.name, choices, usual)


def _is_answered(draft: Draft, name: str) -> bool:
    return any((one.topic, one.subject) == (Topic.FUNCTION, name) for one in draft.options.answers)


def _staying(draft: Draft, candidate: Candidate, reason: str, turn: Turn | None = None) -> Draft:
    name = candidate.definition.name
    return draft.deciding(Decision(DecisionKind.KEPT_LOCAL, name, "stays in the notebook", reason, turn=turn))


def _as_span(place: object) -> Span:
    return Span(place.line, place.column, place.end_line, place.end_column)  # type: ignore[attr-defined]
