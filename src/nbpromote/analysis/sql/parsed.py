"""Statements of SQL, parsed by sqlglot."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from nbpromote.analysis.facts import AccessKind, Direction
from nbpromote.analysis.sql import patterns
from nbpromote.analysis.sql.uses import TableUse

# Databricks' SQL has nearly all of Spark's; None is sqlglot's own, which accepts most of what others write.
_DIALECTS = ("databricks", "spark", None)
_FILES = frozenset({"csv", "parquet", "json", "orc", "text", "delta", "avro", "binaryfile", "xml", "iceberg"})
_SHOWING = frozenset({"SHOW", "EXPLAIN", "LIST"})
_HARMLESS = frozenset({"OPTIMIZE", "VACUUM", "ANALYZE", "FSCK", "REORG", "GRANT", "REVOKE", "MSCK", "COMMENT"})

_FILE = re.compile(r"/|\.(?:csv|tsv|parquet|json|jsonl|ndjson|orc|xlsx?)(?:\.\w+)?$", re.I)

# It warns of each statement that it carries without understanding it.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Statement:
    """What one statement does; `is_known` when nothing of it was guessed."""

    uses: tuple[TableUse, ...] = ()
    shows_rows: bool = False
    sets_state: bool = False
    is_known: bool = True


def parse(text: str) -> list[Statement] | None:
    """The statements of a text; None when no dialect can read it."""
    for dialect in _DIALECTS:
        try:
            trees = sqlglot.parse(text, read=dialect)
        except (SqlglotError, RecursionError, ValueError, TypeError, AttributeError, IndexError, KeyError):
            continue
        return [_statement(tree) for tree in trees if tree is not None and not isinstance(tree, exp.Semicolon)]
    return None


def _statement(tree: exp.Expr) -> Statement:  # noqa: PLR0911, PLR0912
    match tree:
        case exp.Command():
            return _command(tree)
        case exp.Use() | exp.Set():
            return Statement(sets_state=True)
        case exp.Create() if tree.kind not in {"TABLE", "VIEW"}:
            return Statement(tuple(_reads(tree, skip=tree.this)), sets_state=True)
        case exp.Create():
            reads = [*_reads(tree, skip=_target(tree)), *_options(tree)]
            return Statement((*reads, *_written(_target(tree), *_created(tree))))
        case exp.Insert():
            mode = "overwrite" if tree.args.get("overwrite") else "append"
            return Statement((*_reads(tree, skip=_target(tree)), *_written(_target(tree), mode)))
        case exp.Merge() | exp.Update() | exp.Delete():
            mode = type(tree).__name__.lower()
            return Statement((*_reads(tree, skip=_target(tree)), *_written(_target(tree), mode)))
        case exp.Copy():
            return Statement(tuple(_copied(tree)))
        case exp.Drop() if tree.kind not in {"TABLE", "VIEW"}:
            return Statement(sets_state=True)
        case exp.Drop() | exp.TruncateTable() | exp.Alter():
            mode = (
                "drop" if isinstance(tree, exp.Drop) else "delete" if isinstance(tree, exp.TruncateTable) else "alter"
            )
            targets = [tree.this] if isinstance(tree.this, exp.Expr) else list(tree.find_all(exp.Table))
            return Statement(tuple(use for table in targets for use in _written(_table_in(table), mode)))
        case exp.Cache() if tree.expression is not None:
            target = _target(tree)
            return Statement((*_reads(tree, skip=target), *_written(target, "overwrite", AccessKind.TEMP_VIEW)))
        case exp.Grant() | exp.Revoke() | exp.Comment():
            return Statement()
        case exp.Cache() | exp.Uncache() | exp.Refresh() | exp.Analyze():
            return Statement()
        case exp.Query() | exp.Describe() | exp.Show() | exp.Values():
            return Statement(tuple(_reads(tree)), shows_rows=True)
    return Statement(tuple(_reads(tree)), is_known=False)


def _command(tree: exp.Command) -> Statement:
    """A statement that sqlglot carries as text."""
    word = str(tree.this).upper()
    text = f"{tree.this} {tree.expression.name if isinstance(tree.expression, exp.Expr) else tree.expression or ''}"
    if word in _SHOWING:
        return Statement(shows_rows=True)
    if word in _HARMLESS:
        return Statement()
    return Statement(tuple(patterns.find_uses(text)), sets_state=True, is_known=False)


def _created(tree: exp.Create) -> tuple[str, AccessKind]:
    properties = tree.args.get("properties")
    is_temporary = properties is not None and properties.find(exp.TemporaryProperty) is not None
    if is_temporary or (properties is not None and properties.find(exp.GlobalProperty) is not None):
        return "overwrite", AccessKind.TEMP_VIEW
    mode = "overwrite" if tree.args.get("replace") or tree.args.get("refresh") else "errorifexists"
    return "ignore" if tree.args.get("exists") else mode, AccessKind.TABLE


def _options(tree: exp.Create) -> Iterator[TableUse]:
    """The file behind `CREATE VIEW v USING csv OPTIONS (path '...')`."""
    for option in tree.find_all(exp.Property):
        value = option.args.get("value")
        if option.name.lower() == "path" and isinstance(value, exp.Literal):
            yield TableUse(Direction.READ, value.name, value.name, None, AccessKind.FILE)


def _target(tree: exp.Expr) -> exp.Expr | None:
    return _table_in(tree.this)


def _table_in(node: object) -> exp.Expr | None:
    """The table itself, out of `t (a INT, b INT)` or `t AS x`."""
    while isinstance(node, (exp.Schema, exp.Alias, exp.Subquery)):
        node = node.this
    return node if isinstance(node, exp.Expr) else None


def _written(table: exp.Expr | None, mode: str, kind: AccessKind = AccessKind.TABLE) -> Iterator[TableUse]:
    if isinstance(table, exp.Directory):
        yield TableUse(Direction.WRITE, table.name, table.name, mode, AccessKind.FILE)
    elif isinstance(table, exp.Table):
        yield from _use(table, Direction.WRITE, mode, kind)


def _copied(tree: exp.Copy) -> Iterator[TableUse]:
    """`COPY INTO t FROM 'file'` loads, `COPY t TO 'file'` and `COPY (SELECT ...) TO 'file'` unload."""
    loads = bool(tree.args.get("kind"))
    if loads:
        yield from _written(_target(tree), "append")
    else:
        yield from _reads(tree.this)
    for file in tree.args.get("files") or ():
        path = file.this if isinstance(file, (exp.Table, exp.Paren)) else file
        if isinstance(path, (exp.Literal, exp.Identifier)):
            direction, mode = (Direction.READ, None) if loads else (Direction.WRITE, "overwrite")
            yield TableUse(direction, path.name, path.name, mode, AccessKind.FILE)


def _reads(tree: exp.Expr, *, skip: object = None) -> Iterator[TableUse]:
    """What the statement reads: its tables, without what is written and what it names by WITH."""
    skipped = {id(node) for node in skip.find_all(exp.Table)} if isinstance(skip, exp.Expr) else set()
    for table in tree.find_all(exp.Table):
        if id(table) not in skipped and not _is_named_by_with(table):
            yield from _use(table, Direction.READ)


def _use(
    table: exp.Table, direction: Direction, mode: str | None = None, kind: AccessKind = AccessKind.TABLE
) -> Iterator[TableUse]:
    if isinstance(table.this, exp.Identifier):
        folder = table.text("db").lower()
        if folder in _FILES and not table.catalog and any(mark in table.name for mark in "/:."):
            yield TableUse(direction, table.name, table.name, mode, AccessKind.FILE, folder)
            return
        if not folder and _FILE.search(table.name):
            # DuckDB's `FROM 'sales.parquet'`.
            yield TableUse(direction, table.name, table.name, mode, AccessKind.FILE)
            return
        name = ".".join(part.name for part in table.parts)
        yield TableUse(direction, name, name, mode, kind)
    elif isinstance(table.this, exp.Func) and table.this.name.lower() in {"read_files", "cloud_files"}:
        path = next(iter(table.this.expressions), None)
        if isinstance(path, exp.Literal):
            yield TableUse(direction, path.name, path.name, mode, AccessKind.FILE)


def _is_named_by_with(table: exp.Table) -> bool:
    """Whether a WITH gives the table its name: one around it, by a part before it (`WITH t AS (SELECT * FROM t)`
    reads a real `t`)."""
    if table.text("db"):
        return False
    name = table.name.lower()
    child: exp.Expr = table
    parent = table.parent
    while parent is not None:
        if isinstance(parent, exp.With):
            for each in parent.expressions:
                if each is child:
                    if parent.args.get("recursive") and each.alias.lower() == name:
                        return True
                    break
                if each.alias.lower() == name:
                    return True
        else:
            around = parent.args.get("with_") or parent.args.get("with")
            if (
                around is not None
                and around is not child
                and any(each.alias.lower() == name for each in around.expressions)
            ):
                return True
        child, parent = parent, parent.parent
    return False
