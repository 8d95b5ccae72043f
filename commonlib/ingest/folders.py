"""Folders named `year=2024`, as Hive names them, are columns of the files in them: `year=2024/part-0.csv`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import pyarrow as pa

from commonlib.ingest import forms
from commonlib.ingest.fields import Field
from commonlib.ingest.inference import Guesses
from commonlib.ingest.layout import Layout
from commonlib.ingest.members import Member
from commonlib.ingest.pieces import Piece
from commonlib.ingest.reader import Reader
from commonlib.ingest.shapes import Look, look
from commonlib.ingest.spans import Span

# What Hive and Spark write for a null.
_NULL = "__HIVE_DEFAULT_PARTITION__"


def keys_of(name: str) -> dict[str, str | None]:
    """What the folders of a file say, by column: `a=1/b=x/c.csv` says a and b."""
    pairs = (part.partition("=") for part in PurePosixPath(name).parent.parts)
    found = {unquote(key): unquote(value) for key, is_pair, value in pairs if key and is_pair}
    return {key: None if value in (_NULL, "") else value for key, value in found.items()}


def open_reader(members: Sequence[Member], layout: Layout, scratch: Path, look: Look = look) -> Reader:
    """The reader of these members, with the columns that their folders' names make. Raises IngestError."""
    keys = {member.name: keys_of(member.name) for member in members}
    names = list(dict.fromkeys(key for each in keys.values() for key in each))
    if not names:
        return forms.open_reader(members, layout, scratch, look)
    wanted = [field.name for field in layout.fields]
    # A column of the schema that the files hold themselves is read from them.
    asked = [name for name in names if name in wanted]
    inner = replace(layout, fields=tuple(field for field in layout.fields if field.name not in asked))
    reader = forms.open_reader(members, inner, scratch, look)
    told = [
        f"folders say {name!r}, which the files have, too; theirs is taken" for name in names if name in reader.names
    ]
    if wanted:
        told += [f"folders say {name!r}, which the schema has not; left out" for name in names if name not in wanted]
        names = asked
    names = [name for name in names if name not in reader.names]
    told += [f"column {name!r} is from the names of folders" for name in names if not wanted]
    told += [
        f"{file}: no folder says {n!r}; absent there" for file, said in keys.items() for n in names if n not in said
    ]

    def pieces(member: Member, span: Span | None = None) -> Iterator[Piece]:
        said = keys[member.name]
        for piece in reader.pieces(member, span):
            more = (pa.array([said.get(name)] * piece.rows, pa.string()) for name in names)
            yield replace(piece, names=(*piece.names, *names), cells=(*piece.cells, *more))

    fields = layout.fields
    if reader.fields and not fields:
        fields = (*reader.fields, *_typed(names, list(keys.values())))
    return Reader(
        tuple(wanted) or (*reader.names, *names), fields, pieces, replace(reader.layout, fields=layout.fields),
        (*reader.told, *told), reader.splits,
    )  # fmt: skip


def _typed(names: Sequence[str], said: Sequence[dict[str, str | None]]) -> tuple[Field, ...]:
    """Beside columns that have types, those of the folders, from all of their names."""
    if not names:
        return ()
    guesses = Guesses.of(names)
    cells = tuple(pa.array([each.get(name) for each in said], pa.string()) for name in names)
    guesses.take(Piece(tuple(names), cells, lambda row: row + 1))
    return guesses.fields
