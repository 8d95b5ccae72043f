from hypothesis import given
from hypothesis import strategies as st

from nbpromote.analysis.facts import Span
from nbpromote.promotion.rewriting import Lines, Rewrite, rewrite

SOURCE = "a = 1\nb = f(a,\n      2)\nc = b\n"


def at(line: int, column: int, end_line: int, end_column: int, text: str) -> Rewrite:
    return Rewrite("cell", Span(line, column, end_line, end_column), text)


def test_what_is_not_touched_stays_byte_for_byte() -> None:
    text = "x = 1  # ünïcode\r\n\ty  =  2\n"
    assert rewrite(text, []) == text
    assert rewrite(text, [at(1, 0, 1, 1, "z")]) == text.replace("x", "z", 1)


def test_edits_are_made_at_the_places_of_the_original() -> None:
    edits = [at(1, 4, 1, 5, "100"), at(2, 6, 2, 7, "long_name"), at(4, 4, 4, 5, "d")]
    assert rewrite(SOURCE, edits) == "a = 100\nb = f(long_name,\n      2)\nc = d\n"
    assert rewrite(SOURCE, reversed(edits)) == rewrite(SOURCE, edits)


def test_an_edit_within_a_larger_one_gives_way() -> None:
    assert rewrite(SOURCE, [at(2, 6, 2, 7, "x"), at(2, 0, 4, 0, "")]) == "a = 1\nc = b\n"


def test_two_insertions_at_one_place_keep_their_order() -> None:
    assert rewrite("ab", [at(1, 1, 1, 1, "1"), at(1, 1, 1, 1, "2")]) == "a12b"


def test_a_part_is_rewritten_alone() -> None:
    span = Span(2, 0, 4, 0)
    assert rewrite(SOURCE, [at(1, 0, 1, 1, "z"), at(3, 6, 3, 7, "3")], span) == "b = f(a,\n      3)\n"


@given(st.text(alphabet="ab\n é", max_size=30), st.data())
def test_replacing_a_span_by_its_own_text_changes_nothing(source: str, data: st.DataObject) -> None:
    lines = Lines(source)
    rows = source.split("\n")
    line = data.draw(st.integers(1, len(rows)))
    start = data.draw(st.integers(0, len(rows[line - 1])))
    end = data.draw(st.integers(start, len(rows[line - 1])))
    span = Span(line, start, line, end)
    assert rewrite(source, [Rewrite("cell", span, lines.text(span))]) == source
