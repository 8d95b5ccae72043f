"""A source becomes typed Parquet; what does not fit is set aside with line and reason, and nothing is lost."""

import datetime
import hashlib
from decimal import Decimal, localcontext
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonlib import ingest, lake
from commonlib.ingest import __main__ as command
from commonlib.ingest import casting, delimited, fixed_width, layout
from commonlib.ingest.pieces import Piece

DATA = Path(__file__).parents[3] / "notebooks" / "adhoc" / "data"

FIXED = b"""
format: fixed-width
columns:
  - {name: id, type: text, start: 1, width: 5}
  - {name: day, type: date, format: yyyyMMdd, start: 7, width: 8}
  - {name: n, type: integer, start: 16, width: 3}
  - {name: amount, type: "decimal(10,2)", start: 20, width: 8}
"""
CSV = b"""
format: csv
columns:
  - {name: id, type: text}
  - {name: day, type: date}
  - {name: n, type: integer}
  - {name: ok, type: boolean}
"""


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("LAKE_ROOT", str(tmp_path / "lake"))
    return tmp_path / "lake"


@pytest.fixture
def place(tmp_path):
    def write(name: str, content: bytes) -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


def test_the_cdnow_purchases_land_whole_with_their_original():
    source = DATA / "CDNOW_master.txt"
    landed = ingest.ingest(source, "raw/purchases", DATA / "purchases.yml")
    assert (landed.rows, landed.malformed, landed.is_new) == (69_659, 0, True)
    frame = lake.read_pandas("raw/purchases")
    assert [(column.name, column.type) for column in landed.version.columns] == [
        ("customer_id", "string"), ("date", "date"), ("quantity", "bigint"), ("amount", "decimal(10,2)"),
    ]  # fmt: skip
    assert list(frame.iloc[0]) == ["00001", datetime.date(1997, 1, 1), 1, Decimal("11.77")]
    assert frame["customer_id"].nunique() == 23_570
    # The same sums, by another way through the same bytes.
    fields = [line.split() for line in source.read_text().splitlines()]
    assert frame["amount"].sum() == sum(Decimal(each[3]) for each in fields)
    assert frame["quantity"].sum() == sum(int(each[2]) for each in fields)
    assert (frame["date"].min(), frame["date"].max()) == (datetime.date(1997, 1, 1), datetime.date(1998, 6, 30))

    (original,) = landed.version.manifest.sources
    kept = Path(landed.version.folder, original.path).read_bytes()
    assert kept == source.read_bytes()
    assert original.sha256 == hashlib.sha256(kept).hexdigest()


def test_the_same_file_landed_twice_is_one_version_and_another_layout_is_another(place, capsys):
    source, schema = place("a.txt", b"00123 19970930   1     1.10\n"), place("a.yml", FIXED)
    call = [str(source), "--dataset", "raw/a", "--schema", str(schema)]
    assert command.main(call) == 0
    assert "is now raw/a version 1: 1 row, none malformed" in capsys.readouterr().out
    assert command.main(call) == 0
    assert "is already there as raw/a version 1" in capsys.readouterr().out
    place("a.txt", b"00124 19970930   1     1.10\n")
    assert command.main(call) == 0
    place("a.txt", b"00123 19970930   1     1.10\n")
    assert command.main(call) == 0
    assert "as raw/a version 1 (the latest is 2)" in capsys.readouterr().out
    schema.write_bytes(FIXED.replace(b"(10,2)", b"(11,2)").replace(b"name: amount", b"name: paid"))
    assert command.main(call) == 0
    assert [version.number for version in lake.versions("raw/a")] == [1, 2, 3]


