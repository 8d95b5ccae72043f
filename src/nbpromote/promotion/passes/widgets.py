"""Widgets of a Databricks notebook become parameters, and its cells in SQL become calls of `spark.sql`."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from nbpromote.analysis.facts import AccessKind, Direction, Span, Widget
from nbpromote.analysis.literals.kinds import looks_like_path
from nbpromote.analysis.widgets import is_getter
from nbpromote.notebook.magics import code_of
from nbpromote.notebook.model import Cell
from nbpromote.promotion.code import CellCode, parse_cell
from nbpromote.promotion.draft import Draft, Parameter, Snapshot, name_of
from nbpromote.promotion.mends.writing_sql import is_of_a_database
from nbpromote.promotion.passes.parameters import rebased
from nbpromote.promotion.plan import Decision, DecisionKind
from nbpromote.promotion.rewriting import Rewrite
from nbpromote.promotion.sql_cells import Untranslatable, python_of, statements
from nbpromote.promotion.writes.naming import quoted

SHOW = "from commonlib.showing import display"
DBUTILS = "from commonlib.dbutils import dbutils"
_MAKERS = frozenset({"text", "dropdown", "combobox", "multiselect", "remove", "removeAll"})
_CONVERSIONS = {"int": int, "float": float}
_MOST_CHOICES = 8
_OTHER = re.compile(r"\bdbutils\.(?!widgets\b|getArgument\b)\w+")
_WHOLE_NUMBER = re.compile(r"[-+]?\d+")


@dataclass(frozen=True, slots=True)
class _Get:
    """One place that asks for a widget's value; `assigned` is the name that the whole statement gives it, `converted`
    what it is converted by on the way."""

    cell: Cell
    code: CellCode
    node: ast.Call
    name: str
    statement: ast.stmt | None = None
    assigned: str | None = None
    converted: str | None = None


def apply(draft: Draft, _: Snapshot) -> Draft:
    """Turn widgets into parameters, and SQL into Python that takes them by name."""
    names = {}
    gets = [one for cell in draft.facts.notebook.code_cells for one in _gets(cell)]
    for widget in draft.facts.widgets:
        draft, names[widget.name] = _parameter(draft, widget, [one for one in gets if one.name == widget.name])
    for cell in draft.kept_code:
        draft = _without_makers(draft, cell)
        if code_of(cell).language == "sql":
            draft = _translated(draft, cell, names)
    if any(_OTHER.search(cell.source) for cell in draft.kept_code) and "dbutils" not in draft.taken:
        draft = replace(draft, imports=tuple(dict.fromkeys((*draft.imports, DBUTILS))))
    is_databricks = any("databricks" in cell.metadata for cell in draft.kept_code)
    uses_display = any("display(" in cell.source for cell in draft.kept_code) and "display" not in draft.taken
    if (is_databricks and uses_display) or any(SHOW in one for one in draft.imports):
        draft = replace(draft, imports=tuple(dict.fromkeys((*draft.imports, SHOW))))
    return draft


def sql_of(draft: Draft, cell: Cell, names: dict[str, str] | None = None) -> str:
    """A cell in SQL as Python.

    Without `names` its parameters are asked of the widgets, as the ad-hoc notebook does.

    Raises:
        Untranslatable: it asks for something that is no parameter.
    """
    if names is None:
        names = {one.name: f'dbutils.widgets.get("{one.name}")' for one in draft.facts.widgets}
        numbers = frozenset(one.name for one in draft.facts.widgets if _WHOLE_NUMBER.fullmatch(one.default or ""))
    else:
        ints = {one.name for one in draft.parameters if one.annotation == "int"}
        numbers = frozenset(
            one.name
            for one in draft.facts.widgets
            if _WHOLE_NUMBER.fullmatch(one.default or "") and names.get(one.name) not in ints
        )
    text = "\n".join(one.source for one in code_of(cell).foreign)
    reads = {name for one in draft.kept_code for name in draft.facts.of(one.id).reads}
    return python_of(statements(text, names, numbers), binds="_sqldf" if "_sqldf" in reads else None)


def _gets(cell: Cell) -> Iterator[_Get]:
    code = parse_cell(cell.source)
    if code is None:
        return
    whole: dict[int, tuple[ast.stmt, str, str | None]] = {}
    for statement in code.tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=by), args=[inner])) if (
                by in _CONVERSIONS
            ):
                whole[id(inner)] = (statement, name, by)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as inner):
                whole[id(inner)] = (statement, name, None)
    for node in ast.walk(code.tree):
        match node:
            case ast.Call(args=[ast.Constant(value=str(name)), *_]) if is_getter(node.func):
                yield _Get(cell, code, node, name, *whole.get(id(node), (None, None, None)))


def _parameter(draft: Draft, widget: Widget, gets: list[_Get]) -> tuple[Draft, str]:
    """The draft with this widget's parameter in place of all that asks for it, and the parameter's name."""
    bound = [name for cell in draft.facts.cells for name in cell.binds]
    named = [one for one in gets if one.assigned and bound.count(one.assigned) == 1]
    only = named[0] if named and len({one.assigned for one in named}) == 1 else None
    name = only.assigned if only and only.assigned else re.sub(r"\W", "_", widget.name)
    name = f"{name}_" if not name.isidentifier() or (only is None and name in bound) else name
    converted = only.converted if only and len(gets) == 1 else None
    default = widget.default or ""
    annotation, source, check = _typed(draft, widget, name, default, converted)
    choices = ", ".join(widget.choices[:_MOST_CHOICES])
    help_text = widget.label
    if choices and widget.kind == "dropdown":
        help_text = f"{widget.label or 'one of'}: {choices}"
    elif choices:
        offer = "any of" if widget.kind == "multiselect" else "such as"
        help_text = f"{widget.label}; {offer}: {choices}" if widget.label else f"{offer}: {choices}"
    parameter = Parameter(name, annotation, source, " ".join((help_text or "").split()), check)
    draft = replace(draft, parameters=(*draft.parameters, parameter))
    for one in gets:
        if one.cell.id not in draft.kept:
            continue
        line = one.code.whole_lines(one.statement) if one.statement and one.assigned == name else None
        if line and (one.converted is None or one.converted == converted):
            draft = draft.rewriting(Rewrite(one.cell.id, line, ""))
        else:
            draft = draft.rewriting(Rewrite(one.cell.id, one.code.span(one.node), name))
    where = name_of(draft.facts.notebook.cell(widget.cell_id))
    why = f"is the widget {widget.name} ({where})"
    if widget.default is None:
        why += ", of which no default is known"
    what = f"{annotation.strip(chr(34))} = {source}"
    return draft.deciding(
        Decision(DecisionKind.PARAMETER, name, what, why, doubt=widget.default is None)
    ), name  # fmt: skip


def _typed(draft: Draft, widget: Widget, name: str, default: str, converted: str | None) -> tuple[str, str, str]:
    """Annotation, default and check."""
    if converted is not None:
        try:
            value = _CONVERSIONS[converted](default)
        except ValueError:
            value = None
        if value is not None:
            kind = "integer" if converted == "int" else "number"
            return converted, repr(value), f'parameters.{kind}("{name}", {name})'
    if widget.kind == "dropdown" and widget.choices:
        choices = ", ".join(quoted(one) for one in widget.choices) + ("," if len(widget.choices) == 1 else "")
        return "str", quoted(default), f'parameters.text("{name}", {name}, choices=({choices}))'
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", default) and _is_date(default):
        return '"date"', quoted(default), f'parameters.date_text("{name}", {name})'
    if looks_like_path(default) and _is_read(draft, default):
        return '"path"', quoted(rebased(draft.options.source, default)), f'parameters.input_path("{name}", {name})'
    return "str", quoted(default), f'parameters.text("{name}", {name})'


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_read(draft: Draft, path: str) -> bool:
    accesses = [one for cell in draft.kept_code for one in draft.facts.of(cell.id).accesses]
    reads = [one for one in accesses if one.direction is Direction.READ and one.kind is AccessKind.FILE]
    return any(one.target in {path, None} for one in reads)


def _without_makers(draft: Draft, cell: Cell) -> Draft:
    code = parse_cell(cell.source)
    for statement in code.tree.body if code else ():
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr=made, value=owner))) if (
                made in _MAKERS and ast.unparse(owner) == "dbutils.widgets"
            ):
                assert code is not None
                span = code.whole_lines(statement)
                if span is not None:
                    draft = draft.rewriting(Rewrite(cell.id, span, ""))
    return draft


def _translated(draft: Draft, cell: Cell, names: dict[str, str]) -> Draft:
    rows = cell.source.split("\n")
    span = Span(1, 0, len(rows), len(rows[-1]))
    if is_of_a_database(draft.facts.notebook, cell):
        return draft.refusing(
            "PR301", cell, Span(1, 0, 1, 0), "is written in SQL for a database, and the results need it",
            "read the table in Python, or ingest it",
        )  # fmt: skip
    try:
        python = sql_of(draft, cell, names)
    except Untranslatable as error:
        return draft.refusing(
            "PR301", cell, Span(1, 0, 1, 0), f"is written in SQL that {error}", "write it in Python, as spark.sql(...)"
        )
    given = ", ".join(names[one] for one in names if f'"{one}": ' in python)
    what = "SQL becomes spark.sql(...)" + (f", given {given} by name" if given else "")
    draft = replace(draft, imports=(*draft.imports, SHOW)) if "display(" in python else draft
    return draft.rewriting(Rewrite(cell.id, span, python)).deciding(
        Decision(DecisionKind.INPUT, name_of(cell), what, "a production notebook is written in one language")
    )
