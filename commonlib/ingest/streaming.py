"""Landing on one machine: the pieces of a source one after another, in bounded memory, into one Parquet file."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pyarrow as pa

from commonlib.ingest import casting, parquet_out
from commonlib.ingest.ahead import ahead
from commonlib.ingest.fields import Field
from commonlib.ingest.inference import Guesses
from commonlib.ingest.members import Member
from commonlib.ingest.pieces import Piece
from commonlib.ingest.reader import Reader
from commonlib.ingest.tally import Tally


def write(
    reader: Reader, members: Sequence[Member], location: str, tally: Tally, progress: Callable[[str], None]
) -> tuple[tuple[Field, ...], tuple[str, ...]]:
    """Write the rows of the members; the columns with their types, and what is worth telling of them."""
    if reader.fields:
        _by_types(reader, members, location, tally, progress)
        return reader.fields, ()
    guesses = _by_cells(reader, members, location, tally, progress)
    return guesses.fields, guesses.told()


def in_order(piece: Piece, fields: tuple[Field, ...]) -> Piece:
    """The piece with the columns of the fields; one that a file lacks is absent."""
    names = tuple(field.name for field in fields)
    if piece.names == names:
        return piece
    there = dict(zip(piece.names, piece.cells, strict=True))
    cells = tuple(there[field.name] if field.name in there else pa.nulls(piece.rows, field.arrow) for field in fields)
    return replace(piece, names=names, cells=cells)


def _pieces(reader: Reader, members: Sequence[Member], tally: Tally) -> Iterator[tuple[Member, Piece]]:
    for member in members:
        tally.add(member.name, 0, ())
        yield from ((member, piece) for piece in reader.pieces(member))


def _by_types(
    reader: Reader, members: Sequence[Member], location: str, tally: Tally, progress: Callable[[str], None]
) -> None:
    schema = pa.schema([pa.field(field.name, field.arrow) for field in reader.fields])
    with parquet_out.opened(location, schema) as out:
        for member, piece in ahead(_pieces(reader, members, tally)):
            batch, wrong = casting.cast(in_order(piece, reader.fields), reader.fields, schema)
            tally.add(member.name, batch.num_rows, piece.malformed + wrong)
            out.write(batch)
            progress(f"{tally.rows:,} rows")


def _by_cells(
    reader: Reader, members: Sequence[Member], location: str, tally: Tally, progress: Callable[[str], None]
) -> Guesses:
    """Infer the types while writing; when a cell shows that one was too narrow, read on and write it all again."""
    guesses = Guesses.of(reader.names)
    is_settled, is_known = False, False
    while not is_settled:
        tally.reset()
        is_settled = True
        types: tuple[str, ...] | None = guesses.types if is_known else None
        out = None
        stack = contextlib.ExitStack()
        with stack:
            for member, piece in ahead(_pieces(reader, members, tally)):
                batch = guesses.take(piece)
                tally.add(member.name, batch.num_rows, piece.malformed)
                types = types or guesses.types
                is_settled = is_settled and types == guesses.types
                if is_settled:
                    out = out or stack.enter_context(parquet_out.opened(location, batch.schema))
                    out.write(batch)
                progress(f"{tally.rows:,} rows")
        is_known = True
    return guesses
