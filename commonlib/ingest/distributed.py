"""Landing by Spark, where a source is big: tasks read blocks of it with the very code that reads it on one machine.

A block is a member, or a span of a long one. Spark reads all of them once to find where records begin, on which line,
and what type each column has; then again, to write the rows. So the result is that of one machine, wherever it is cut.
"""

import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, TypeAlias, cast

import pyarrow as pa

from commonlib import session
from commonlib.errors import CommonlibError
from commonlib.ingest import casting, encodings, spans
from commonlib.ingest import tally as tallies
from commonlib.ingest.inference import Guesses
from commonlib.ingest.layout import Field, Layout
from commonlib.ingest.members import Member
from commonlib.ingest.pieces import Malformed, Piece
from commonlib.ingest.reader import Reader
from commonlib.ingest.spans import Span
from commonlib.ingest.streaming import in_order
from commonlib.ingest.tally import Tally
from commonlib.ingest.values import Records, Shapes
from commonlib.lake import schema, spark_frames, spark_remote
from commonlib.lake.storage import Storage

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from commonlib.lake.spark_source import Reach

# What one task reads, about; and what is cut off a member that can be read by spans.
BYTES = 64 << 20

Pieces: TypeAlias = Callable[[Member, Span | None], Iterator[Piece]]


@dataclass(frozen=True, slots=True)
class Remote:
    """A file in object storage, which a worker opens by itself."""

    reach: "Reach"
    path: str

    def open(self, _: Literal["rb"], /) -> BinaryIO:
        return cast(BinaryIO, self.reach.filesystem().open_input_file(self.path))


def place(storage: Storage, path: str) -> Path | Remote:
    """Where workers read the file; a lake on a disk is on one that they share."""
    scheme, is_url, rest = storage.location(path).partition("://")
    return Remote(spark_remote.reach(scheme), rest) if is_url else Path(storage.local(path))


@dataclass(slots=True)
class Block:
    """A member, or a span of it; what a task found out of it."""

    member: Member
    bytes: int
    span: Span | None = None
    rows: int = 0
    malformed: int = 0
    first: Malformed | None = None
    seen: Guesses | Shapes | None = None
    has_failed: bool = False


Work: TypeAlias = Callable[[Block], None]


def write(
    reader: Reader,
    members: Sequence[Member],
    location: str,
    tally: Tally,
    progress: Callable[[str], None],
) -> tuple[tuple[Field, ...], tuple[str, ...]]:
    """Write the rows of the members; the columns with their types, and what is worth telling of them."""
    blocks = _cut(members, reader.layout, splits=reader.splits)
    progress(f"Spark looks at {len(blocks):,} blocks")
    pieces, names, fields = reader.pieces, reader.names, reader.fields
    _read(blocks, lambda block: _count(block, pieces, names, fields), lambda member: _drain(pieces(member, None)))
    guesses, lines = Guesses.of(names), _Lines()
    for block in blocks:
        line = lines.first(block)
        first = block.first and replace(block.first, line=block.first.line + line - 1)
        tally.count(block.member.name, block.rows, block.malformed, first)
        if isinstance(block.seen, Guesses):
            guesses.add(block.seen, line)
        block.seen = None
    progress(f"{tally.rows:,} rows")
    types = fields or guesses.fields
    target = pa.schema([pa.field(field.name, field.arrow) for field in types])
    known = None if fields else guesses
    if not tally.rows:
        return types, ()
    frame = _frame(blocks, lambda block: _typed(block, pieces, types, target, known)[0], target)
    tally.elsewhere = _frame(
        [block for block in blocks if block.malformed],
        lambda block: _typed(block, pieces, types, target, known)[1],
        tallies.SCHEMA,
    )
    written = spark_frames.write(frame, location, is_new=False)  # the originals are there
    if written != tally.rows:
        raise CommonlibError(f"BUG: {tally.rows:,} rows were counted, and {written:,} written; please report how")
    return types, () if fields else guesses.told()


def look(members: Sequence[Member], read: Records, layout: Layout, *, splits: bool) -> Shapes:
    """The shapes of all records."""
    blocks, shapes, lines = _cut(members, layout, splits=splits), Shapes(), _Lines()
    _read(blocks, lambda block: _shape(block, read), lambda member: _drain(read(member, None)))
    for block in blocks:
        if isinstance(block.seen, Shapes):
            shapes.add(block.seen, lines.first(block))
    return shapes


@dataclass(slots=True)
class _Lines:
    """The line on which each block begins, asked for block by block; what is read again begins there then."""

    member: str = ""
    reached: int = 1

    def first(self, block: Block) -> int:
        if block.span is None:
            return 1
        if block.member.name != self.member:
            self.member, self.reached = block.member.name, 1
        line, self.reached = self.reached, self.reached + block.span.lines
        block.span = Span(block.span.began if block.span.start else 0, block.span.stop, line)
        return line


