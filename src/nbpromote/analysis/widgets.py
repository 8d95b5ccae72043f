"""The parameters of a Databricks notebook: what it asks of `dbutils.widgets`, and of `CREATE WIDGET` in SQL."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from nbpromote.analysis.code import CellCode, span_of_place
from nbpromote.analysis.facts import CellFacts, Widget
from nbpromote.notebook.model import EMPTY

_KINDS = frozenset({"text", "dropdown", "combobox", "multiselect"})
_GETTERS = frozenset({"get", "getArgument"})
_CREATE = re.compile(
    r"\bcreate\s+widget\s+(text|dropdown|combobox|multiselect)\s+[`\"]?(\w+)[`\"]?(?:\s+default\s+['\"]([^'\"]*)['\"])?"
    r"(?:\s+choices\s+select\s+\*\s+from\s+\(?\s*values\s+(?P<choices>[^;]*))?",
    re.I,
)


def find_widgets(codes: Mapping[str, CellCode], metadata: Mapping[str, object] = EMPTY) -> tuple[Widget, ...]:
    """Each widget once, where it is made or, if that is nowhere, first asked for; an export of Databricks says in the
    notebook's metadata what the widgets are that the code only asks for."""
    found: dict[str, Widget] = {}
    variables: dict[str, str] = {}
    for cell_id, code in codes.items():
        if not _speaks(code):
            continue
        for widget in (*_made(cell_id, code), *_of_sql(cell_id, code)):
            known = found.get(widget.name)
            found[widget.name] = widget if known is None or known.kind == "" else known
        for name, variable, widget in _asked(cell_id, code):
            found.setdefault(name, widget)
            if variable is not None:
                variables.setdefault(name, variable)
    saved = _saved(metadata)
    return tuple(
        replace(_with(widget, saved.get(name)), variable=variables.get(name)) for name, widget in found.items()
    )


def _saved(metadata: Mapping[str, object]) -> Mapping[str, Mapping[str, object]]:
    """The `widgetInfo` of each widget in the metadata of an export, by name."""
    section = metadata.get("application/vnd.databricks.v1+notebook")
    widgets = section.get("widgets") if isinstance(section, Mapping) else None
    found: dict[str, Mapping[str, object]] = {}
    for name, each in widgets.items() if isinstance(widgets, Mapping) else ():
        about = each.get("widgetInfo") if isinstance(each, Mapping) else None
        if isinstance(about, Mapping):
            found[str(about.get("name") or name)] = about
    return found


def _with(widget: Widget, saved: Mapping[str, object] | None) -> Widget:
    """The widget with what is saved of it, where the code does not make it."""
    if widget.kind or saved is None or saved.get("widgetType") not in _KINDS:
        return widget
    default, label, options = saved.get("defaultValue"), saved.get("label"), saved.get("options")
    choices = options.get("choices") if isinstance(options, Mapping) else None
    return replace(
        widget,
        kind=str(saved["widgetType"]),
        default=default if isinstance(default, str) else None,
        label=label if isinstance(label, str) else None,
        choices=tuple(str(each) for each in choices) if isinstance(choices, (list, tuple)) else (),
    )


def _made(cell_id: str, code: CellCode) -> Iterator[Widget]:
    for node in ast.walk(code.tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="widgets"), attr=kind)) if kind in _KINDS:
                names = (
                    ("name", "defaultValue", "choices", "label")
                    if kind != "text"
                    else ("name", "defaultValue", "label")
                )
                given = dict(zip(names, node.args, strict=False))
                given.update({each.arg: each.value for each in node.keywords if each.arg is not None})
                name = _text(given.get("name"))
                if name is not None:
                    yield Widget(
                        cell_id, name, kind, _text(given.get("defaultValue")), _texts(given.get("choices")),
                        _text(given.get("label")), code.span(node),
                    )  # fmt: skip


def _asked(cell_id: str, code: CellCode) -> Iterator[tuple[str, str | None, Widget]]:
    bound: dict[int, str] = {}
    for node in ast.walk(code.tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=variable)], value=value):
                # `n = int(dbutils.widgets.get("n"))` too.
                bound.update({id(each): variable for each in ast.walk(value)})
            case ast.Call(args=[ast.Constant(value=str(name)), *_]) if is_getter(node.func):
                yield name, bound.get(id(node)), Widget(cell_id, name, "", None, (), None, code.span(node))


def is_getter(called: ast.expr) -> bool:
    """Whether this function gives a widget's value: `dbutils.widgets.get`, `getArgument`."""
    match called:
        case ast.Name(id="getArgument") | ast.Attribute(value=ast.Name(id="dbutils"), attr="getArgument"):
            return True
        case ast.Attribute(value=ast.Attribute(attr="widgets"), attr=getter):
            return getter in _GETTERS
    return False


def _of_sql(cell_id: str, code: CellCode) -> Iterator[Widget]:
    for foreign in code.python.foreign:
        span = span_of_place(foreign.place)
        if foreign.language != "sql" or span is None:
            continue
        for match in _CREATE.finditer(foreign.source):
            choices = tuple(re.findall(r"\(\s*['\"]([^'\"]*)['\"]\s*\)", match["choices"] or ""))
            yield Widget(cell_id, match[2], match[1].lower(), match[3], choices, None, span)


def _text(node: ast.expr | None) -> str | None:
    return str(node.value) if isinstance(node, ast.Constant) and node.value is not None else None


def _texts(node: ast.expr | None) -> tuple[str, ...]:
    if not isinstance(node, (ast.List, ast.Tuple)):
        return ()
    return tuple(text for each in node.elts if (text := _text(each)) is not None)


def with_widgets(codes: Mapping[str, CellCode], cells: Sequence[CellFacts]) -> tuple[CellFacts, ...]:
    """The facts with the widgets that a cell makes, and those that it asks for, its SQL included."""
    made = {cell_id: {one.name for one in (*_made(cell_id, code), *_of_sql(cell_id, code))} if _speaks(code) else set()
            for cell_id, code in codes.items()}  # fmt: skip
    known = {name for names in made.values() for name in names}
    if not known:
        return tuple(cells)
    found = []
    for cell in cells:
        code = codes[cell.cell_id]
        asked = {name for name, _, _ in _asked(cell.cell_id, code)} if _speaks(code) else set()
        asked |= {name for foreign in code.python.foreign if foreign.language == "sql"
                  for name in known if re.search(_IN_SQL.format(re.escape(name)), foreign.source)}  # fmt: skip
        own = made[cell.cell_id]
        found.append(
            replace(
                cell,
                resources_read=cell.resources_read | {f"widget {name}" for name in (asked & known) - own},
                resources_changed=cell.resources_changed | {f"widget {name}" for name in own},
            )
        )
    return tuple(found)


_IN_SQL = r"\$\{{{0}\}}|\{{\{{\s*{0}\s*\}}\}}|(?<![:\w]):{0}\b|getArgument\(\s*['\"]{0}['\"]"


def _speaks(code: CellCode) -> bool:
    return "widget" in code.cell.source.lower() or "getArgument" in code.cell.source
