"""A file that the notebook writes becomes one of a version: what writes it goes into a block that is given a path."""

import ast
from collections.abc import Iterator

from nbpromote.analysis.facts import Span
from nbpromote.promotion.rewriting import Lines, Rewrite
from nbpromote.promotion.writes.sites import Site

_OPENERS = ("open", "ExcelWriter", "writer", "File", "ZipFile")
_SIMPLE = (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return)


class Unfit(Exception):
    """The code around the write cannot be put into a block; the message says why, and what would do."""

    def __init__(self, why: str, hint: str) -> None:
        self.why, self.hint = why, hint
        super().__init__(why)


def file_edits(site: Site, handed: str, path: str, written: str) -> list[Rewrite]:
    """The edits that put the write into `with HANDED as PATH:`, and let it write to WRITTEN.

    Raises:
        Unfit: there is no such block.
    """
    where = site.access.expression_span
    assert where is not None
    if site.is_in_expression:
        raise Unfit("inside a lambda or a comprehension", "write in a loop or at the top level of a cell")
    edits = [Rewrite(site.cell.id, where, written)]
    statement = site.statement
    if isinstance(statement, ast.With | ast.AsyncWith):
        item = next((one for one in statement.items if _holds(one.context_expr, site.call)), None)
        if item is not None:
            begin = site.code.span(item.context_expr)
            at = Span(begin.line, begin.column, begin.line, begin.column)
            return [Rewrite(site.cell.id, at, f"{handed} as {path}, "), *edits]
    if not isinstance(statement, _SIMPLE):
        raise Unfit("in the head of a statement", "write on a line of its own")
    return [*_wrapped(site, statement, _last(site), f"with {handed} as {path}:"), *edits]


def _holds(expression: ast.expr, call: ast.Call) -> bool:
    return any(one is call for one in ast.walk(expression))


def _last(site: Site) -> ast.stmt:
    """The last statement that the block must hold: where a file that is opened under a name is closed again."""
    statement = site.statement
    if isinstance(statement, ast.Expr | ast.Return | ast.AugAssign) or not _opens(site):
        return statement
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    name = targets[0].id if len(targets) == 1 and isinstance(targets[0], ast.Name) else None
    behind = site.block[site.block.index(statement) + 1 :]
    closing = [one for one in behind if name is not None and _closes(one, name)]
    if not closing:
        raise Unfit("by a file that is opened and not closed in the same block", "open it by `with`")
    if any(isinstance(one, ast.FunctionDef | ast.ClassDef) for one in behind[: behind.index(closing[0]) + 1]):
        raise Unfit("by a file that stays open while functions are defined", "open it by `with`")
    return closing[0]


def _opens(site: Site) -> bool:
    """Whether the call gives a handle that is written to later."""
    return site.access.call.rpartition(".")[2] in _OPENERS


def _closes(statement: ast.stmt, name: str) -> bool:
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=closed), attr="close" | "save"))):
            return closed == name
    return False


def _wrapped(site: Site, first: ast.stmt, last: ast.stmt, head: str) -> Iterator[Rewrite]:
    """Insertions: the head before, and an indentation before each line."""
    code, lines = site.code, Lines(site.code.source)
    begin, end = code.span(first), code.span(last)
    before = lines.line_text(begin.line)[: begin.column]
    indent = before[: len(before) - len(before.lstrip())]
    if before.strip():
        separator = before.rstrip()
        starts = {(place.line, place.column) for place in map(code.span, site.block)}
        if separator[-1] not in ";:" or (separator[-1] == ";" and (begin.line, len(indent)) not in starts):
            raise Unfit("on a line with other code", "write on a line of its own")
        indent += "    " if separator[-1] == ":" else ""
        start = len(separator.rstrip(";").rstrip()) if separator[-1] == ";" else len(separator)
        yield Rewrite(site.cell.id, Span(begin.line, start, begin.line, begin.column), f"\n{indent}")
    at = Span(begin.line, begin.column, begin.line, begin.column)
    if any(one.place.line >= begin.line and one.place.line <= end.end_line for one in code.python.magics):
        raise Unfit("on the lines of a magic", "write on a line of its own")
    yield Rewrite(site.cell.id, at, f"{head}\n{indent}    ")
    behind = lines.line_text(end.end_line)[end.end_column :]
    if behind.lstrip().startswith(";") and behind.strip(" ;"):
        gap = len(behind) - len(behind.lstrip().removeprefix(";").lstrip())
        stop = Span(end.end_line, end.end_column, end.end_line, end.end_column + gap)
        yield Rewrite(site.cell.id, stop, f"\n{indent}")
    inside = _inside_texts(site, begin.line, end.end_line)
    for line in range(begin.line + 1, end.end_line + 1):
        if line not in inside and lines.line_text(line).strip():
            yield Rewrite(site.cell.id, Span(line, 0, line, 0), "    ")


def _inside_texts(site: Site, first: int, last: int) -> set[int]:
    """Lines that begin within a text, where an indentation would be part of it."""
    found: set[int] = set()
    for node in ast.walk(site.code.tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and (node.end_lineno or 0) > node.lineno:
            span = site.code.span(node)
            if span.line <= last and span.end_line >= first:
                found |= set(range(span.line + 1, span.end_line + 1))
    return found