def _cut(members: Sequence[Member], layout: Layout, *, splits: bool) -> list[Block]:
    blocks = []
    for member in members:
        size, is_plain = BYTES, False
        if member.place is not None:
            with member.open() as stream:
                is_plain = encodings.find(stream.read(4), layout.encoding) in encodings.PLAIN
                size = stream.seek(0, os.SEEK_END)
        if splits and is_plain and size > BYTES:
            blocks += [Block(member, BYTES, span) for span in spans.cut(size, BYTES)]
        else:
            blocks.append(Block(member, size))
    return blocks


def _read(blocks: list[Block], work: Work, alone: Callable[[Member], None]) -> None:
    """Have tasks read the blocks, those that began wrongly again. What cannot be read is read here, and raises so."""
    wrong = dict(enumerate(blocks))
    while wrong:
        for number, done in zip(wrong, _run(list(wrong.values()), work), strict=True):
            blocks[number] = done
        wrong = {}
        for member, numbers in _spanned(blocks).items():
            for place, span in spans.disagreeing([blocks[number].span or Span(0, 0) for number in numbers]):
                wrong[numbers[place]] = Block(blocks[numbers[place]].member, BYTES, span)
            if any(blocks[number].has_failed for number in numbers):
                alone(blocks[numbers[0]].member)
                raise CommonlibError(f"BUG: {member} was read here, and not by Spark; please report how")


def _spanned(blocks: Sequence[Block]) -> dict[str, list[int]]:
    """The numbers of the blocks of each member."""
    found: dict[str, list[int]] = {}
    for number, block in enumerate(blocks):
        found.setdefault(block.member.name, []).append(number)
    return found


def _run(blocks: Sequence[Block], work: Work) -> list[Block]:
    """The blocks as tasks of Spark leave them."""

    def done(block: Block) -> Iterator[pa.RecordBatch]:
        try:
            work(block)
        except CommonlibError:
            block.has_failed = True
        found = replace(block, member=None)
        yield pa.RecordBatch.from_pydict({"found": pa.array([pickle.dumps(found)], pa.binary())})

    rows = _frame(blocks, done, pa.schema([("found", pa.binary())])).collect()
    return [replace(pickle.loads(row[0]), member=block.member) for row, block in zip(rows, blocks, strict=True)]


def _frame(
    blocks: Sequence[Block], read: Callable[[Block], Iterator[pa.RecordBatch]], target: pa.Schema
) -> "DataFrame":
    """What tasks read of the blocks, in their order; small ones share a task."""
    tasks: list[list[Block]] = []
    size = BYTES
    for block in blocks:
        if size + block.bytes > BYTES:
            tasks.append([])
            size = 0
        tasks[-1].append(block)
        size += block.bytes

    def rows(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                for block in tasks[number]:
                    yield from read(block)

    spark = session.get_spark()
    numbers = spark.range(0, len(tasks), 1, max(1, len(tasks)))
    return numbers.mapInArrow(rows, schema.ddl(schema.columns_of(target)))


def _count(block: Block, pieces: Pieces, names: Sequence[str], fields: tuple[Field, ...]) -> None:
    """How many rows of the block fit, and where there are no types, what they can be."""
    target = pa.schema([pa.field(field.name, field.arrow) for field in fields])
    guesses = Guesses.of(names)
    for piece in pieces(block.member, block.span):
        wrong = piece.malformed
        if fields:
            wrong += casting.cast(in_order(piece, fields), fields, target)[1]
        else:
            guesses.take(piece)
        block.rows += piece.rows - (len(wrong) - len(piece.malformed))
        block.malformed += len(wrong)
        block.first = block.first or (wrong[0] if wrong else None)
    block.seen = None if fields else guesses


def _shape(block: Block, read: Records) -> None:
    shapes = Shapes()
    shapes.look(read(block.member, block.span))
    block.seen = shapes


def _typed(
    block: Block, pieces: Pieces, fields: tuple[Field, ...], target: pa.Schema, guesses: Guesses | None
) -> tuple[Iterator[pa.RecordBatch], Iterator[pa.RecordBatch]]:
    """The rows of the block that fit, and those that do not, each to be read by itself."""

    def both() -> Iterator[tuple[pa.RecordBatch, tuple[Malformed, ...]]]:
        for piece in pieces(block.member, block.span):
            if guesses is None:
                batch, wrong = casting.cast(in_order(piece, fields), fields, target)
                yield batch, piece.malformed + wrong
            else:
                yield guesses.values(piece), piece.malformed

    name = block.member.name
    return (batch for batch, _ in both()), (tallies.batch(name, wrong) for _, wrong in both() if wrong)


def _drain(things: Iterator[object]) -> None:
    for _ in things:
        pass
