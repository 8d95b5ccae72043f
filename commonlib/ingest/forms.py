"""The forms of sources, each opened in its own way."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from commonlib.ingest import delimited, fixed_width, heads
from commonlib.ingest.dialect import Dialect
from commonlib.ingest.errors import IngestError
from commonlib.ingest.layout import Layout
from commonlib.ingest.members import Member
from commonlib.ingest.pieces import Piece
from commonlib.ingest.reader import Reader, match, text_of, union
from commonlib.ingest.shapes import Look, look
from commonlib.ingest.spans import Span


def open_reader(members: Sequence[Member], layout: Layout, scratch: Path, look: Look = look) -> Reader:
    """The reader of these members, which are of one form. Raises IngestError.

    `look` finds the shapes of records where no types are known.
    """
    found = {layout.form} if layout.form else {member.form for member in members}
    forms = sorted(form for form in found if form)
    if len(forms) > 1:
        names = ", ".join(f"{next(each.name for each in members if each.form == form)} ({form})" for form in forms)
        raise IngestError(
            f"files of several forms cannot be landed together: {names}; name those of one, as in '*.csv'"
        )
    layout = replace(layout, form=forms[0])
    match forms[0]:
        case "csv":
            return _delimited(members, layout)
        case "fixed-width":
            return _fixed_width(layout)
        case "json" | "jsonl":
            from commonlib.ingest import json_text

            return json_text.open_reader(members, layout, look)
        case "excel":
            from commonlib.ingest import excel

            return excel.open_reader(members, layout, scratch)
        case _:
            from commonlib.ingest import columnar

            return columnar.open_reader(members, layout, scratch, look)


def _delimited(members: Sequence[Member], layout: Layout) -> Reader:
    wanted = tuple(field.name for field in layout.fields)
    columns: dict[str, tuple[str, ...]] = {}
    told: dict[str, list[str]] = {}
    found = layout
    for member in members:
        dialect = _dialect(member, layout)
        with member.open() as stream:
            text = text_of(member, stream, layout)
            head = heads.open_text(text, member.name, dialect, wanted)
        columns[member.name] = head.body.names
        notes = [*head.told]
        if layout.encoding is None and text.encoding != "utf-8":
            notes.append(f"its byte order mark says that it is {text.encoding}")
        if wanted:
            notes += match(head.body.names, layout, f"{member.name} line {head.line}")
        for note in notes:
            told.setdefault(note.removeprefix(f"{member.name}: "), []).append(member.name)
        found = replace(
            layout,
            encoding=layout.encoding or ("utf-8-sig" if text.encoding == "utf-8" else text.encoding),
            dialect=replace(head.body.dialect, header=head.body.header is not None),
        )
    whole, lacking = union(columns)

    def pieces(member: Member, span: Span | None = None) -> Iterator[Piece]:
        with member.open() as stream:
            text = text_of(member, stream, layout)
            body = heads.open_text(text, member.name, _dialect(member, layout), wanted).body
            yield from delimited.pieces(body) if span is None else delimited.pieces_of(body, stream, span)

    said = tuple(f"{_files(files)}: {note}" for note, files in told.items())
    return Reader(wanted or whole, layout.fields, pieces, found, (*said, *lacking), splits=True)


def _dialect(member: Member, layout: Layout) -> Dialect:
    is_tabbed = layout.dialect.delimiter is None and any(
        suffix in member.name.lower().split("/")[-1] for suffix in (".tsv", ".tab")
    )
    return replace(layout.dialect, delimiter="\t") if is_tabbed else layout.dialect


def _files(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _fixed_width(layout: Layout) -> Reader:
    if not layout.fields:
        raise IngestError(
            "fixed-width text needs a layout that says where its columns stand; write one, and --schema it"
        )

    def pieces(member: Member, span: Span | None = None) -> Iterator[Piece]:
        with member.open() as stream:
            text = text_of(member, stream, layout, span)
            yield from fixed_width.pieces(text, layout, span.line if span is not None else 1)

    return Reader(tuple(field.name for field in layout.fields), layout.fields, pieces, layout, splits=True)
