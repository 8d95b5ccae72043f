"""SQL that writes a table from a query: the query is cut out, byte for byte."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from nbpromote.analysis.facts import Access, Direction, Span
from nbpromote.notebook.model import Cell
from nbpromote.promotion.code import parse_cell
from nbpromote.promotion.draft import Output
from nbpromote.promotion.rewriting import Lines, Rewrite
from nbpromote.promotion.writes.sites import Site

_DIALECT = "databricks"
_CALL = "pyspark.SparkSession.sql"
SQL = frozenset({_CALL, "%sql"})
_INSERT = re.compile(r"\s*insert\s+(?:into|overwrite)\s+(?:table\s+)?[\w.`]+\s*", re.I)
_BEGINNING = re.compile(r"\b(?:select|with|from|values|table)\b|\(", re.I)
_LITERAL = re.compile(r'[rRfF]{0,2}("""|\'\'\'|"|\')', re.S)
_HOLE = re.compile(r"\{[^{}\\]*\}")


@dataclass(frozen=True, slots=True)
class Query:
    """Where the query stands in a text that writes what it gives."""

    start: int
    end: int


def find_query(text: str) -> Query | None:
    """The query of `CREATE TABLE x AS ...` or `INSERT INTO x ...`; None when the text does anything else."""
    import sqlglot  # takes a moment, and only few notebooks have SQL that writes
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        trees = [one for one in sqlglot.parse(text, read=_DIALECT) if one is not None]
    except (SqlglotError, RecursionError, ValueError):
        return None
    if len(trees) != 1 or not isinstance(trees[0], exp.Create | exp.Insert):
        return None
    tree = trees[0]
    if not isinstance(tree.expression, exp.Query) or not isinstance(tree.this, exp.Table):
        return None
    head = _INSERT.match(text)
    if isinstance(tree, exp.Create) and tree.kind != "TABLE":
        return None
    end = len(text.rstrip().rstrip(";").rstrip())
    for found in _BEGINNING.finditer(text):
        if isinstance(tree, exp.Insert) and (head is None or found.start() != head.end()):
            continue
        if _parsed(text[found.start() : end]) == tree.expression:
            return Query(found.start(), end)
    return None


def _parsed(text: str) -> object:
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        return sqlglot.parse_one(text, read=_DIALECT)
    except (SqlglotError, RecursionError, ValueError):
        return None


def query_sites(lost: tuple[tuple[Cell, Access], ...]) -> Iterator[Site]:
    """The sites of those writes without a place in the code that are SQL which writes what a query gives."""
    for cell, access in lost:
        code = parse_cell(cell.source)
        if access.call != _CALL or access.target is None or access.written is not None or code is None:
            continue
        for statement in code.tree.body:
            match statement:
                case ast.Expr(value=ast.Call(args=[ast.Constant() | ast.JoinedStr(), *_]) as call) if (
                    code.span(call) == access.span
                ):
                    own = replace(access, expression_span=None)
                    site = Site(cell, code, call, own, (statement,), (access.target,), (cell.id,))
                    if _query_of(site) is not None:
                        yield site


def is_query(site: Site) -> bool:
    """Whether this site is SQL that writes."""
    return site.access.call == _CALL and site.access.direction is Direction.WRITE


def _query_of(site: Site) -> Query | None:
    """The query of a text that stands as it is spelled, or of an f-string that has holes only in its query."""
    node, content = site.call.args[0], _content(site)
    if isinstance(node, ast.Constant):
        return find_query(content) if node.value == content else None
    first = content.find("{")
    if first < 0 or "{{" in content or "}}" in content or "\\" in content:
        return None
    for word in "x1":  # what a hole stands for: a name or a text, or else a number
        query = find_query(_HOLE.sub(lambda hole, word=word: word * len(hole[0]), content))  # type: ignore[misc]
        if query is not None and query.start <= first:
            return query
    return None


def _literal(site: Site) -> tuple[Span, str, int]:
    """Where the text stands, its source, and how long its quotes are."""
    node = site.call.args[0]
    source = site.code.text(node)
    opening = _LITERAL.match(source)
    return site.code.span(node), source, len(opening[0]) if opening else 0


def _content(site: Site) -> str:
    """The text between the quotes, as it is spelled."""
    _, source, opening = _literal(site)
    closing = opening - len(source[:opening].rstrip("'\""))
    return source[opening:-closing] if opening else ""


def tables_of(outputs: Iterable[Output], cells: Mapping[str, Cell]) -> dict[str, tuple[str, str]]:
    """Each text of SQL that writes, with its table and its query, so that a proof can lead it aside.

    Of an f-string it is what stands before the query, and no query.
    """
    found = {}
    for output in outputs:
        if output.access.call == _CALL:
            for site in query_sites(((cells[output.cell_id], output.access),)):
                text, query = _content(site), _query_of(site)
                if query is not None and isinstance(site.call.args[0], ast.JoinedStr):
                    found[text[: query.start]] = (site.targets[0], "")
                elif query is not None:
                    found[text] = (site.targets[0], text[query.start : query.end])
    return found


def query_edits(site: Site, opening: str, closing: str) -> list[Rewrite]:
    """The edits that make `OPENING spark.sql(QUERY) CLOSING` of the call."""
    where, _, quotes = _literal(site)
    content, span, lines = _content(site), site.access.span, Lines(site.cell.source)
    query = _query_of(site)
    assert query is not None
    begin = lines.start(where) + quotes
    # What is cut out leaves its line breaks and indentation where the query begins on a line of its own.
    kept = len(content) - len(content.lstrip())
    cuts = [(begin + kept, begin + query.start)]
    if content[query.end :].strip():
        cuts.append((begin + query.end, begin + len(content.rstrip())))
    edits = [Rewrite(site.cell.id, _span(site.cell.source, *cut), "") for cut in cuts if cut[0] < cut[1]]
    before = Span(span.line, span.column, span.line, span.column)
    behind = Span(span.end_line, span.end_column, span.end_line, span.end_column)
    return [Rewrite(site.cell.id, before, opening), *edits, Rewrite(site.cell.id, behind, closing)]


def _span(source: str, start: int, end: int) -> Span:
    def place(offset: int) -> tuple[int, int]:
        return source.count("\n", 0, offset) + 1, offset - (source.rfind("\n", 0, offset) + 1)

    return Span(*place(start), *place(end))
