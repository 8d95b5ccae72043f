"""Where the literals of a notebook stand, and how much each wants to be a parameter."""

import ast
import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nbpromote.analysis.code import CellCode
from nbpromote.analysis.facts import Access, AccessKind, CellFacts, Literal, LiteralKind
from nbpromote.analysis.literals.confidence import inline_confidence, named_confidence
from nbpromote.analysis.literals.kinds import is_credential, is_date, is_seed_name, kind_of
from nbpromote.analysis.literals.naming import suggested_name
from nbpromote.analysis.literals.places import last_name, places

_DATE_CALLS = frozenset({"date", "datetime", "Timestamp", "to_datetime", "datetime64"})
_ACCESS_KINDS = {
    AccessKind.FILE: LiteralKind.PATH,
    AccessKind.TABLE: LiteralKind.TABLE,
    AccessKind.URL: LiteralKind.URL,
    AccessKind.DATASET: LiteralKind.DATASET,
}
# Equal values of these kinds mean the same wherever they stand.
_SAME_EVERYWHERE = frozenset(
    {LiteralKind.PATH, LiteralKind.DATE, LiteralKind.TABLE, LiteralKind.URL, LiteralKind.DATASET}
)
# What is no parameter, unless its author says so.
_LEFT = frozenset({LiteralKind.DATASET, LiteralKind.COLUMNS, LiteralKind.DATE_FORMAT, LiteralKind.MODEL_CONSTANT})
TAG = "parameters"  # https://papermill.readthedocs.io/en/latest/usage-parameterize.html
_MOST = 5_000


@dataclass(frozen=True, slots=True)
class Use:
    """How the notebook uses its names, as far as literals care."""

    times_bound: Mapping[str, int]
    readers: Mapping[str, int]
    changed: frozenset[str]
    accesses: Mapping[str, Access]


def find_literals(codes: Mapping[str, CellCode], cells: Sequence[CellFacts]) -> tuple[Literal, ...]:
    """The literals of all cells that may want to be parameters, in the order of the document."""
    use = _use(codes, cells)
    found: list[Literal] = []
    for cell in cells:
        code = codes[cell.cell_id]
        if not code.tree.body:
            continue
        named = list(_named(code, cell, use))
        taken = {literal.span for literal in named}
        found += named
        found += (literal for literal in _inline(code, cell) if literal.span not in taken)
        if len(found) > _MOST:
            break
    return tuple(_grouped(found))


def _use(codes: Mapping[str, CellCode], cells: Sequence[CellFacts]) -> Use:
    times_bound: dict[str, int] = {}
    readers: dict[str, int] = {}
    changed: set[str] = set()
    accesses: dict[str, Access] = {}
    for cell in cells:
        for name in cell.reads | cell.carries:
            readers[name] = readers.get(name, 0) + 1
        changed |= cell.mutates | cell.deletes
        for access in cell.accesses:
            if access.expression is not None and access.expression.isidentifier():
                accesses.setdefault(access.expression, access)
        for node in ast.walk(codes[cell.cell_id].tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                times_bound[node.id] = times_bound.get(node.id, 0) + 1
            elif isinstance(node, ast.Name) and node.id not in cell.reads:
                readers.setdefault(node.id, 1)
    return Use(times_bound, readers, frozenset(changed), accesses)


def _named(code: CellCode, cell: CellFacts, use: Use) -> Iterator[Literal]:
    """`CUTOFF = "1997-09-30"` at the top level of the cell."""
    for statement in code.tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=node):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as node):
                pass
            case _:
                continue
        value, is_declared = _value(node), TAG in code.cell.tags
        if value is None and not (is_declared and isinstance(node, ast.Constant) and node.value is None):
            continue
        kind = kind_of(name, value)
        access = use.accesses.get(name)
        if access is not None and kind not in {LiteralKind.CREDENTIAL}:
            kind = _ACCESS_KINDS.get(access.kind, kind)
        comment = _comment(code, statement)
        confidence, reason = named_confidence(
            name, value, kind, comment,
            times_bound=use.times_bound.get(name, 1),
            readers=use.readers.get(name, 0),
            is_changed=name in use.changed,
            access=access,
        )  # fmt: skip
        if is_declared and kind is not LiteralKind.CREDENTIAL:
            kind = LiteralKind.TEXT if kind in _LEFT else kind
            confidence, reason = 1.0, "stands in the cell that Papermill takes for parameters"
        span = code.span(node)
        yield Literal(
            cell.cell_id,
            kind,
            value,
            code.text(span),
            span,
            name,
            name,
            comment,
            confidence,
            reason,
            code.span(statement),
        )


