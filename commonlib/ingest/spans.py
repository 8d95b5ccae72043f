"""Stretches of a long text that are read apart, and together give what one reader gives of the whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO


@dataclass(slots=True)
class Span:
    """The records that begin at `start` or behind it, and before `stop`, both counted in bytes from the text's begin.

    Where the record begins is not known when `is_sure` is false: then it is taken to be after the first line's end,
    which may be wrong, since cells may hold lines' ends. The reader says where it began and where it ended, and how
    many lines that were.
    """

    start: int
    stop: int
    line: int = 1
    is_sure: bool = True
    began: int = 0
    reached: int = 0
    lines: int = 0

    def place(self, stream: BinaryIO, end: bytes = b"\n") -> None:
        """Put the open text to where the span's first record begins."""
        at = self.start
        if not self.is_sure and at:
            stream.seek(at - 1)
            at -= 1
            while (chunk := stream.read(64 << 10)) and (found := chunk.find(end)) < 0:
                at += len(chunk)
            at += found + len(end) if chunk else 0
        self.began = self.reached = at
        stream.seek(at)


def cut(size: int, each: int) -> list[Span]:
    """Spans of about so many bytes, of which only the first is sure of its beginning."""
    return [Span(start, min(start + each, size), is_sure=start == 0) for start in range(0, max(1, size), each)]


def disagreeing(spans: Sequence[Span]) -> Iterator[tuple[int, Span]]:
    """Spans of one text that were read and did not begin where the one before ended, as they are to be read again.

    One behind such a span waits, since that may end elsewhere then. When there are none, the spans together were read
    as one reader reads the whole.
    """
    is_waiting = False
    for number, (before, span) in enumerate(pairwise(spans), 1):
        is_waiting = not is_waiting and span.began != before.reached
        if is_waiting:
            yield number, Span(before.reached, span.stop)


class Lines:
    """The whole lines of a span: for texts in which every line's end is a record's end."""

    def __init__(self, stream: BinaryIO, span: Span) -> None:
        self._stream, self._span = stream, span
        span.place(stream)
        self._is_over = span.began >= span.stop

    def read(self, size: int, /) -> bytes:
        if self._is_over:
            return b""
        chunk, span = self._stream.read(size), self._span
        if span.reached + len(chunk) >= span.stop:
            found = chunk.find(b"\n", max(0, span.stop - 1 - span.reached))
            if found >= 0:
                self._is_over, chunk = True, chunk[: found + 1]
        span.reached += len(chunk)
        span.lines += chunk.count(b"\n")
        return chunk