def test_malformed_lines_are_set_aside_with_line_and_reason_and_the_sum_adds_up(place):
    lines = [
        b"00123 19970930   1     1.10",
        b"00124 19970931   1     1.10",
        b"00125 19970930  x1     1.1x",
        b"00126 1997093",
        b"",
        b"00127 19970930   1     1.10 more",
        b"00128x19970930   1     1.10",
        b"00129".ljust(27),
        b"00130 19970930 007  -000.10\r",
        b"00131 19970930   1    1.105",
        b"00132 19970930   1    1.100",
    ]
    landed = ingest.ingest(place("a.txt", b"\n".join(lines)), "raw/a", place("a.yml", FIXED))
    assert (landed.rows, landed.malformed, landed.rows + landed.malformed) == (4, 7, len(lines))
    assert lake.read_pandas("raw/a").values.tolist() == [
        ["00123", datetime.date(1997, 9, 30), 1.0, Decimal("1.10")],
        ["00129", None, pytest.approx(float("nan"), nan_ok=True), None],
        ["00130", datetime.date(1997, 9, 30), 7.0, Decimal("-0.10")],
        ["00132", datetime.date(1997, 9, 30), 1.0, Decimal("1.10")],
    ]
    assert landed.quarantine == "raw/a_quarantine"
    aside = lake.read_pandas(landed.quarantine).sort_values("line")
    assert list(zip(aside["line"], aside["reason"], strict=True)) == [
        (2, "day: '19970931' is not a date spelled yyyyMMdd"),
        (3, "n: 'x1' is not an integer; amount: '1.1x' is not a decimal(10,2)"),
        (4, "the line has 13 characters, its columns end at 27"),
        (5, "the line is blank"),
        (6, "there is text outside the columns"),
        (7, "there is text outside the columns"),
        (10, "amount: '1.105' is not a decimal(10,2)"),
    ]
    assert list(aside["text"])[1] == lines[2].decode()


def test_a_csv_is_read_by_its_header_whatever_the_order_with_absent_told_from_empty(place):
    text = (
        'n,ok,id,day\n1,true,00123,1997-09-30\n2,FALSE,"",1997-10-01\n3,,,\n4,1,"a\n""b"", c",1997-10-02\n'
        "5,1,x\n6,maybe,x,1997-10-02\n\n9223372036854775808,1,x,1997-10-02\n-7,0,Zoë,1997-10-02\n8,1,x,1997-10-02,more"
    )
    landed = ingest.ingest(place("a.csv", text.encode()), "raw/a", place("a.yml", CSV))
    assert lake.read_pandas("raw/a").astype(object).where(lambda f: f.notna(), None).values.tolist() == [
        ["00123", datetime.date(1997, 9, 30), 1, True],
        ["", datetime.date(1997, 10, 1), 2, False],
        [None, None, 3, None],
        ['a\n"b", c', datetime.date(1997, 10, 2), 4, True],
        ["Zoë", datetime.date(1997, 10, 2), -7, False],
    ]
    aside = lake.read_pandas("raw/a_quarantine").sort_values("line")
    assert list(zip(aside["line"], aside["reason"], strict=True)) == [
        (7, "the row has 3 cells, the header has 4"),
        (8, "ok: 'maybe' is not a boolean"),
        (9, "the line is blank"),
        (10, "n: '9223372036854775808' is not an integer"),
        (12, "the row has 5 cells, the header has 4"),
    ]
    assert landed.rows + landed.malformed == 10


def test_both_forms_read_the_same_in_small_pieces_as_in_one(place, monkeypatch):
    rows = [(f"{number:05d}", number % 1000, number % 97 == 0) for number in range(4000)]
    fixed = "".join(f"{a} {'1997093x' if bad else '19970930'} {n:3d}     1.10\n" for a, n, bad in rows)
    text = "id,day,n,ok\n" + "".join(f"{a},1997-09-30,{n},1{',' * bad}\n" for a, n, bad in rows)
    monkeypatch.setattr(fixed_width, "CHUNK", 1000)
    monkeypatch.setattr(delimited, "BLOCK", 1000)
    for name, content, schema, first in (("f", fixed, FIXED, 1), ("c", text, CSV, 2)):
        landed = ingest.ingest(place(name, content.encode()), f"raw/{name}", place("a.yml", schema))
        bad = [number for number, row in enumerate(rows) if row[2]]
        assert (landed.rows, landed.malformed) == (len(rows) - len(bad), len(bad))
        assert list(lake.read_pandas(f"raw/{name}")["id"]) == [row[0] for row in rows if not row[2]]
        lines = lake.read_pandas(f"raw/{name}_quarantine")["line"]
        assert sorted(lines) == [number + first for number in bad]


