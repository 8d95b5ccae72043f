"""A delimited text is read alike however it is cut and whichever way it is read; every line is a row or set aside."""

import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from commonlib.ingest import delimited, encodings, heads, spans
from commonlib.ingest.dialect import Dialect

TEXTS = st.lists(
    st.sampled_from(
        ["a", "b,c", ",", "\n", '"', '""', '","', '"\n', "\r\n", "\r", "#", "\\", " ", "é", "\0", "a,b\n", "1"]
    ),
    max_size=30,
).map("".join)


def read(text: str, dialect: Dialect, *, block: int, slowly: bool) -> tuple[list[tuple], list[tuple]]:
    """Every row with its line, and what was set aside."""
    rows, aside = [], []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "BLOCK", block)
        patch.setattr(heads, "HEAD", block)
        if slowly:
            patch.setattr(delimited, "clean_until", lambda data, start, *_, at_end: start)
        stream = encodings.Utf8(io.BytesIO(("p,q\n" + text).encode()), "utf-8", "x.csv")
        collect(delimited.pieces(heads.open_text(stream, "x.csv", dialect).body), rows, aside)
    return rows, sorted(aside)


def collect(pieces, rows, aside):
    for piece in pieces:
        table = list(zip(*(column.to_pylist() for column in piece.cells), strict=True))
        rows += [(piece.line(number), *row) for number, row in enumerate(table)]
        aside += [(one.line, one.reason, one.text) for one in piece.malformed]


def read_apart(text: str, dialect: Dialect, *, each: int) -> tuple[list[tuple], list[tuple]]:
    """The same by spans of so many bytes, each read without the others until all agree, then with their lines."""
    content = ("p,q\n" + text).encode()

    def read_one(span: spans.Span, rows: list, aside: list) -> None:
        stream = io.BytesIO(content)
        head = heads.open_text(encodings.Utf8(stream, "utf-8", "x.csv"), "x.csv", dialect)
        collect(delimited.pieces_of(head.body, stream, span), rows, aside)

    found = spans.cut(len(content), each)
    wrong = dict(enumerate(found))
    while wrong:
        for number, span in wrong.items():
            found[number] = span
            read_one(span, [], [])
        wrong = dict(spans.disagreeing(found))
    rows, aside, line = [], [], 1
    for span in found:
        sure = spans.Span(span.began if span.start else 0, span.stop, line)
        read_one(sure, rows, aside)
        assert (sure.reached, sure.lines) == (span.reached, span.lines)
        line += span.lines
    return rows, sorted(aside)


@given(TEXTS, st.sampled_from([Dialect(",", header=True), Dialect(",", comment="#", escape="\\", header=True)]))
@example('a,"b\n', Dialect(",", header=True))
@example('a,"b\nc,"d"\n', Dialect(",", header=True))
@settings(max_examples=150, deadline=None)
def test_a_text_is_read_alike_at_once_and_record_by_record_in_pieces_of_any_size(text, dialect):
    slow = read(text, dialect, block=1 << 20, slowly=True)
    assert read(text, dialect, block=1 << 20, slowly=False) == slow
    assert read(text, dialect, block=7, slowly=False) == slow
    assert read(text, dialect, block=1, slowly=True) == slow
    for each in (1, 5, 13):
        assert read_apart(text, dialect, each=each) == slow


@given(TEXTS)
@settings(max_examples=100, deadline=None)
def test_every_line_belongs_to_one_row_or_one_that_was_set_aside(text):
    rows, aside = read(text, Dialect(",", header=True), block=64, slowly=False)
    heights = {row[0]: 1 + sum((cell or "").count("\n") for cell in row[1:]) for row in rows}
    heights |= {line: 1 + kept.count("\n") for line, _, kept in aside}
    assert len(heights) == len(rows) + len(aside)
    line = 2
    while line in heights:
        line += heights.pop(line)
    assert not heights
    assert line == 2 + text.count("\n") + bool(text and not text.endswith("\n"))
