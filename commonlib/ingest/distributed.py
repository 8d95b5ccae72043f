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
from commonlib.ingest.fields import Field
from commonlib.ingest.inference import Guesses
from commonlib.ingest.layout import Layout
from commonlib.ingest.members import Member
from commonlib.ingest.pieces import Malformed, Piece
from commonlib.ingest.reader import Reader
from commonlib.ingest.shapes import Records, Shapes
from commonlib.ingest.spans import Span
from commonlib.ingest.streaming import in_order
from commonlib.ingest.tally import Tally
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
class Found:
    """What a task found out of a block: its counts, and what its columns can be."""

    rows: int = 0
    malformed: int = 0
    first: Malformed | None = None
    seen: Guesses | Shapes | None = None
    has_failed: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A member, or a span of it."""

    member: Member
    bytes: int
    span: Span | None = None


Work: TypeAlias = Callable[[Block], Found]


def write(
    reader: Reader,
    members: Sequence[Member],
    location: str,
    tally: Tally,
    progress: Callable[[str], None],
) -> tuple[tuple[Field, ...], tuple[str, ...]]:
    """Write the rows of the members; the columns with their types, and what is worth telling of them."""
    cut = _cut(members, reader.layout, splits=reader.splits)
    progress(f"Spark looks at {len(cut):,} blocks")
    pieces, names, fields = reader.pieces, reader.names, reader.fields
    blocks = _read(cut, lambda block: _count(block, pieces, names, fields), lambda member: _drain(pieces(member, None)))
    guesses, lines = Guesses.of(names), _Lines()
    sure: list[Block] = []
    spoilt: list[Block] = []
    for block, found in blocks:
        line = lines.first(block)
        first = found.first and replace(found.first, line=found.first.line + line - 1)
        tally.count(block.member.name, found.rows, found.malformed, first)
        if isinstance(found.seen, Guesses):
            guesses.add(found.seen, line)
        sure.append(_sure(block, line))
        spoilt += sure[-1:] if found.malformed else []
    progress(f"{tally.rows:,} rows")
    types = fields or guesses.fields
    target = pa.schema([pa.field(field.name, field.arrow) for field in types])
    known = None if fields else guesses
    if not tally.rows:
        return types, ()
    frame = _frame(sure, lambda block: _typed(block, pieces, types, target, known)[0], target)
    tally.elsewhere = _frame(
        spoilt,
        lambda block: _typed(block, pieces, types, target, known)[1],
        tallies.SCHEMA,
    )
    written = spark_frames.write(frame, location, is_new=False)  # the originals are there
    if written != tally.rows:
        raise CommonlibError(f"BUG: {tally.rows:,} rows were counted, and {written:,} written; please report how")
    return types, () if fields else guesses.told()


def look(members: Sequence[Member], read: Records, layout: Layout, *, splits: bool) -> Shapes:
    """The shapes of all records."""
    shapes, lines = Shapes(), _Lines()
    cut = _cut(members, layout, splits=splits)
    for block, found in _read(cut, lambda one: _shape(one, read), lambda member: _drain(read(member, None))):
        if isinstance(found.seen, Shapes):
            shapes.add(found.seen, lines.first(block))
    return shapes


@dataclass(slots=True)
class _Lines:
    """The line on which each block begins, asked for block by block."""

    member: str = ""
    reached: int = 1

    def first(self, block: Block) -> int:
        if block.span is None:
            return 1
        if block.member.name != self.member:
            self.member, self.reached = block.member.name, 1
        line, self.reached = self.reached, self.reached + block.span.lines
        return line


def _sure(block: Block, line: int) -> Block:
    """The block as it is read once it is known where its records begin."""
    span = block.span
    return block if span is None else replace(block, span=Span(span.began if span.start else 0, span.stop, line))


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


def _read(blocks: list[Block], work: Work, alone: Callable[[Member], None]) -> list[tuple[Block, Found]]:
    """Have tasks read the blocks, those that began wrongly again. What cannot be read is read here, and raises so."""
    done: dict[int, tuple[Block, Found]] = {}
    wrong = dict(enumerate(blocks))
    while wrong:
        done |= zip(wrong, _run(list(wrong.values()), work), strict=True)
        wrong = {}
        members: dict[str, list[int]] = {}
        for number, (block, found) in sorted(done.items()):
            if found.has_failed:
                alone(block.member)
                raise CommonlibError(f"BUG: {block.member.name} was read here, and not by Spark; please report how")
            members.setdefault(block.member.name, []).append(number)
        for numbers in members.values():
            spanned = [span for number in numbers if (span := done[number][0].span) is not None]
            for place, span in spans.disagreeing(spanned):
                wrong[numbers[place]] = replace(blocks[numbers[place]], span=span)
    return [found for _, found in sorted(done.items())]


def _run(blocks: Sequence[Block], work: Work) -> list[tuple[Block, Found]]:
    """The blocks, whose spans say what was read of them, with what tasks of Spark found."""

    def done(block: Block) -> Iterator[pa.RecordBatch]:
        try:
            found = work(block)
        except CommonlibError:
            found = Found(has_failed=True)
        yield pa.RecordBatch.from_pydict({"found": pa.array([pickle.dumps((block.span, found))], pa.binary())})

    rows = _frame(blocks, done, pa.schema([("found", pa.binary())])).collect()
    read = (pickle.loads(row[0]) for row in rows)
    return [(replace(block, span=span), found) for block, (span, found) in zip(blocks, read, strict=True)]


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


def _count(block: Block, pieces: Pieces, names: Sequence[str], fields: tuple[Field, ...]) -> Found:
    """How many rows of the block fit, and where there are no types, what they can be."""
    target = pa.schema([pa.field(field.name, field.arrow) for field in fields])
    guesses, found = Guesses.of(names), Found()
    for piece in pieces(block.member, block.span):
        wrong = piece.malformed
        if fields:
            batch, others = casting.cast(in_order(piece, fields), fields, target)
            wrong += others
        else:
            batch = guesses.take(piece)
        found.rows += batch.num_rows
        found.malformed += len(wrong)
        found.first = found.first or (wrong[0] if wrong else None)
    found.seen = None if fields else guesses
    return found


def _shape(block: Block, read: Records) -> Found:
    shapes = Shapes()
    shapes.look(read(block.member, block.span))
    return Found(seen=shapes)


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
