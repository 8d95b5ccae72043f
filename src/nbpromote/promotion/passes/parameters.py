"""Named constants and inline literals become one typed cell of parameters, each with a check before any work."""

import ast
import json
import posixpath
import re
from dataclasses import replace
from datetime import date

from nbpromote.analysis.facts import AccessKind, Direction, Literal, LiteralKind
from nbpromote.promotion.code import parse_cell
from nbpromote.promotion.draft import Draft, Parameter, Snapshot, name_of
from nbpromote.promotion.plan import Decision, DecisionKind, Topic, Turn
from nbpromote.promotion.rewriting import Rewrite, contains
from nbpromote.promotion.unpacking import made_places, maker_of
from nbpromote.promotion.writes.leftovers import only_names_outputs

SURE = 0.5
PARAMETER, STAYS = "parameter", "stays"
CHOICES = (PARAMETER, STAYS)
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def apply(draft: Draft, _: Snapshot) -> Draft:
    """Turn the literals that want to be parameters into parameters."""
    taken = _taken_names(draft)
    module, line = draft.module("parameters")
    made = made_places(draft)
    for found in draft.facts.literals:
        literal = _where_it_stays(draft, found)
        if literal is None or _is_replaced(draft, literal):
            continue
        if literal.kind in {LiteralKind.DATASET, LiteralKind.COLUMNS, LiteralKind.DATE_FORMAT}:
            continue
        if _is_output_target(draft, literal) or (literal.name and only_names_outputs(draft, literal.name)):
            continue
        if literal.kind is LiteralKind.CREDENTIAL:
            draft = _leave(draft, literal)
            continue
        if not _has_type(literal.value):
            draft = _leave(draft, literal, f"a {type(literal.value).__name__} is no type of parameter yet")
            continue
        maker = maker_of(literal.value, made) if isinstance(literal.value, str) and literal.name is None else None
        if maker is not None:
            draft = _leave(draft, literal, f"{maker} puts it there")
            continue
        literal = _named_apart(draft, literal, taken)
        usual = PARAMETER if literal.confidence >= SURE else STAYS
        if _turn(draft, literal, usual).choice == STAYS:
            draft = _turned(draft, literal)
            continue
        draft = _named(draft, literal) if literal.name else _inline(draft, literal, taken)
    checks = tuple(
        replace(_told_to_papermill(one), check=one.check.replace("parameters.", f"{module}."))
        for one in draft.parameters
    )
    imports = (*draft.imports, line) if any(one.check != one.name for one in checks) else draft.imports
    return replace(draft, parameters=checks, imports=imports)


def _told_to_papermill(parameter: Parameter) -> Parameter:
    """The parameter as Papermill's inspection reads it right: by a regular expression, a line each.

    See `papermill.translators.PythonTranslator`: a line with two `=` is passed over, wherever they stand, help begins
    at the first `#`, and `type:` in it is an annotation.
    """
    default = parameter.default
    if "#" in default or "=" in default:
        value = ast.literal_eval(default)
        default = _quoted(value) if isinstance(value, str) else repr(value)
        default = default.replace("#", "\\x23").replace("=", "\\x3d")
    comment = re.sub(r"\s*=+\s*", ": ", " ".join(parameter.comment.split()))
    return replace(parameter, default=default, comment=re.sub(r"^type:", "Type:", comment))


def _is_replaced(draft: Draft, literal: Literal) -> bool:
    """Whether an earlier pass has other code in its place."""
    return any(one.cell_id == literal.cell_id and contains(one.span, literal.span) for one in draft.rewrites)


def _where_it_stays(draft: Draft, literal: Literal) -> Literal | None:
    """The literal at its first place in the cells that stay: of a path that is read twice, the first read may go."""
    if literal.cell_id in draft.kept:
        return literal
    places = [place for place in literal.occurrences if place[0] in draft.kept] if literal.name is None else []
    if not places:
        return None
    return replace(literal, cell_id=places[0][0], span=places[0][1], occurrences=tuple(places[1:]))


