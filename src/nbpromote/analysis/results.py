"""The cells that conclude the work: what they write, and the last tables and plots that they show."""

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from nbpromote.analysis.code import read_code
from nbpromote.analysis.display import only_glances
from nbpromote.analysis.facts import Access, AccessKind, CellFacts, Direction, Facts
from nbpromote.analysis.sql import find_query
from nbpromote.notebook.model import Cell, CellKind

_LASTING = frozenset({AccessKind.FILE, AccessKind.TABLE, AccessKind.DATASET, AccessKind.URL})
_MOST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Result:
    """One cell that concludes the work. `kind` is `write`, `plot` or `table`; `access` is what it writes, `name` the
    variable that it shows, where there is one."""

    cell_id: str
    kind: str
    name: str | None
    access: Access | None
    why: str


def find_results(facts: Facts) -> tuple[Result, ...]:
    """The results of a notebook, in running order.

    Whatever is written to last is a result. What is shown is a result when it comes at the end of its line: nothing
    that is computed after it builds on it, and it is more than a peek. When nothing is written, the last things shown
    are the results, and the plot that concludes each section; else only what is shown of the work after, or next to,
    the last write. A cell that works and ends with a look at it (`df["x"] = 1; df.head()`) concludes the work only when
    nothing better does, as does an SQL query. Where nothing is known to conclude it, the last cell that shows anything
    does.
    """
    cells = {cell.cell_id: cell for cell in facts.cells}
    order = [cells[cell_id] for cell_id in facts.flow.order]
    documents = {cell.id: cell for cell in facts.notebook.cells}
    gone = {state.cell_id for state in facts.flow.hidden if state.kind in {"gone", "deleted"}}
    order = [cell for cell in order if cell.cell_id not in gone and cell.problem is None]
    found = [result for cell in order for result in _writes(cell)]
    shown = _shown(order, facts.notebook.cells, found)
    place = {cell.cell_id: index for index, cell in enumerate(order)}
    if not found and not shown:
        shows = [cell.cell_id for cell in order if cell.displays]
        shows = [one for one in shows if not (_is_style(documents[one]) or _only_times(documents[one]))]
        last = next(reversed(shows), None)
        return (Result(last, "table", None, None, "is the last that shows anything"),) if last else ()
    return tuple(sorted([*found, *shown], key=lambda result: place[result.cell_id]))


def _writes(cell: CellFacts) -> list[Result]:
    return [
        Result(
            cell.cell_id,
            "write",
            _name(access.receiver),
            access,
            f"writes {access.target or access.expression or access.kind}",
        )
        for access in cell.accesses
        if access.direction is Direction.WRITE and access.kind in _LASTING and access.mode != "drop"
    ]