def _inline(code: CellCode, cell: CellFacts) -> Iterator[Literal]:
    """Literals inside calls and comparisons."""
    accesses = {access.expression_span: access for access in cell.accesses if access.expression_span is not None}
    for node, context in places(code.tree):
        value = node.value if isinstance(node, ast.Constant) else _value(node)
        if value is None or isinstance(value, bytes) or value == "":
            continue
        access: Access | None = None
        if isinstance(value, str):
            if not (context.keyword or is_date(value) or "/" in value or "." in value or accesses):
                continue
            access = accesses.get(code.span(node))
        if access is not None and (access.target != value or access.kind is AccessKind.TEMP_VIEW):
            continue
        kind = _ACCESS_KINDS.get(access.kind) if access is not None else None
        kind = kind or kind_of(context.keyword or context.callee, value)
        if isinstance(value, (int, float)) and is_seed_name(context.callee) and not context.keyword:
            kind = LiteralKind.SEED
        if kind is LiteralKind.CREDENTIAL and not is_credential(context.keyword, value):
            kind = LiteralKind.TEXT
        confidence, reason = inline_confidence(value, kind, access, context)
        if confidence <= 0 and kind is not LiteralKind.CREDENTIAL:
            continue
        span = code.span(node)
        name = suggested_name(value, kind, access, context)
        yield Literal(cell.cell_id, kind, value, code.text(span), span, None, name, None, confidence, reason)


def _grouped(found: list[Literal]) -> Iterator[Literal]:
    """Equal literals that mean the same are one, with the others as its occurrences."""
    first: dict[object, int] = {}
    kept: list[Literal] = []
    for literal in sorted(found, key=lambda each: each.name is None):
        key = (literal.kind, type(literal.value), str(literal.value))
        is_same = literal.kind in _SAME_EVERYWHERE or (literal.kind is LiteralKind.SEED and literal.name is None)
        if is_same and key in first and literal.name is None:
            index = first[key]
            before = kept[index]
            kept[index] = replace(before, occurrences=(*before.occurrences, (literal.cell_id, literal.span)))
            continue
        if is_same:
            first.setdefault(key, len(kept))
        kept.append(literal)
    place = {id(literal): index for index, literal in enumerate(found)}
    order = {(literal.cell_id, literal.span): place[id(literal)] for literal in found}
    yield from sorted(kept, key=lambda each: order[each.cell_id, each.span])


def _value(node: ast.expr) -> object:
    """The Python value of a literal; None for what is not one (and for None itself, which is no parameter)."""
    match node:
        case ast.Constant(value=str() | int() | float() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)) if not isinstance(
            value, bool
        ):
            return -value
        case ast.List() | ast.Tuple() if node.elts:
            values = [_value(each) for each in node.elts]
            if all(isinstance(each, str | int | float) for each in values):
                return values if isinstance(node, ast.List) else tuple(values)
        case ast.Call() if last_name(node.func) in _DATE_CALLS and node.args and not node.keywords:
            return _date(node)
    return None


def _date(node: ast.Call) -> datetime.date | None:
    parts = [each.value if isinstance(each, ast.Constant) else None for each in node.args]
    try:
        if len(parts) == 1 and isinstance(parts[0], str):
            return datetime.date.fromisoformat(parts[0])
        if 3 <= len(parts) <= 6 and all(isinstance(each, int) for each in parts):
            if len(parts) == 3:
                return datetime.date(*parts)  # type: ignore[arg-type]
            return datetime.datetime(*parts)  # type: ignore[arg-type]
    except (ValueError, OverflowError):
        pass
    return None


def _comment(code: CellCode, statement: ast.stmt) -> str | None:
    """The comment behind the statement, or the one right above it."""
    span = code.span(statement)
    if span.end_line <= len(code.rows):
        behind = code.rows[span.end_line - 1][span.end_column :].strip(" ;\t\r")
        if behind.startswith("#"):
            return behind.lstrip("#").strip() or None
    if span.line >= 2:
        above = code.rows[span.line - 2].strip()
        if above.startswith("#") and not above.startswith(("#!", "# %%", "#%%")):
            return above.lstrip("#").strip() or None
    return None