def _named(draft: Draft, literal: Literal) -> Draft:
    name = literal.name or ""
    if any(parameter.name == name for parameter in draft.parameters):
        return draft
    bindings = [cell for cell in draft.kept_code if name in draft.facts.of(cell.id).binds]
    code = parse_cell(draft.facts.notebook.cell(literal.cell_id).source)
    statement = _assignment(code.tree, name) if code else None
    span = code.whole_lines(statement) if code and statement else None
    if len(bindings) != 1 or span is None:
        return draft.deciding(
            Decision(DecisionKind.NOT_A_PARAMETER, name, "stays where it is", "it is set more than once")
        )
    comment = _help(literal)
    lead = span
    return _with_parameter(draft, literal, name, comment).rewriting(Rewrite(literal.cell_id, lead, ""))


def _inline(draft: Draft, literal: Literal, taken: set[str]) -> Draft:
    facts = draft.facts
    existing = next((p for p in draft.parameters if p.name == literal.suggested_name), None)
    places = [(literal.cell_id, literal.span), *literal.occurrences]
    places = [(cell_id, span) for cell_id, span in places if cell_id in draft.kept]
    inside = any(
        contains(definition.span, span) for cell_id, span in places for definition in facts.of(cell_id).definitions
    )
    if inside or not literal.suggested_name.isidentifier():
        return _leave(draft, literal, "it stands inside a function")
    if existing is None and literal.suggested_name in taken:
        return _leave(draft, literal, f"the name {literal.suggested_name} is taken")
    done = {(one.cell_id, one.span) for one in draft.rewrites}
    fresh = [Rewrite(cell_id, span, literal.suggested_name) for cell_id, span in places if (cell_id, span) not in done]
    if not fresh:
        return draft
    taken.add(literal.suggested_name)
    if existing is None:
        draft = _with_parameter(draft, literal, literal.suggested_name, _help(literal))
    return draft.rewriting(*fresh)


def _named_apart(draft: Draft, literal: Literal, taken: set[str]) -> Literal:
    """The literal under a name of its own, where a parameter with another value is called as it wants to be."""
    wanted = literal.suggested_name
    held = {one.name: one.default for one in draft.parameters}
    if literal.name is not None or wanted not in held or held[wanted] == _typed(draft, literal, wanted)[2]:
        return literal
    folder = posixpath.basename(posixpath.dirname(literal.value)) if isinstance(literal.value, str) else ""
    named = re.sub(r"\W+", "_", folder, flags=re.ASCII).strip("_").lower()
    names = (f"{named}_{wanted}" if named else wanted, *(f"{wanted}_{number}" for number in range(2, 100)))
    fit = (one for one in names if one.isidentifier() and one not in taken and one not in held)
    return replace(literal, suggested_name=next(fit, wanted))


def _with_parameter(draft: Draft, literal: Literal, name: str, comment: str) -> Draft:
    annotation, check, default, note = _typed(draft, literal, name)
    if "\n" in default:
        default = _quoted(literal.value) if isinstance(literal.value, str) else repr(literal.value)
    parameter = Parameter(name, annotation, default, comment, check)
    where = name_of(draft.facts.notebook.cell(literal.cell_id))
    what = f"{annotation.strip(chr(34))} = {default}"
    why = f"{literal.reason} ({where}){note}"
    doubt = literal.confidence < 0.7
    return replace(draft, parameters=(*draft.parameters, parameter)).deciding(
        Decision(DecisionKind.PARAMETER, name, what, why, doubt, _turn(draft, literal, PARAMETER))
    )


