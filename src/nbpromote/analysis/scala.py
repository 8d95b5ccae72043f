"""Scala cells' part in the facts of a notebook: what they share with other cells by temporary views, tables and files.

Scala is read by patterns, not parsed: names of views and tables stand in quotes in nearly all of it. What else a cell
may do outside of Spark keeps it opaque.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nbpromote.analysis.code import CellCode, span_of_place
from nbpromote.analysis.facts import Access, AccessKind, CellFacts, Direction, Span, TargetKind
from nbpromote.analysis.resources import resource_of
from nbpromote.analysis.sql import find_query

_QUOTED = r'(?:"""(?P<long>.*?)"""|"(?P<text>(?:[^"\\\n]|\\.)*)")'
_COMMENT = re.compile(r'(?P<kept>"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*[\s\S]*?\*/')
_VIEW = re.compile(r"\.(?:create(?:OrReplace)?(?:Global)?TempView|registerTempTable)\s*\(\s*[sf]?" + _QUOTED, re.S)
_SAVED = re.compile(r"\.(?P<how>saveAsTable|insertInto|writeTo)\s*\(\s*[sf]?" + _QUOTED, re.S)
_TABLE = re.compile(r"(?<![\w])table\s*\(\s*[sf]?" + _QUOTED, re.S)
_SQL = re.compile(r"(?<![\w])sql\s*\(\s*[sf]?" + _QUOTED, re.S)
_FILE = re.compile(r"\.(?P<how>parquet|csv|json|orc|text|textFile|load|save)\s*\(\s*" + _QUOTED, re.S)
# What is seen by none of these patterns: names that are computed, and whatever goes past Spark.
_UNSEEN = re.compile(
    r"\bdbutils\s*\.\s*(?:fs|notebook|library)\b|\bjava\.(?:io|nio|net|sql)\b|\bscala\.(?:io|sys)\b|\bsys\.process\b"
    r"|\bjdbc\b|\b(?:read|write)Stream\b|\bhttps?://|\.(?:parquet|csv|json|orc|text|textFile|load|save)\s*\(\s*[^\"\s]"
    r"|(?<![\w])(?:sql|table|saveAsTable|insertInto|\w*TempView)\s*\(\s*(?![sf]?\")"
)
_INTERPOLATED = re.compile(r"\$\{?\w")
_BINDS = re.compile(
    r"^[ \t]?(?:(?:case|lazy|implicit|final|sealed|abstract)\s+)*(?:val|var|def|class|object|trait)\s+"
    r"(?:(?P<name>\w+)|\((?P<names>[\w\s,]+)\))", re.M
)  # fmt: skip
_IMPORT = re.compile(r"^\s*import\s+\w", re.M)
_SHOWS = re.compile(r"(?<![\w])display\s*\(|\.show\s*\(")
_OWN, _IMPORTS = "Scala variable ", "imports of Scala"


@dataclass(frozen=True, slots=True)
class _Text:
    """The Scala of a cell without its comments; `binds` and `words` are names, of its session and altogether."""

    source: str
    span: Span
    binds: frozenset[str]
    words: frozenset[str]


def is_readable(source: str) -> bool:
    """Whether all that this Scala does outside of its own variables is seen."""
    text = _without_comments(source)
    return not _UNSEEN.search(text) and all(find_query(each).is_whole for each in _queries(text))


def with_scala(codes: Mapping[str, CellCode], cells: Sequence[CellFacts]) -> tuple[CellFacts, ...]:
    """The facts with what the Scala cells read, write and show; Scala's variables are resources that they share."""
    texts = {cell.cell_id: _read(codes[cell.cell_id]) for cell in cells}
    bound = {name for text in texts.values() if text for name in text.binds}
    return tuple(
        cell if (text := texts[cell.cell_id]) is None else _completed(cell, text, bound) for cell in cells
    )  # fmt: skip


def _read(code: CellCode) -> _Text | None:
    for foreign in code.python.foreign:
        span = span_of_place(foreign.place)
        if foreign.language == "scala" and span is not None:
            source = _without_comments(foreign.source)
            names = [match["names"] or match["name"] for match in _BINDS.finditer(source)]
            binds = frozenset(name.strip() for each in names for name in each.split(","))
            return _Text(source, span, binds, frozenset(re.findall(r"\w+", source)))
    return None


def _completed(cell: CellFacts, text: _Text, bound: set[str]) -> CellFacts:
    accesses = tuple(dict.fromkeys(_accesses(text)))
    read = {resource_of(one) for one in accesses if one.direction is Direction.READ}
    changed = {resource_of(one) for one in accesses if one.direction is Direction.WRITE}
    read |= {f"{_OWN}{name}" for name in text.words & bound - text.binds}
    changed |= {f"{_OWN}{name}" for name in text.binds}
    read.add(_IMPORTS)
    if _IMPORT.search(text.source):
        changed.add(_IMPORTS)
    return replace(
        cell,
        accesses=(*cell.accesses, *accesses),
        displays=cell.displays or _SHOWS.search(text.source) is not None,
        is_peek=cell.is_peek and not changed,
        resources_read=cell.resources_read | read,
        resources_changed=cell.resources_changed | changed,
    )


def _accesses(text: _Text) -> Iterator[Access]:
    source = text.source
    for match in _VIEW.finditer(source):
        yield _access(text, match, Direction.WRITE, AccessKind.TEMP_VIEW, mode="overwrite")
    for match in _SAVED.finditer(source):
        yield _access(text, match, Direction.WRITE, AccessKind.TABLE)
    for match in _TABLE.finditer(source):
        yield _access(text, match, Direction.READ, AccessKind.TABLE)
    for match in _FILE.finditer(source):
        before = source[: match.start()]
        is_written = match["how"] == "save" or before.rfind(".write") > before.rfind(".read")
        yield _access(text, match, Direction.WRITE if is_written else Direction.READ, AccessKind.FILE)
    for query in _queries(source):
        for use in find_query(query).uses:
            yield Access(
                use.direction, use.kind, "%scala", text.span, use.name, TargetKind.LITERAL, None, None,
                mode=use.mode, format=use.format,
            )  # fmt: skip


def _access(
    text: _Text, match: re.Match[str], direction: Direction, kind: AccessKind, mode: str | None = None
) -> Access:
    named = match["long"] if match["long"] is not None else match["text"]
    is_known = not _INTERPOLATED.search(named)
    return Access(
        direction, kind, "%scala", text.span, named if is_known else None,
        TargetKind.LITERAL if is_known else TargetKind.COMPUTED, named, None, mode=mode,
    )  # fmt: skip


def _queries(source: str) -> list[str]:
    return [match["long"] if match["long"] is not None else match["text"] for match in _SQL.finditer(source)]


def _without_comments(source: str) -> str:
    return _COMMENT.sub(lambda match: match["kept"] or "", source)
