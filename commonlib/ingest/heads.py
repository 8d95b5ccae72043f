"""The head of a delimited text: which lines are none of its rows, what parts its cells, how its columns are named."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from commonlib.ingest import records
from commonlib.ingest.delimited import Body
from commonlib.ingest.dialect import CANDIDATES, Dialect, describe, grammar, guess_delimiter
from commonlib.ingest.encodings import Utf8
from commonlib.ingest.errors import IngestError
from commonlib.ingest.kinds import looks_typed
from commonlib.lake.errors import duplicates

HEAD = 1 << 20
_ROWS = 50


@dataclass(frozen=True, slots=True)
class Head:
    """The body of a text whose head was read, and what was found out and not declared, in words."""

    body: Body
    told: tuple[str, ...]
    line: int


def open_text(stream: Utf8, where: str, dialect: Dialect, wanted: Sequence[str] = ()) -> Head:
    """Read the head. `wanted` are the columns of the schema, when there is one. Raises IngestError."""
    data, at_end = _more(stream, b"", HEAD)
    end = _line_end(data)
    told = ["lines end with a lone carriage return, as on old Macs"] if end == b"\r" else []
    line, start = 1, 0
    for _ in range(dialect.skip):
        found = data.find(end, start)
        if found < 0:
            raise IngestError(f"{where}: has no more than {line} lines, and skip is {dialect.skip}")
        start, line = found + len(end), line + 1
    mark = (dialect.comment or "\0\0").encode()
    while data.startswith(mark, start) and (found := data.find(end, start)) >= 0:
        start, line = found + len(end), line + 1
    stream.check(data[start : data.find(end, start) if data.find(end, start) >= 0 else len(data)], line)
    if dialect.delimiter is None:
        dialect = replace(dialect, delimiter=_delimiter(data, start, end, dialect, where))
        if dialect.delimiter != ",":
            told.append(f"the cells are parted by {describe(dialect.delimiter or '')}, as the first rows show")
    spelling = grammar(dialect, end)
    first = records.record(data, start, spelling, at_end=at_end)
    while first is None and not at_end:
        data, at_end = _more(stream, data, len(data))
        first = records.record(data, start, spelling, at_end=at_end)
    if first is None:
        raise IngestError(f"{where}: has no rows; nothing was landed")
    if first.reason is not None:
        raise IngestError(f"{where} line {line}: {first.reason}, in the first row; name the quote, or mend the line")
    stream.check(data[first.start : first.stop], line)
    after = data[first.stop : first.stop + 1]
    if dialect.comment is None and dialect.header is None and data[first.start : first.start + 1] == after == b"#":
        raise IngestError(
            f"{where} line {line}: it begins with '#', and so does the next; say --comment '#' when they are comments, "
            "--header when the first one names the columns"
        )
    cells = ["" if cell is None else cell.decode().strip() for cell in first.cells]
    has_header = dialect.header
    if has_header is None:
        second = records.record(data, first.stop, spelling, at_end=at_end) if first.stop < len(data) else None
        has_header = _is_header(cells, second, wanted, f"{where} line {line}")
    if not has_header:
        names = tuple(wanted) or tuple(f"column_{number}" for number in range(1, len(cells) + 1))
        return Head(Body(stream, data[start:], line, names, None, dialect, spelling), tuple(told), line)
    if wanted and (twice := duplicates(cells)):
        raise IngestError(
            f"{where} line {line}: the header names {', '.join(map(repr, twice))} more than once; rename all but one, "
            'or skip it ("header: false", "skip: 1"), and the columns are taken in the order of the schema'
        )
    names, renamed = unique_names(cells)
    header = tuple("" if cell is None else cell.decode() for cell in first.cells)
    body = Body(stream, data[first.stop :], line + first.lines, names, header, dialect, spelling)
    return Head(body, (*told, *renamed), line)


def _line_end(data: bytes) -> bytes:
    """What ends the lines: a carriage return alone when the first line ends so and most others do."""
    first = re.search(rb"\r\n|\r.|\n", data, re.DOTALL)
    lone = data.count(b"\r") - data.count(b"\r\n")
    is_lone = first is not None and first[0][:1] == b"\r" and first[0] != b"\r\n"
    return b"\r" if is_lone and lone > data.count(b"\n") else b"\n"


def unique_names(cells: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of a header, each once in whatever case, and what was renamed, in words."""
    names: list[str] = []
    told = []
    taken = {cell.casefold() for cell in cells if cell} | {"_attempt"}
    seen: set[str] = set()
    for number, cell in enumerate(cells, 1):
        name = cell or f"column_{number}"
        if not cell or cell.casefold() in seen or cell.casefold() == "_attempt":
            suffix, base = 2, name
            while name.casefold() in seen or (name.casefold() in taken and (suffix > 2 or bool(cell))):
                name, suffix = f"{base}_{suffix}", suffix + 1
            why = f"the name {cell!r} is there already" if cell else "it has no name"
            told.append(f"column {number} is called {name!r} here: {why}")
        seen.add(name.casefold())
        names.append(name)
    return tuple(names), tuple(told)


def _more(stream: Utf8, data: bytes, size: int) -> tuple[bytes, bool]:
    """The data with about `size` more, and whether that is all."""
    parts = [data]
    while size > 0:
        chunk = stream.read(size)
        if not chunk:
            return b"".join(parts), True
        parts.append(chunk)
        size -= len(chunk)
    return b"".join(parts), False


def _delimiter(data: bytes, start: int, end: bytes, dialect: Dialect, where: str) -> str:
    widths = {}
    for delimiter in CANDIDATES:
        spelling, position = grammar(replace(dialect, delimiter=delimiter), end), start
        counts: list[int] = []
        while len(counts) < _ROWS and (found := records.record(data, position, spelling, at_end=False)) is not None:
            counts.append(len(found.cells))
            position = found.stop
        if not counts and (found := records.record(data, start, spelling, at_end=True)) is not None:
            counts.append(len(found.cells))
        widths[delimiter] = counts
    if (found_delimiter := guess_delimiter(widths)) is None:
        tried = ", ".join(
            f"{describe(each)} ({widths[each][0]} columns)" for each in CANDIDATES if max(widths[each]) > 1
        )
        raise IngestError(
            f"{where}: the cells may be parted by {tried}; name the one that is right, for example with --delimiter ';'"
        )
    return found_delimiter


def _is_header(cells: Sequence[str], second: records.Record | None, wanted: Sequence[str], where: str) -> bool:
    if wanted:
        if {cell.casefold() for cell in cells} & {name.casefold() for name in wanted}:
            return True
        raise IngestError(
            f"{where}: none of {', '.join(map(repr, cells[:6]))} is a column of the schema "
            f"({', '.join(map(repr, wanted[:6]))}); if the file has no header, say so with --no-header or "
            '"header: false", and its columns are taken in the order of the schema; if it has one, rename'
        )
    if second is None or second.reason is not None or len(second.cells) != len(cells):
        return True
    below = ["" if cell is None else cell.decode(errors="replace").strip() for cell in second.cells]
    kinds = [(looks_typed(one), looks_typed(other)) for one, other in zip(cells, below, strict=True)]
    if any(one for one, _ in kinds) and all(one == other for one, other in kinds):
        raise IngestError(
            f"{where}: it is not certain that {', '.join(map(repr, cells[:6]))} names the columns, since "
            "the line after it looks alike; say --header when it does, --no-header when it is a row"
        )
    return True