def _typed(draft: Draft, literal: Literal, name: str) -> tuple[str, str, str, str]:  # noqa: PLR0911
    """Annotation, check, default and a note, by the kind of the value."""
    value, source = literal.value, literal.source
    if literal.kind is LiteralKind.PATH and isinstance(value, str):
        if not _is_read(draft, literal):
            return '"path"', f'parameters.text("{name}", {name})', source, ""
        place = rebased(draft.options.source, value)
        note = "" if place == value else "; from the repository's root, where production notebooks run"
        return '"path"', f'parameters.input_path("{name}", {name})', source if not note else _quoted(place), note
    if value is None:
        return '"object | None"', name, source, ""
    if isinstance(value, bool):
        return "bool", f'parameters.boolean("{name}", {name})', source, ""
    if isinstance(value, int):
        return "int", f'parameters.integer("{name}", {name})', source, ""
    if isinstance(value, float):
        return "float", f'parameters.number("{name}", {name})', source, ""
    if isinstance(value, str) and _ISO_DATE.fullmatch(value) and _is_date(value):
        return '"date"', f'parameters.date_text("{name}", {name})', source, ""
    if type(value) is date:
        return '"date"', f'parameters.date("{name}", {name})', f'"{value.isoformat()}"', ""
    if isinstance(value, str):
        return "str", f'parameters.text("{name}", {name})', source, ""
    if isinstance(value, list | tuple):
        default = source if isinstance(value, list) else f"[{source.strip('()').rstrip(',')}]"
        check = f'parameters.listing("{name}", {name})'
        return "list", check if isinstance(value, list) else f"tuple({check})", default, ""
    raise TypeError(f"BUG: a parameter of type {type(value).__name__}; please report this notebook")


def _has_type(value: object) -> bool:
    """Whether a parameter can hold this: plain values, dates, and flat lists of plain values."""
    if isinstance(value, list | tuple):
        return all(isinstance(one, bool | int | float | str) for one in value)
    return value is None or isinstance(value, bool | int | float | str) or type(value) is date


def _leave(draft: Draft, literal: Literal, why: str | None = None) -> Draft:
    if literal.name is None and why is None:
        return draft
    subject = literal.name or literal.source
    return draft.deciding(Decision(DecisionKind.NOT_A_PARAMETER, subject, "stays where it is", why or literal.reason))


def _turned(draft: Draft, literal: Literal) -> Draft:
    """A literal that could be a parameter stays where it is."""
    is_usual = literal.confidence < SURE
    if is_usual and literal.name is None:
        return draft
    turn = _turn(draft, literal, STAYS)
    why = literal.reason if is_usual else "so chosen"
    return draft.deciding(Decision(DecisionKind.NOT_A_PARAMETER, turn.subject, "stays where it is", why, turn=turn))


def _turn(draft: Draft, literal: Literal, usual: str) -> Turn:
    return draft.turn(Topic.PARAMETER, literal.name or literal.suggested_name, CHOICES, usual)


def _is_output_target(draft: Draft, literal: Literal) -> bool:
    """Whether the literal only names where something is written; the lake decides that."""
    kept = [access for cell in draft.kept_code for access in draft.facts.of(cell.id).accesses]
    writes = [one for one in kept if one.direction is Direction.WRITE and one.kind is not AccessKind.TEMP_VIEW]
    reads = [one for one in kept if one.direction is Direction.READ]
    targets = {literal.value} if isinstance(literal.value, str) else set()
    return any(one.target in targets for one in writes) and not any(one.target in targets for one in reads)


def _is_read(draft: Draft, literal: Literal) -> bool:
    return any(
        access.direction is Direction.READ and access.target == literal.value
        for cell in draft.kept_code
        for access in draft.facts.of(cell.id).accesses
    )


def rebased(source: str, value: str) -> str:
    """The path as seen from the repository's root, when the file stands beside the notebook."""
    if posixpath.isabs(value) or "://" in value or value.startswith("~") or re.match(r"[A-Za-z]:|dbfs:|\\\\", value):
        return value
    place = posixpath.normpath(posixpath.join(posixpath.dirname(source), value))
    return value if place.startswith("..") else place


def _taken_names(draft: Draft) -> set[str]:
    taken = {name for cell in draft.facts.cells for name in (*cell.binds, *cell.reads)}
    taken |= {one.name for one in draft.parameters}
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        if code is not None:
            taken |= {node.id for node in ast.walk(code.tree) if isinstance(node, ast.Name)}
            taken |= {node.arg for node in ast.walk(code.tree) if isinstance(node, ast.arg)}
    return taken


def _assignment(tree: ast.Module, name: str) -> ast.stmt | None:
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target: ast.expr = statement.targets[0]
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            target = statement.target
        else:
            continue
        if isinstance(target, ast.Name) and target.id == name:
            return statement
    return None


def _help(literal: Literal) -> str:
    return (literal.comment or "").strip().lstrip("#").strip()


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
