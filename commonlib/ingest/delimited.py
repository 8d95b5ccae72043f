"""CSV and its kin, some megabytes at a time: clean stretches all at once by arrow, the others record by record."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from commonlib.ingest import records
from commonlib.ingest.dialect import Dialect, Grammar
from commonlib.ingest.encodings import Utf8
from commonlib.ingest.pieces import Malformed, Piece, nothing
from commonlib.ingest.spans import Span
from commonlib.ingest.stretches import clean_until

BLOCK = 8 << 20
# So much is read record by record before a clean stretch is looked for again.
SLOWLY = 64 << 10
Offsets: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int64]]
_BLANK_LINE = re.compile(rb"(?:\A|\n)\r?\n")


@dataclass(frozen=True, slots=True)
class Body:
    """A delimited text whose head was read: what comes first of the rest, from which line on, and its columns."""

    stream: Utf8
    data: bytes
    line: int
    names: tuple[str, ...]
    header: tuple[str, ...] | None
    dialect: Dialect
    grammar: Grammar


def pieces_of(body: Body, stream: BinaryIO, span: Span) -> Iterator[Piece]:
    """The rows of a span of the text, of which the stream is open and the head was read."""
    head, first = stream.tell() - len(body.data), 1
    if span.start == 0:  # the head is its, too
        span.began = head
    else:
        span.place(stream, body.grammar.end)
        span.began, first = max(span.began, head), span.line
        stream.seek(span.began)
        text = Utf8(stream, body.stream.encoding, body.stream.path, is_start=False)
        body = replace(body, stream=text, data=b"", line=first)
    span.reached, span.lines = span.began, body.line - first
    yield from pieces(body, span)


def pieces(body: Body, span: Span | None = None) -> Iterator[Piece]:
    """Every row of the text: as cells, or malformed; none is left out but comments. Raises UndecodableSource."""
    data, line, at_end = body.data, body.line, False
    place = span.began if span is not None else 0
    while True:
        start, slowly = 0, SLOWLY
        end = len(data) if span is None else min(len(data), span.stop - place)
        while start < end:
            stop = clean_until(data, start, end, body.dialect, body.grammar, at_end=at_end)
            if stop > start and (found := _fast(data[start:stop], line, body)) is not None:
                piece, after, start, slowly = found[0], found[1], stop, SLOWLY
            else:
                piece, after, reached = _slow(data, start, min(start + slowly, end), line, body, at_end=at_end)
                if reached == start:
                    break
                start, slowly = reached, slowly * 2
            if span is not None:
                span.reached, span.lines = place + start, span.lines + after - line
            line = after
            if piece.rows or piece.malformed:
                yield piece
        if at_end or (span is not None and place + start >= span.stop):
            return
        chunk = body.stream.read(BLOCK)
        # What is kept doubles while a record goes on, so that a long one is not looked at over and over.
        while chunk and len(data) - start > len(chunk) and (more := body.stream.read(BLOCK)):
            chunk += more
        at_end, data, place = not chunk, data[start:] + chunk, place + start


def _fast(data: bytes, line: int, body: Body) -> tuple[Piece, int] | None:
    """The rows of a clean stretch, and the line after it; None when it has blank lines after all."""
    wrong: list[pacsv.InvalidRow] = []

    def set_aside(row: pacsv.InvalidRow) -> str:
        wrong.append(row)
        return "skip"

    numbers = [str(number) for number in range(len(body.names))]
    try:
        table = pacsv.read_csv(
            # Without a line's end, arrow takes an empty last cell for one in quotes when the one before it was.
            pa.py_buffer(data if data.endswith(b"\n") else data + b"\n"),
            read_options=pacsv.ReadOptions(use_threads=False, block_size=len(data) + 2, column_names=numbers),
            parse_options=pacsv.ParseOptions(
                delimiter=body.dialect.delimiter,
                quote_char=body.dialect.quote or False,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=set_aside,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(numbers, pa.string()),
                null_values=["", *body.dialect.nulls],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        body.stream.check(data, line)
        raise
    if wrong:
        body.stream.check(data, line)
    cells = tuple(_whole(column) for column in table.columns)
    if all(column.null_count for column in cells) and _BLANK_LINE.search(data):
        return None
    rows, stop = table.num_rows + len(wrong), line + data.count(b"\n") if body.grammar.quote in data else None
    at = _lines(cells, wrong, line)
    malformed = tuple(
        Malformed(at(row.number - 1, of_all=True), _width(row.actual_columns, body), row.text) for row in wrong
    )
    piece = Piece(body.names, cells, at, malformed, body.dialect.delimiter or "")
    return _without_headers(piece, body), line + rows if stop is None else stop


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _width(cells: int, body: Body) -> str:
    what = "the header has" if body.header is not None else "there are"
    return f"the row has {cells} cell{'s' * (cells != 1)}, {what} {len(body.names)}"


class _lines:  # noqa: N801 - it is used as a function
    """The line of each row of a stretch, found out when somebody asks: few rows are ever asked for."""

    def __init__(self, cells: tuple[pa.Array, ...], wrong: list[pacsv.InvalidRow], first: int) -> None:
        self._cells, self._wrong, self._first = cells, wrong, first
        self._starts: Offsets | None = None
        self._kept: Offsets | None = None

    def __call__(self, row: int, *, of_all: bool = False) -> int:
        if self._starts is None:
            self._find()
        found = self._starts if of_all else self._kept
        return int(found[row])  # type: ignore[index]

    def _find(self) -> None:
        rows = len(self._cells[0])
        heights = np.ones(rows, np.int64)
        for column in self._cells:
            if pc.any(pc.match_substring(column, "\n")).as_py():
                heights += pc.fill_null(pc.count_substring(column, "\n"), 0).to_numpy(zero_copy_only=False)
        is_wrong = np.zeros(rows + len(self._wrong), bool)
        whole = np.ones(len(is_wrong), np.int64)
        for row in self._wrong:
            is_wrong[row.number - 1] = True
            whole[row.number - 1] = 1 + row.text.count("\n")
        whole[~is_wrong] = heights
        self._starts = self._first + np.concatenate([[0], np.cumsum(whole)[:-1]])
        self._kept = self._starts[~is_wrong]


def _without_headers(piece: Piece, body: Body) -> Piece:
    """The piece, with rows that are the header once more set aside: of files that were put one behind another."""
    if body.header is None or not piece.rows:
        return piece
    is_header = pc.equal(piece.cells[0], body.header[0])
    if not pc.any(is_header).as_py():
        return piece
    for column, name in zip(piece.cells[1:], body.header[1:], strict=True):
        is_header = pc.and_(is_header, pc.fill_null(pc.equal(column, name), not name))
    is_header = pc.fill_null(is_header, False)
    again = pc.indices_nonzero(is_header).to_pylist()
    if not again:
        return piece
    malformed = tuple(Malformed(piece.line(row), "it is the header once more", piece.text(row)) for row in again)
    kept = pc.indices_nonzero(pc.invert(is_header))
    cells = tuple(column.take(kept) for column in piece.cells)
    return Piece(
        piece.names, cells, lambda row: piece.line(kept[row].as_py()), piece.malformed + malformed, piece.delimiter
    )


def _slow(data: bytes, start: int, enough: int, line: int, body: Body, *, at_end: bool) -> tuple[Piece, int, int]:
    """The records from `start` to about `enough`, one by one; the line after them, and how far they reach."""
    rows: list[tuple[bytes | None, ...]] = []
    lines: list[int] = []
    malformed: list[Malformed] = []
    nulls = {token.encode() for token in body.dialect.nulls}
    reached = start
    comment = (body.dialect.comment or "").encode()
    while reached < min(enough, len(data)):
        if comment and data.startswith(comment, reached):
            # A comment ends with its line, whatever quotes it has.
            stop = data.find(body.grammar.end, reached)
            if stop < 0 and not at_end:
                break
            reached, line = len(data) if stop < 0 else stop + len(body.grammar.end), line + 1
            continue
        record = records.record(data, reached, body.grammar, at_end=at_end)
        if record is None:
            break
        reached = record.stop
        if (reason := _reason(record, data, body)) is None:
            pairs = zip(record.cells, record.quoted, strict=True)
            rows.append(tuple(None if cell in nulls and not quoted else cell for cell, quoted in pairs))
            lines.append(line)
        else:
            text = data[record.start : record.stop]
            body.stream.check(text, line)
            malformed.append(Malformed(line, reason, text.decode().rstrip("\r\n")))
        line += record.lines
    return _piece(rows, lines, tuple(malformed), data[start:reached], body), line, reached


def _reason(record: records.Record, data: bytes, body: Body) -> str | None:
    if (
        record.reason is None
        and record.stop - record.start <= 2
        and not data[record.start : record.stop].strip(b"\r\n")
    ):
        return "the line is blank"
    if record.reason is None and len(record.cells) != len(body.names):
        return _width(len(record.cells), body)
    return record.reason


def _piece(
    rows: list[tuple[bytes | None, ...]], lines: list[int], malformed: tuple[Malformed, ...], data: bytes, body: Body
) -> Piece:
    if not rows:
        return nothing(body.names, malformed)
    line: Callable[[int], int] = lines.__getitem__
    columns = [pa.array(column, pa.binary()) for column in zip(*rows, strict=True)]
    try:
        cells = tuple(column.cast(pa.string()) for column in columns)
    except pa.ArrowInvalid:
        body.stream.check(data, lines[0])
        raise
    return _without_headers(Piece(body.names, cells, line, malformed, body.dialect.delimiter or ""), body)