def test_bytes_that_are_not_in_the_named_encoding_stop_everything_with_their_line(place):
    source, schema = place("a.csv", "id,day,n,ok\na,,1,1\nZoë,,1,1\n".encode("cp1252")), place("a.yml", CSV)
    with pytest.raises(ingest.UndecodableSource, match=r"a\.csv line 3: is not utf-8.*byte 0xeb at column 3"):
        ingest.ingest(source, "raw/a", schema)
    assert lake.latest("raw/a") is None
    place("a.yml", b"encoding: cp1252" + CSV)
    ingest.ingest(source, "raw/a", schema)
    assert list(lake.read_pandas("raw/a")["id"]) == ["a", "Zoë"]


@pytest.mark.parametrize(
    ("content", "schema", "words"),
    [
        (b"", FIXED, "is empty"),
        (b"a,b\n1,2\n", FIXED, "line 1: the line has 3 characters.*none of the 2 rows fits"),
        (b"id,day,n\n1,,\n", CSV, "lacks 'ok'"),
        (b"id,day,n,ok,more\n1,,\n", CSV, "has 'more' more"),
        (b"id,day,n,n\n1,,\n", CSV, "names 'n' more than once"),
        (b"id,day,n,ok\n", CSV, "has no rows"),
        (b'id,day,n,ok\n"a,,1,1\n', CSV, "none of|no rows"),
    ],
)
def test_a_source_of_which_nothing_fits_is_refused_and_nothing_is_committed(content, schema, words, place):
    with pytest.raises(ingest.IngestError, match=words):
        ingest.ingest(place("a", content), "raw/a", place("a.yml", schema))
    assert lake.latest("raw/a") is None
    assert lake.latest("raw/a_quarantine") is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[", "is not YAML"),
        (b"format: xml", "it is fixed-width, csv, json"),
        (FIXED.replace(b"format: fixed-width", b"format: csv"), "a start or a width, which a csv has not"),
        (FIXED.replace(b"width: 5", b"width: 7"), "columns 'id' and 'day' overlap"),
        (FIXED.replace(b"type: integer", b"type: int"), "the types are text, integer"),
        (FIXED.replace(b"yyyyMMdd", b"YYYYmmdd"), "with 'Y'; write it with yyyy"),
        (FIXED.replace(b"start: 1,", b"start: 0,"), "whole numbers from 1"),
        (FIXED.replace(b"name: n,", b"name: ID,"), "differ in case only"),
        (b"encoding: klingon" + FIXED, "'klingon' is not known here"),
        (b"kolumns: 1" + FIXED, "the layout has 'kolumns'"),
        (CSV.replace(b"integer", b'"decimal(3,4)"'), "no more places than digits"),
    ],
)
def test_a_wrong_layout_says_what_and_where(content, words):
    with pytest.raises(ingest.BadLayout, match=words) as refused:
        layout.parse(content, "purchases.yml")
    assert str(refused.value).startswith("purchases.yml: ")


def test_the_command_says_in_one_line_what_is_wrong(place, capsys):
    call = ["/no/such/file", "--dataset", "raw/a", "--schema", str(place("a.yml", FIXED))]
    assert command.main(call) == 1
    assert capsys.readouterr().err == "error: /no/such/file: cannot be read: No such file or directory\n"
    with pytest.raises(SystemExit) as stopped:
        command.main(["x"])
    assert stopped.value.code == 2


@given(
    st.one_of(
        st.decimals(allow_nan=False, allow_infinity=False).map(lambda d: f"{d:f}"[:45]),
        st.text("0123456789+-.", max_size=14),
    )
)
def test_a_decimal_is_taken_exactly_or_not_at_all(text):
    import pyarrow as pa

    found = layout.parse(b'{format: csv, columns: [{name: a, type: "decimal(10,2)"}]}', "x")
    cell = pa.array([text], pa.string())
    piece = Piece(("a",), (cell,), lambda row: row + 1)
    batch, wrong = casting.cast(piece, found.fields, found.schema)
    assert len(batch) + len(wrong) == 1
    if len(batch) and text:
        assert batch[0][0].as_py() == Decimal(text)
    elif wrong:
        try:
            value = Decimal(text)
        except ArithmeticError:
            return
        with localcontext(prec=100):
            fits = abs(value) < 10**8 and value == value.quantize(Decimal("0.01"))
        assert not fits or len(text) > 28
