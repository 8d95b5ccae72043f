"""Types without a schema: from all the cells, the narrowest that holds each exactly, and never a wrong one silently."""

import datetime
import itertools
import re
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonlib import ingest, lake
from commonlib.ingest import __main__ as command
from commonlib.ingest import delimited, heads, inference
from commonlib.ingest.pieces import Piece
from commonlib.ingest.spelling import is_plain

NAMES = (f"raw/a{number}" for number in itertools.count())


def landed(place, *cells: str):
    """What a column of these cells becomes: its type, its values, and what is told of it."""
    text = "\n".join(["row,x", *(f"{number},{cell}" for number, cell in enumerate(cells))])
    found = ingest.ingest(place("a.csv", text), name := next(NAMES))
    return found.layout.fields[1].type, lake.read_pandas(name)["x"].tolist(), " ".join(found.told)


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (["1", "-20", " 3 "], "integer", [1, -20, 3]),
        (["00123", "45678"], "text", ["00123", "45678"]),
        (["+49123", "1"], "text", ["+49123", "1"]),
        (["9223372036854775807", "1"], "integer", [9223372036854775807, 1]),
        (["9223372036854775808", "-1"], "decimal(38,0)", [Decimal("9223372036854775808"), Decimal(-1)]),
        (["1" * 39, "1"], "text", ["1" * 39, "1"]),
        (["1.10", "-0.005", "12"], "decimal(18,3)", [Decimal("1.100"), Decimal("-0.005"), Decimal("12.000")]),
        (["0.1234567890123456789", "12"], "decimal(38,19)", [Decimal("0.1234567890123456789"), Decimal(12)]),
        (["1.5e-3", "2"], "number", [0.0015, 2.0]),
        (["1E5", "2E6"], "text", ["1E5", "2E6"]),
        (["1.5e999", "2"], "text", ["1.5e999", "2"]),
        (["0x1F", "2"], "text", ["0x1F", "2"]),
        (["true", "FALSE"], "boolean", [True, False]),
        (["yes", "no"], "text", ["yes", "no"]),
        (["0", "1"], "integer", [0, 1]),
        (["2020-02-29", "1999-12-31"], "date", [datetime.date(2020, 2, 29), datetime.date(1999, 12, 31)]),
        (["2021-02-29", "1999-12-31"], "text", ["2021-02-29", "1999-12-31"]),
        (["03/04/2020", "31/12/2020"], "text", ["03/04/2020", "31/12/2020"]),
        (["20200131", "20200201"], "integer", [20200131, 20200201]),
        (["2020-01-01 10:00", "2020-01-01T10:00:00.5"], "timestamp_ntz", None),
        (["2020-01-01T10:00:00+02:00", "2020-01-01T08:00:00Z"], "timestamp", None),
        (["2020-01-01T10:00:00.123456789", "2020-01-01T10:00:00"], "text", None),
        (["2020-01-01", "2020-01-01 10:00"], "text", ["2020-01-01", "2020-01-01 10:00"]),
        (["1", "NA"], "text", ["1", "NA"]),
        (["1.234,5", "2"], "text", None),
        (["nan", "1.5"], "text", ["nan", "1.5"]),
    ],
)  # fmt: skip
def test_a_column_gets_the_type_that_holds_each_of_its_cells_exactly(cells, kind, values, place):
    found = landed(place, *(f'"{cell}"' if "," in cell else cell for cell in cells))
    assert found[0] == kind
    assert values is None or found[1] == values


def test_what_is_uncertain_is_told_with_the_line_and_what_to_do(place):
    assert "'zip' has digits behind a zero" not in landed(place, "1", "2")[2]
    assert "such as '007' (line 3); it is text" in landed(place, "1", "007")[2]
    assert "day or month first, such as '03/04/2020'" in landed(place, "03/04/2020")[2]
    told = landed(place, "1", "2", "NA")[2]
    assert "'x' holds integers such as '1' (first in line 2) and other texts such as 'NA' (first in line 4)" in told
    assert "say --null NA" in told
    assert "has no value at all" in landed(place, "", "")[2]
    assert "which may round" in landed(place, "1.5e-3")[2]
    assert "has an empty text (first in line 3)" in landed(place, "1", '""')[2]


