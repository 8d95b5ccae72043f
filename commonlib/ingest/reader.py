"""A source that is open, of whatever form: its columns, and how its members are read as pieces."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from commonlib.ingest import encodings
from commonlib.ingest.errors import IngestError
from commonlib.ingest.fields import Field
from commonlib.ingest.layout import Layout
from commonlib.ingest.members import Member
from commonlib.ingest.pieces import Piece
from commonlib.ingest.spans import Lines, Span


class Pieces(Protocol):
    """How a member is read, or a span of one, where the reader splits members."""

    def __call__(self, member: Member, span: Span | None = None, /) -> Iterator[Piece]: ...


@dataclass(frozen=True, slots=True)
class Reader:
    """A source that is open: its columns, and how to read a member.

    `fields` have the types of the columns, those of the layout or the source's own; they are empty where the types are
    inferred from the cells. `layout` is what was declared, and what was found out. `splits` is whether plain members in
    UTF-8 can be read by spans.
    """

    names: tuple[str, ...]
    fields: tuple[Field, ...]
    pieces: Pieces
    layout: Layout
    told: tuple[str, ...] = ()
    splits: bool = False


def text_of(member: Member, stream: BinaryIO, layout: Layout, span: Span | None = None) -> encodings.Utf8:
    """The member's text, or the lines of a span. An encoding that is not declared is what its mark says, or UTF-8."""
    head = stream.read(4)
    encoding = encodings.find(head, layout.encoding)
    if span is not None:
        return encodings.Utf8(Lines(stream, span), encoding, member.name, is_start=span.start == 0)
    return encodings.Utf8(encodings.Again(head, stream), encoding, member.name)


def match(names: Sequence[str], layout: Layout, where: str) -> tuple[str, ...]:
    """That a source has the columns of the layout and no more; a note when their order differs. Raises IngestError."""
    wanted = [field.name for field in layout.fields]
    missing, unknown = [n for n in wanted if n not in names], [n for n in names if n not in wanted]
    if missing or unknown:
        told = [f"lacks {', '.join(map(repr, missing))}"] if missing else []
        told += [f"has {', '.join(map(repr, unknown))} more"] if unknown else []
        raise IngestError(f"{where}: the header {' and '.join(told)}; change the columns of the layout, or the file")
    return () if [*names] == wanted else ("its columns stand in another order than in the layout; names decide",)


def union(columns: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Every column of any file, and what some of them lack, in words. Raises IngestError for files that share none."""
    whole = tuple(dict.fromkeys(name for names in columns.values() for name in names))
    first, theirs = next(iter(columns.items()))
    told = []
    for file, names in columns.items():
        if not set(names) & set(theirs):
            raise IngestError(
                f"{first} and {file} have no column in common; land them as datasets of their own, or say --no-header"
            )
        if missing := [name for name in whole if name not in names]:
            shown = ", ".join(map(repr, missing[:5])) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
            told.append(f"{file} lacks {shown}, which other files have; absent there")
    return whole, tuple(told)
