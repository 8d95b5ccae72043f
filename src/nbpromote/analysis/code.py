"""A cell's Python with its syntax tree, and places in what the user wrote."""

import ast
from dataclasses import dataclass

from nbpromote.analysis.facts import Problem, Span
from nbpromote.notebook.magics import MagicKind, Place, PythonCode, code_of
from nbpromote.notebook.model import Cell

Located = ast.expr | ast.stmt | ast.excepthandler | ast.arg | ast.keyword | ast.alias


@dataclass(frozen=True, slots=True)
class CellCode:
    """One code cell, read as far as it can be."""

    cell: Cell
    python: PythonCode
    rows: tuple[str, ...]

    @property
    def tree(self) -> ast.Module:
        return self.python.tree

    @property
    def problem(self) -> Problem | None:
        problem = self.python.problem
        if problem is not None:
            return Problem(problem.message, span_of_place(problem.place))
        for magic in self.python.magics:
            if magic.kind is MagicKind.LINE and magic.name.startswith("%"):
                message = f"`%{magic.name}` works only on the first line of a cell; here it stops the cell"
                return Problem(message, span_of_place(magic.place))
        return None

    def span(self, node: Located) -> Span:
        """Where the user wrote this node; a definition begins at its first decorator."""
        place = self.python.place_of(node)
        decorators = getattr(node, "decorator_list", None)
        if decorators:
            first = self.python.place_of(decorators[0])
            return Span(first.line, place.column, place.end_line, place.end_column)
        return Span(place.line, place.column, place.end_line, place.end_column)

    def text(self, span: Span) -> str:
        """What the user wrote there."""
        lines = list(self.rows[span.line - 1 : span.end_line])
        if not lines:
            return ""
        lines[-1] = lines[-1][: span.end_column]
        lines[0] = lines[0][span.column :]
        return "\n".join(lines)


def read_code(cell: Cell) -> CellCode:
    """The cell as Python, as far as it can be parsed."""
    return CellCode(cell, code_of(cell), tuple(cell.source.split("\n")))


def span_of_place(place: Place | None) -> Span | None:
    return Span(place.line, place.column, place.end_line, place.end_column) if place else None
