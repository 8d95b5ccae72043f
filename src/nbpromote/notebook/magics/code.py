"""A cell's source as valid Python, with the way back from every position to what the user wrote."""

import ast
import bisect
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a cell's source as the user wrote it: 1-based lines, 0-based columns in characters, end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class MagicKind(StrEnum):
    LINE = "%"
    CELL = "%%"
    SHELL = "!"
    HELP = "?"


@dataclass(frozen=True, slots=True)
class Magic:
    """One magic, shell escape or help request.

    - `name` is the magic's (`time`, `pip`, `run`, `pinfo` for help) or, for a shell escape, the program's (`ls`; `pip`
      for `!{sys.executable} -m pip` too); `arguments` is the rest of its line.
    - `reads` are the names that it may read by `{name}`, `$name` or an option such as `-i name`, if the notebook has
      such a name: IPython leaves unknown ones as they are.
    - `binds` are the names that it sets; the Python code assigns them.
    - `place` covers the magic's own line, with what is assigned to, but not the body of a cell magic.
    - `is_local` says that assignments in its body stay inside (`%timeit`).
    """

    kind: MagicKind
    name: str
    arguments: str
    place: Place
    reads: frozenset[str] = frozenset()
    binds: tuple[str, ...] = ()
    is_local: bool = False

    @property
    def text(self) -> str:
        """The magic on one line, as a person would name it: `%pip install x`, `!ls`, `foo?`."""
        if self.kind is MagicKind.HELP:
            return f"{self.arguments}{'??' if self.name == 'pinfo2' else '?'}"
        return f"{self.kind}{self.name} {self.arguments}".rstrip()


@dataclass(frozen=True, slots=True)
class Foreign:
    """Text in a language that is not Python, carried whole: the body of `%%bash`, the query of `%sql`.

    `place` is where it stands in the user's source."""

    language: str
    source: str
    place: Place


@dataclass(frozen=True, slots=True)
class CodeProblem:
    """Why a cell's source is not Python, and where."""

    message: str
    place: Place | None
    is_python2: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters on a line of the Python code, from `column` on.

    It is the user's own text, from `line` and `user_column` on; or it stands for the user's text at `instead_of`.
    """

    column: int
    line: int
    user_column: int
    instead_of: Place | None = None


@dataclass(frozen=True, slots=True)
class PythonCode:
    """A cell as valid Python.

    `source` has as many lines as the user's source, and each line that is no magic is the user's own, at its own line.
    `tree` is `source` parsed. `lines` maps back, a tuple of pieces for each line; it is empty when `source` is the
    user's source as it stands. `local_lines` are the lines whose assignments do not reach the notebook (`%%timeit`).
    `language` is that of the cell: `python`, or that of the one foreign text that it consists of.
    With a `problem` the statements that cannot be read are blank, or bind the names that they would have bound to
    `...`; the others stand where they stood.
    """

    source: str
    tree: ast.Module = field(compare=False, repr=False)
    lines: tuple[tuple[Piece, ...], ...] = ()
    magics: tuple[Magic, ...] = ()
    foreign: tuple[Foreign, ...] = ()
    local_lines: frozenset[int] = frozenset()
    problem: CodeProblem | None = None
    language: str = "python"
    rows: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def place_of(self, node: ast.expr | ast.stmt | ast.excepthandler | ast.arg | ast.keyword | ast.alias) -> Place:
        """Where the user wrote this node of `tree` (or of any tree of `source`)."""
        line, end_line = node.lineno, node.end_lineno or node.lineno
        column = self._characters(line, node.col_offset)
        end_column = self._characters(end_line, node.col_offset if node.end_col_offset is None else node.end_col_offset)
        return self.place(line, column, end_line, end_column)

    def place(self, line: int, column: int, end_line: int, end_column: int) -> Place:
        """Where the user wrote what stands here in `source` (columns in characters)."""
        if not self.lines:
            return Place(line, column, end_line, end_column)
        start = self._back(line, column)
        end = self._back(end_line, end_column, is_end=True)
        return Place(*start, *max(start, end))

    def _characters(self, line: int, offset: int) -> int:
        row = self.rows[line - 1] if line <= len(self.rows) else ""
        return offset if row.isascii() else len(row.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "ignore"))

    def _back(self, line: int, column: int, *, is_end: bool = False) -> tuple[int, int]:
        if line > len(self.lines):
            return line, column
        pieces = self.lines[line - 1]
        if not pieces:
            return line, column
        at = column - 1 if is_end and column else column
        piece = pieces[max(bisect.bisect_right(pieces, at, key=lambda piece: piece.column) - 1, 0)]
        if piece.instead_of is None:
            return piece.line, max(piece.user_column + column - piece.column, 0)
        if is_end:
            return piece.instead_of.end_line, piece.instead_of.end_column
        return piece.instead_of.line, piece.instead_of.column
