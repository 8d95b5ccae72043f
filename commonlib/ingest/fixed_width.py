"""Fixed-width text: every line has the same columns at the same characters, with blanks between."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from commonlib.ingest.encodings import Utf8
from commonlib.ingest.layout import Layout
from commonlib.ingest.pieces import Malformed, Piece

CHUNK = 8 << 20


def pieces(stream: Utf8, layout: Layout, number: int = 1) -> Iterator[Piece]:
    """The lines of the text from this number on, some megabytes at a time. Raises UndecodableSource."""
    rest = b""
    while chunk := stream.read(CHUNK):
        data = rest + chunk
        stop = data.rfind(b"\n") + 1
        data, rest = data[:stop], data[stop:]
        if data:
            stream.check(data, number)
            # Not str.splitlines, for which a form feed or a Unicode separator ends a line as well.
            lines = data.decode().split("\n")[:-1]
            yield _piece(lines, number, layout)
            number += len(lines)
    if rest:
        stream.check(rest, number)
        yield _piece([rest.decode()], number, layout)


def _piece(lines: list[str], first: int, layout: Layout) -> Piece:
    texts = pa.array([line.removesuffix("\r") for line in lines], pa.string())
    numbers = pa.array(range(first, first + len(lines)), pa.int64())
    end = max(field.span[1] for field in layout.fields)
    is_whole = pc.greater_equal(pc.utf8_length(texts), end)
    for start, stop in _gaps(layout):
        blank = pc.equal(pc.utf8_trim(pc.utf8_slice_codeunits(texts, start, stop), characters=" "), "")
        is_whole = pc.and_(is_whole, blank)
    wrong = pc.invert(is_whole)
    malformed = tuple(
        Malformed(line, _reason(text, end), text)
        for line, text in zip(numbers.filter(wrong).to_pylist(), texts.filter(wrong).to_pylist(), strict=True)
    )
    texts, numbers = texts.filter(is_whole), numbers.filter(is_whole)
    cells = tuple(pc.utf8_trim(pc.utf8_slice_codeunits(texts, *field.span), characters=" ") for field in layout.fields)
    names = tuple(field.name for field in layout.fields)
    cells = tuple(pc.if_else(pc.equal(each, ""), None, each) for each in cells)
    return Piece(names, cells, lambda row: int(numbers[row].as_py()), malformed, texts=texts)


def _gaps(layout: Layout) -> list[tuple[int, int | None]]:
    """The characters that belong to no column, which must be blank: what stands there was misread."""
    gaps: list[tuple[int, int | None]] = []
    reached = 0
    for start, stop in sorted(field.span for field in layout.fields):
        if start > reached:
            gaps.append((reached, start))
        reached = stop
    return [*gaps, (reached, None)]


def _reason(text: str, end: int) -> str:
    if not text.strip():
        return "the line is blank"
    if len(text) < end:
        return f"the line has {len(text)} characters, its columns end at {end}"
    return "there is text outside the columns"