def test_one_cell_late_in_the_file_decides_as_much_as_the_first(place, monkeypatch):
    monkeypatch.setattr(delimited, "BLOCK", 1000)
    monkeypatch.setattr(heads, "HEAD", 1000)
    for late, kind, last in (("x", "text", "x"), ("1.25", "decimal(18,2)", Decimal("1.25")), ("", "integer", None)):
        kinds, values, _ = landed(place, *map(str, range(3000)), late)
        assert kinds == kind
        assert len(values) == 3001
        assert values[-1] == last or values[-1] != values[-1]
        assert [str(value).removesuffix(".00").removesuffix(".0") for value in values[:-1]] == [*map(str, range(3000))]


CELLS = st.one_of(
    st.none(),
    st.sampled_from(
        ["", "0", "-0", "7", "00", "1.5", ".5", "-12.25", "-0.000", "1e5", "1.0e-3", "true", "2020-01-01", "x", " 8 "]
    ),
    st.integers(-(10**20), 10**20).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(lambda d: f"{d:f}"),
)


@given(st.lists(CELLS, min_size=1, max_size=12), st.integers(1, 12))
@settings(max_examples=150, deadline=None)
def test_the_type_is_the_same_however_the_cells_are_cut_and_no_value_is_another_number(cells, cut):
    def take(*pieces):
        guess = inference.Guess("x")
        for part in [each for each in pieces if each]:
            array = pa.array(part, pa.string())
            values = guess.take(array, Piece(("x",), (array,), lambda row: row + 1))
        return guess.type, values

    kind, values = take(cells)
    assert take(cells[:cut], cells[cut:])[0] == kind
    assert take(*([cell] for cell in cells))[0] == kind
    for cell, value in zip(cells, values.to_pylist(), strict=True):
        if kind == "text":
            assert value == cell
        elif cell is None or not cell.strip():
            assert value is None
        elif kind == "integer" or kind.startswith("decimal"):
            assert value == Decimal(cell)


def test_the_inferred_schema_is_written_and_the_next_landing_is_checked_against_it(place, tmp_path, capsys):
    source = place("a b.csv", 'id;"a: b";when;amount\n1;x;2020-01-01T10:00:00Z;1,5\n2;;2020-01-02T10:00:00Z;2,5\n')
    schema = tmp_path / "a.yml"
    call = [str(source), "--dataset", "raw/a", "--write-schema", str(schema)]
    assert command.main(call) == 0
    said = capsys.readouterr().out
    assert "when    timestamp" in said
    assert "the cells are parted by ';'" in said
    assert "numbers with commas, such as '1,5'" in said
    assert command.main([str(source), "--dataset", "raw/b", "--schema", str(schema)]) == 0
    assert lake.read_pandas("raw/b").equals(lake.read_pandas("raw/a"))
    place("a b.csv", 'amount;id;"a: b";when\n1,5;1;x;2020-01-01T10:00:00Z\n1;x2;;\n')
    capsys.readouterr()
    assert command.main([str(source), "--dataset", "raw/b", "--schema", str(schema)]) == 0
    assert "1 row, 1 malformed" in (said := capsys.readouterr().out)
    assert "\n  a b.csv: its columns stand in another order" in said
    assert command.main(call) == 1
    assert "is there already" in capsys.readouterr().err


def is_number(text: str) -> bool:
    try:
        return pa.array([text]).cast(pa.decimal128(38, 9)) is not None
    except pa.ArrowInvalid:
        return False


@given(
    st.lists(st.none() | st.from_regex(r"\A[-+]?[0-3]{0,3}(\.[0-3]{0,4})?(e1)?\Z").filter(is_number)), st.integers(0, 3)
)
def test_numbers_are_plain_by_their_bytes_when_they_are_by_an_expression(texts, places):
    expression = rf"-?(0|[1-9]\d*)|-?(0|[1-9]\d*)?\.\d{{1,{places}}}" if places else r"-?(0|[1-9]\d*)"
    cells = pa.array(["x", *texts, "x"], pa.string()).slice(1, len(texts))
    there = [text for text in texts if text is not None]
    assert is_plain(cells, places) == (bool(there) and all(re.fullmatch(expression, text) for text in there))
