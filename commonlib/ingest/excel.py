"""Workbooks: one sheet of one is a table, with the types that its cells have. Needs the package openpyxl."""

import datetime
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from commonlib.ingest import values
from commonlib.ingest.errors import IngestError, MissingExtra
from commonlib.ingest.heads import unique_names
from commonlib.ingest.layout import Layout
from commonlib.ingest.members import Member
from commonlib.ingest.reader import Reader
from commonlib.ingest.shapes import Number, Record
from commonlib.ingest.spans import Span


def open_reader(members: Sequence[Member], layout: Layout, scratch: Path) -> Reader:
    """The reader of these workbooks."""
    try:
        import openpyxl  # noqa: F401
    except ImportError as error:
        raise MissingExtra(members[0].name, "Excel workbooks", "openpyxl") from error
    told: dict[str, None] = {}

    def read(member: Member, _: Span | None) -> Iterator[Record]:
        yield from _records(member, layout, scratch, told)

    reader = values.open_reader(members, layout, read)
    return replace(reader, told=(*told, *reader.told))


def _records(member: Member, layout: Layout, scratch: Path, told: dict[str, None]) -> Iterator[Record]:
    rows = _rows(member, layout, scratch)
    header: tuple[str, ...] | None = None
    if layout.dialect.header is False:
        header = tuple(field.name for field in layout.fields)
    for number, cells in rows:
        if number <= layout.dialect.skip:
            continue
        last = max((place for place, cell in enumerate(cells, 1) if cell is not None), default=0)
        if header is None or (header == () and layout.dialect.header is False):
            if not last:
                continue
            shown = ["" if cell is None else values.spell(cell).strip() for cell in cells[:last]]
            names = [f"column_{place}" for place in range(1, last + 1)] if layout.dialect.header is False else shown
            header, renamed = unique_names(names)
            told.update(dict.fromkeys(f"{member.name} row {number}: {note}" for note in renamed))
            if layout.dialect.header is not False:
                continue
        text = "\t".join("" if cell is None else values.spell(cell) for cell in cells[:last])
        yield _record(number, cells[:last], header, text, layout)


def _record(number: int, cells: Sequence[object], header: tuple[str, ...], text: str, layout: Layout) -> Record:
    if not cells:
        return Record(number, {}, text, "the row is empty")
    if len(cells) > len(header):
        return Record(number, {}, text, f"the row has {len(cells)} cells, the header has {len(header)}")
    nulls = layout.dialect.nulls
    absent = (None if isinstance(cell, str) and cell in nulls else cell for cell in cells)
    return Record(number, dict(zip(header, [*absent, *[None] * (len(header) - len(cells))], strict=True)), text)


def _rows(member: Member, layout: Layout, scratch: Path) -> Iterator[tuple[int, list[object]]]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(member.on_disk(scratch), read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises whatever the parts of a broken file make it raise
        raise IngestError(f"{member.name}: is no workbook that can be read: {error}") from error
    try:
        sheet = _sheet(book, member, layout)
        sheet.reset_dimensions()
        for number, row in enumerate(sheet.iter_rows(), 1):
            yield number, [_value(cell) for cell in row]
    finally:
        book.close()


def _sheet(book: Any, member: Member, layout: Layout) -> Any:
    names = [sheet.title for sheet in book.worksheets]
    if layout.sheet is not None:
        if layout.sheet not in names:
            raise IngestError(f"{member.name}: has no sheet {layout.sheet!r}; it has {', '.join(map(repr, names))}")
        return book[layout.sheet]
    filled = []
    for sheet in book.worksheets:
        sheet.reset_dimensions()
        if any(cell.value is not None for row in sheet.iter_rows(max_row=50) for cell in row):
            filled.append(sheet.title)
    if len(filled) != 1:
        raise IngestError(
            f"{member.name}: has {len(filled)} sheets with cells ({', '.join(map(repr, filled or names))}); "
            "say which with --sheet"
        )
    return book[filled[0]]


def _value(cell: Any) -> object:
    value = cell.value
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        # A workbook knows numbers of 64-bit floating point alone; the shortest text that means one is what was typed.
        return Number(repr(value)) if math.isfinite(value) else str(value)
    if isinstance(value, datetime.datetime):
        # Its times are fractions of days, and come with a rounding of some microseconds.
        return (value + datetime.timedelta(microseconds=500)).replace(
            microsecond=(value + datetime.timedelta(microseconds=500)).microsecond // 1000 * 1000
        )
    return value
