"""A kept cell's Python, with the places of its statements in what the user wrote."""

import ast
import io
import symtable
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from nbpromote.analysis.facts import Span
from nbpromote.notebook.magics import PythonCode, to_python
from nbpromote.promotion.rewriting import Lines

WIDEST = 100  # characters of a line that a promotion writes


@dataclass(frozen=True, slots=True)
class CellCode:
    """A cell's source, its Python and its syntax tree; `span` goes from a node to the user's source."""

    source: str
    python: PythonCode
    tree: ast.Module

    def span(self, node: ast.expr | ast.stmt | ast.arg | ast.keyword) -> Span:
        """Where this node stands in the user's source; decorators belong to their definition."""
        place = self.python.place_of(node)
        decorators = getattr(node, "decorator_list", ())
        if decorators:
            first = self.python.place_of(decorators[0])
            return Span(first.line, max(first.column - 1, 0), place.end_line, place.end_column)
        return Span(place.line, place.column, place.end_line, place.end_column)

    def text(self, node: ast.expr | ast.stmt) -> str:
        """The user's text of this node."""
        return Lines(self.source).text(self.span(node))

    def whole_lines(self, statement: ast.stmt) -> Span | None:
        """The full lines of a top-level statement with the comment behind it, or None when it shares a line."""
        span = self.span(statement)
        lines = Lines(self.source)
        before = lines.line_text(span.line)[: span.column]
        after = lines.line_text(span.end_line)[span.end_column :].strip()
        if before.strip() or (after and not after.startswith("#")):
            return None
        return Span(span.line, 0, span.end_line + 1, 0)

    def leading_comments(self, statement: ast.stmt) -> int:
        """The first line of the comment block that stands right above the statement, or the statement's own line."""
        lines = Lines(self.source)
        line = self.span(statement).line
        while line > 1 and lines.line_text(line - 1).startswith("#"):
            line -= 1
        return line


@lru_cache(maxsize=4096)
def parse_cell(source: str) -> CellCode | None:
    """The cell's code, or None when it is not Python."""
    python = to_python(source)
    if python.problem is not None:
        return None
    return CellCode(source, python, python.tree)


def free_names(source: str) -> frozenset[str]:
    """The module-level names that this source reads from outside itself, builtins included.

    Names inside function bodies count too: they are looked up when the function is called.
    """
    table = symtable.symtable(source, "<cell>", "exec")
    read: set[str] = set()
    bound = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    bound |= {child.get_name() for child in table.get_children() if child.get_type() in {"function", "class"}}
    for scope in _scopes(table):
        for symbol in scope.get_symbols():
            if symbol.is_referenced() and (symbol.is_global() or scope is table):
                read.add(symbol.get_name())
    return frozenset(read - bound)


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _scopes(child)


def used_names(source: str) -> frozenset[str]:
    """Every name that the source mentions in code, whatever its scope."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return frozenset()
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def has_code(source: str) -> bool:
    """Whether anything but comments and blank lines is left."""
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENCODING, tokenize.ENDMARKER}
    try:
        return any(token.type not in skipped for token in tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return bool(source.strip())
