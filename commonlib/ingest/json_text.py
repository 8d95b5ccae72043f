"""JSON and JSON lines: each object is a row. Numbers keep all their digits, and what is nested stays so."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from commonlib.ingest import shapes, values
from commonlib.ingest.encodings import Utf8
from commonlib.ingest.errors import IngestError
from commonlib.ingest.layout import Layout
from commonlib.ingest.members import Member
from commonlib.ingest.reader import Reader, text_of
from commonlib.ingest.shapes import Look, Number, Record
from commonlib.ingest.spans import Span

CHUNK = 4 << 20
_BLANKS = " \t\r\n"


def open_reader(members: Sequence[Member], layout: Layout, look: Look = shapes.look) -> Reader:
    """The reader of these members. A file called .json that holds an object a line is read as lines, and told."""
    told = []
    if layout.form == "json" and layout.records is None and all(_is_lines(member, layout) for member in members):
        layout = replace(layout, form="jsonl")
        told = [f"{members[0].name}: has an object in each line, so a line is a row"]

    def read(member: Member, span: Span | None) -> Iterator[Record]:
        with member.open() as stream:
            text = text_of(member, stream, layout, span)
            if layout.form == "jsonl":
                yield from _lines(text, span.line if span is not None else 1)
            else:
                yield from _document(text, member, layout)

    reader = values.open_reader(members, layout, read, look, splits=layout.form == "jsonl")
    lists = [field.name for field in reader.fields if field.type.startswith("list<struct<")]
    if layout.form == "json" and lists and not layout.fields and all(_is_object(member, layout) for member in members):
        told.append(
            f"a file is one object and so one row; when the records are in {lists[0]!r}, say --records {lists[0]}"
        )
    return replace(reader, told=(*told, *reader.told))


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice!r} stands twice in one object")
    return found


def _constant(text: str) -> object:
    raise ValueError(f"{text} is no JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=Number, parse_int=Number, parse_constant=_constant, strict=False
)


def _record(text: str, line: int) -> Record:
    try:
        found = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        return Record(line, {}, text, _reason(error))
    return _of_value(found, line, text)


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"it is no JSON: {error.msg} at character {error.pos + 1}"
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _of_value(found: object, line: int, text: str) -> Record:
    if not isinstance(found, dict):
        return Record(line, {}, text, "the record is no object with names")
    if not found:
        return Record(line, {}, text, "the object is empty")
    if "\\u" in text and _has_half(found):
        return Record(line, {}, text, "a text has half a character (a lone surrogate)")
    return Record(line, found, text)


def _has_half(value: object) -> bool:
    match value:
        case str():
            return any("\ud800" <= character <= "\udfff" for character in value)
        case list():
            return any(map(_has_half, value))
        case dict():
            return any(_has_half(name) or _has_half(inner) for name, inner in value.items())
    return False


def _lines(stream: Utf8, number: int) -> Iterator[Record]:
    rest = b""
    while True:
        chunk = stream.read(CHUNK)
        data = rest + chunk
        stop = data.rfind(b"\n") + 1 if chunk else len(data)
        data, rest = data[:stop], data[stop:]
        stream.check(data, number)
        lines = data.decode().split("\n")
        for line in lines[:-1] if chunk or not lines[-1] else lines:
            text = line.strip(_BLANKS)
            yield _record(text, number) if text else Record(number, {}, line, "the line is blank")
            number += 1
        if not chunk:
            return


def _is_lines(member: Member, layout: Layout) -> bool:
    """Whether the first two lines are each an object of its own."""
    with member.open() as stream:
        text = text_of(member, stream, layout)
        head = text.read(1 << 20)
    lines = [line for line in head.decode(errors="replace").split("\n")[:2] if line.strip()]
    return len(lines) == 2 and lines[1].lstrip().startswith("{") and _record(lines[0], 1).reason is None


def _is_object(member: Member, layout: Layout) -> bool:
    with member.open() as stream:
        return text_of(member, stream, layout).read(1 << 10).lstrip().startswith(b"{")


def _document(stream: Utf8, member: Member, layout: Layout) -> Iterator[Record]:
    """The objects of a list, one after another, or the one object; or the list that `records` names in it."""
    text, line, is_list, at_end, count = "", 1, False, False, 0
    position = 0
    if layout.records is not None:
        yield from _inner(_whole(stream), member, layout.records)
        return
    while True:
        while position < len(text) and (text[position] in _BLANKS or (is_list and count and text[position] == ",")):
            line += text[position] == "\n"
            position += 1
        if count == 0 and not is_list and text[position : position + 1] == "[":
            is_list, position = True, position + 1
            continue
        if is_list and text[position : position + 1] == "]":
            return
        try:
            found, stop = _DECODER.raw_decode(text, position) if position < len(text) else (None, -1)
            is_whole = stop >= 0 and (stop < len(text) or at_end)
        except (ValueError, RecursionError) as error:
            if at_end or not isinstance(error, json.JSONDecodeError) or error.pos < len(text) - 64:
                at = line + text.count("\n", position, getattr(error, "pos", position))
                raise IngestError(f"{member.name} line {at}: {_reason(error)}; mend it, nothing was landed") from error
            is_whole = False
        if is_whole:
            yield _of_value(found, line, text[position:stop])
            line, position, count = line + text.count("\n", position, stop), stop, count + 1
            continue
        if at_end:
            if is_list:
                raise IngestError(
                    f"{member.name} line {line}: the list is not closed; the file is cut off, get it again"
                )
            return
        chunk = _more(stream, line, len(text) - position)
        at_end, text, position = not chunk, text[position:] + chunk, 0


def _more(stream: Utf8, line: int, size: int) -> str:
    """More text, at least as much again as is waiting, cut between characters."""
    data = b""
    while len(data) < max(CHUNK, size) and (chunk := stream.read(CHUNK)):
        data += chunk
    while data and data[-1] >= 0x80 and (byte := stream.read(1)):
        data += byte
    stream.check(data, line)
    return data.decode()


def _whole(stream: Utf8) -> str:
    parts = []
    while chunk := stream.read(CHUNK):
        parts.append(chunk)
    data = b"".join(parts)
    stream.check(data, 1)
    return data.decode()


def _inner(text: str, member: Member, path: str) -> Iterator[Record]:
    try:
        found: object = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise IngestError(f"{member.name}: {_reason(error)}; mend it, nothing was landed") from error
    for name in path.split("."):
        if not isinstance(found, dict) or name not in found:
            there = ", ".join(map(repr, list(found)[:8])) if isinstance(found, dict) else "no names"
            raise IngestError(f"{member.name}: has no list {path!r}; there it has {there}")
        found = found[name]
    if not isinstance(found, list):
        raise IngestError(f"{member.name}: {path!r} is no list of records")
    for number, value in enumerate(found, 1):
        yield _of_value(value, number, values.spell(value))