def _shown(order: list[CellFacts], cells: Sequence[Cell], written: list[Result]) -> list[Result]:
    """The last tables and plots, and without a write the plot that concludes each section."""
    documents = {cell.id: cell for cell in cells}
    writing = {result.cell_id for result in written}
    last_write = max((index for index, cell in enumerate(order) if cell.cell_id in writing), default=-1)
    targets = {result.access.target for result in written if result.access is not None}
    drawing = _drawing_functions(documents.values())
    shows: list[tuple[int, Result]] = []
    glances: list[tuple[int, Result]] = []
    for index, cell in enumerate(order):
        document = documents[cell.cell_id]
        if not (cell.displays or _draws(document, drawing)) or _is_style(document) or _only_times(document):
            continue
        if cell.is_peek or cell.cell_id in writing or _looks_back(cell, targets):
            continue
        if any(output.kind == "error" for output in document.outputs) or _shows_a_kind(document):
            continue
        kind = _kind(document, drawing)
        if kind is None:
            continue
        why = "shows a plot" if kind == "plot" else "shows a table or value"
        result = Result(cell.cell_id, kind, _shown_name(document), None, f"{why} near the end")
        is_glance = kind == "table" and (is_query(document) or only_glances(read_code(document).tree))
        (glances if is_glance else shows).append((index, result))
    if written:
        return [result for index, result in shows if index > last_write][-_MOST_SHOWN:]
    end = len(order) - max(len(order) // 4, 2)
    for candidates in (_from(end, shows), _from(end, glances), _from(0, shows), _from(0, glances)):
        if candidates:
            last = candidates[-_MOST_SHOWN:]
            return [
                *(one for one in _of_sections(shows, cells) if one.cell_id not in {each.cell_id for each in last}),
                *last,
            ]
    return []


def _of_sections(shows: list[tuple[int, Result]], cells: Sequence[Cell]) -> list[Result]:
    """The last plot of each section, in a notebook that has several."""
    sections: dict[str, int] = {}
    number = 0
    for cell in cells:
        number += cell.kind is CellKind.MARKDOWN and cell.source.lstrip().startswith("#")
        sections[cell.id] = number
    plots = {sections[one.cell_id]: one for _, one in shows if one.kind == "plot" and sections[one.cell_id]}
    return [replace(one, why="shows the plot that concludes its section") for one in plots.values()]


def _from(start: int, candidates: list[tuple[int, Result]]) -> list[Result]:
    return [result for index, result in candidates if index >= start]


def _shows_a_kind(cell: Cell) -> bool:
    """Whether all that was shown is what kind of thing it is: `DataFrame[name: string]`, as Spark's frames show."""
    shown = [output.data.get("text/plain", "") for output in cell.outputs if output.data]
    return bool(shown) and len(shown) == len(cell.outputs) and all(_KIND.fullmatch(text.strip()) for text in shown)


_KIND = re.compile(r"DataFrame\[[^\n]*\]|\w*RDD\[\d+\] at [^\n]*|<[\w.]+ object at 0x[0-9a-f]+>")


def _looks_back(cell: CellFacts, targets: set[str | None]) -> bool:
    """Whether the cell only reads back what the notebook wrote."""
    return not cell.binds and bool(cell.accesses) and all(access.target in targets for access in cell.accesses)


def _kind(cell: Cell, drawing: frozenset[str] = frozenset()) -> str | None:
    """`plot` or `table`, by the saved outputs and, without any, by the code."""
    if _draws(cell, drawing):
        return "plot"
    kinds = {mime for output in cell.outputs for mime in output.data}
    tree = read_code(cell).tree
    if kinds or _shows_value(tree) or any(output.kind == "stream" for output in cell.outputs):
        return "table"
    return "table" if _names_called(tree) & {"show"} or is_query(cell) else None


_PICTURES = ("image/", "plotly", "vega", "bokeh")
_PLOTS = frozenset(
    "plot hist scatter bar barh boxplot imshow pie heatmap lineplot barplot histplot".split()  # noqa: SIM905
)


def _draws(cell: Cell, drawing: frozenset[str]) -> bool:
    """Whether a picture was shown when the cell ran, or its code makes one, by itself or by a function that does."""
    if any(word in mime for output in cell.outputs for mime in output.data for word in _PICTURES):
        return True
    tree = read_code(cell).tree
    outside = [statement for statement in tree.body if not isinstance(statement, _DEFINES)]
    return any(
        _names_called(statement) & _PLOTS or _names_called(statement, ast.Name) & drawing for statement in outside
    )


_DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _drawing_functions(cells: Iterable[Cell]) -> frozenset[str]:
    """The functions of the notebook that make a plot, also through each other."""
    bodies = [
        statement
        for cell in cells
        for statement in (read_code(cell).tree.body if cell.kind is CellKind.CODE else ())
        if isinstance(statement, ast.FunctionDef)
    ]
    found: frozenset[str] = frozenset()
    while True:
        more = {
            one.name for one in bodies if _names_called(one) & _PLOTS or _names_called(one, ast.Name) & found
        } - found
        if not more:
            return found
        found |= more


def _names_called(tree: ast.AST, kind: type[ast.Attribute] | type[ast.Name] = ast.Attribute) -> set[str]:
    """The names of what is called: of methods, or of plain functions."""
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, kind)]
    return {func.attr if isinstance(func, ast.Attribute) else func.id for func in calls}


def _is_style(cell: Cell) -> bool:
    """Whether the cell only gives the page its looks: `HTML(open("custom.css").read())`."""
    return "HTML" in cell.source and any(mark in cell.source for mark in (".css", "<style"))


def _only_times(cell: Cell) -> bool:
    """Whether the cell measures how long something takes, and nothing else."""
    lines = [line for line in cell.source.splitlines() if line.strip() and not line.startswith("#")]
    return bool(lines) and (lines[0].startswith(_CELL_TIMERS) or all(line.startswith(_TIMERS) for line in lines))


_TIMERS = ("%timeit", "%prun", "%lprun", "%memit")
_CELL_TIMERS = tuple(f"%{one}" for one in _TIMERS)


def is_query(cell: Cell) -> bool:
    """Whether the cell is nothing but SQL that shows rows."""
    foreign = read_code(cell).python.foreign
    return bool(foreign) and foreign[-1].language == "sql" and find_query(foreign[-1].source).shows_rows


def _shows_value(tree: ast.Module) -> bool:
    return bool(tree.body) and isinstance(tree.body[-1], ast.Expr)


def _shown_name(cell: Cell) -> str | None:
    body = read_code(cell).tree.body
    if body and isinstance(body[-1], ast.Expr):
        node: ast.AST = body[-1].value
        while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
            node = node.func if isinstance(node, ast.Call) else node.value
        return node.id if isinstance(node, ast.Name) else None
    return None


def _name(receiver: str | None) -> str | None:
    return receiver if receiver and receiver.isidentifier() else None
