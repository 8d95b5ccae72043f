"""Sources in every form: packed, many files, JSON, workbooks, columnar; and texts with every surprise."""

import bz2
import datetime
import gzip
import io
import json
import lzma
import random
import zipfile
from decimal import Decimal

import pyarrow as pa
import pyarrow.orc
import pyarrow.parquet as pq
import pytest

from commonlib import ingest, lake
from commonlib.ingest import __main__ as command
from commonlib.ingest.dialect import Dialect
from commonlib.ingest.layout import Layout

CSV = b"id,v\n1,x\n2,\xc3\xab\n"
ROWS = [[1, "x"], [2, "ë"]]


def rows(dataset: str = "raw/a") -> list[list]:
    frame = lake.read_pandas(dataset).astype(object)
    return frame.where(frame.notna(), None).values.tolist()


def zipped(**files: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", CSV),
        ("bom.csv", b"\xef\xbb\xbf" + CSV),
        ("crlf.csv", CSV.replace(b"\n", b"\r\n")),
        ("mac.csv", CSV.replace(b"\n", b"\r")),
        ("mac_and_one_feed.csv", b"id,v\r1,x\r2,\xc3\xab\r\n"),
        ("semicolons.csv", CSV.replace(b",", b";")),
        ("a.tsv", CSV.replace(b",", b"\t")),
        ("utf16.csv", CSV.decode().encode("utf-16")),
        ("no_end.csv", CSV.rstrip()),
        ("a.csv.gz", gzip.compress(CSV[:10]) + gzip.compress(CSV[10:])),
        ("a.csv.bz2", bz2.compress(CSV)),
        ("a.csv.xz", lzma.compress(CSV)),
        ("a.csv.zst", pa.compress(CSV, "zstd", asbytes=True)),
        ("a.zip", zipped(a_csv=CSV)),
        ("a.jsonl", b'{"id": 1, "v": "x"}\n{"v": "\\u00eb", "id": 2}\n'),
        ("a.json", b'[{"id": 1, "v": "x"},\n {"v": "\\u00eb", "id": 2}]'),
        ("lines.json", b'{"id": 1, "v": "x"}\n{"v": "\\u00eb", "id": 2}\n'),
        ("odd \"name\"; 'x'.csv", CSV),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_same_rows_come_of_every_form(name, content, place):
    source = place(name, content)
    found = ingest.ingest(source, "raw/a")
    assert rows() == ROWS
    assert [field.type for field in found.layout.fields] == ["integer", "text"]
    (original,) = found.version.manifest.sources
    assert (source.parents[1] / "lake" / "raw" / "a" / original.path).read_bytes() == content
    assert not ingest.ingest(source, "raw/a").is_new


def test_columnar_files_keep_their_types_and_what_a_lake_has_not_becomes_what_holds_it(place):
    table = pa.table(
        {
            "id": pa.array([1, None], pa.uint64()),
            "d": pa.array([Decimal("1.10"), None], pa.decimal128(5, 2)),
            "t": pa.array([datetime.datetime(2020, 1, 1), None], pa.timestamp("ns", "Europe/Berlin")),
            "c": pa.array(["x", None]).dictionary_encode(),
            "n": pa.array([{"a": [1]}, None], pa.struct([("a", pa.list_(pa.int32()))])),
        }
    )
    source = place("b.parquet", b"")
    pq.write_table(table, source)
    ingest.ingest(source, "raw/a")
    assert [(column.name, column.type) for column in lake.latest("raw/a").columns] == [
        ("id", "decimal(20,0)"), ("d", "decimal(5,2)"), ("t", "timestamp"), ("c", "string"),
        ("n", "struct<`a`:array<int>>"),
    ]  # fmt: skip
    assert rows()[0][:2] == [Decimal(1), Decimal("1.10")]
    pa.orc.write_table(
        table.select(["d", "c"]).cast(pa.schema([("d", pa.decimal128(5, 2)), ("c", pa.string())])),
        source.with_name("c.orc"),
    )
    ingest.ingest(source.with_name("c.orc"), "raw/c")
    assert rows("raw/c") == [[Decimal("1.10"), "x"], [None, None]]


def test_json_keeps_digits_and_nesting_and_tells_what_is_mixed(place):
    lines = [
        '{"id": 12345678901234567890, "zip": "00123", "price": 1.10, "tags": ["a"], "at": {"x": 1}, "m": 1}',
        '{"id": 1, "price": 2, "at": {"x": 2.5, "y": null}, "m": {"k": [1.50, "é"]}, "late": true}',
        "",
        '{"id": ',
        '{"id": 1, "id": 2}',
        "[1]",
        '{"price": NaN}',
        '{"zip": "\\ud800"}',
        '{"id": ' + "[" * 100_000 + "]" * 100_000 + "}",
    ]
    found = ingest.ingest(place("a.jsonl", "\n".join(lines)), "raw/a")
    assert {field.name: field.type for field in found.layout.fields} == {
        "id": "decimal(38,0)", "zip": "text", "price": "decimal(18,2)", "tags": "list<text>",
        "at": "struct<x: decimal(18,1), y: text>", "m": "text", "late": "boolean",
    }  # fmt: skip
    assert [row[0] for row in rows()] == [Decimal("12345678901234567890"), Decimal(1)]
    assert [row[5] for row in rows()] == ["1", '{"k": [1.50, "é"]}']
    assert json.loads(rows()[1][5]) == {"k": [1.5, "é"]}
    assert "column 'm' holds integer (first in line 1) and object (first in line 2)" in " ".join(found.told)
    aside = lake.read_pandas("raw/a_quarantine").sort_values("line")
    assert list(aside["line"]) == [3, 4, 5, 6, 7, 8, 9]
    assert "'id' stands twice" in aside["reason"].iloc[2]


def test_many_files_are_one_version_counted_by_file_with_what_each_lacks(place):
    place("all/a.csv", "a,b\n1,2\n1\n")
    place("all/sub/b.csv", "c,a\n2.5,3\n")
    place("all/empty.csv", "")
    folder = place("all/.DS_Store", "x").parent
    found = ingest.ingest(folder, "raw/a")
    assert found.files == (("a.csv", 1, 1), ("sub/b.csv", 1, 0))
    assert rows() == [[1, 2, None], [3, None, Decimal("2.5")]]
    told = " ".join(found.told)
    assert "sub/b.csv lacks 'b'" in told
    assert ".DS_Store is left out" in told
    assert "empty.csv is empty and left out" in told
    assert list(lake.read_pandas("raw/a_quarantine")["source"]) == ["a.csv"]
    assert {source.path.rpartition("_source/")[2] for source in found.version.manifest.sources} == {
        "a.csv",
        "sub/b.csv",
    }
    assert ingest.ingest(str(folder / "*.csv"), "raw/b").files == ()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "a.csv.gz",
            gzip.compress(b"a,b\n" + random.Random(1).randbytes(9999).hex().encode())[:-99],
            "cannot be unpacked",
        ),
        ("a.csv.gz", b"a,b\n1,2\n", "is not packed so"),
        ("a.csv", b"a,b;c\n1,2;3\n", "may be parted by ',' .*, ';'"),
        ("a.csv", b"1,2020-01-01\n2,2020-01-02\n", "say --header .*--no-header"),
        ("a.csv", b"# x\n# y\na,b\n1,2\n", "--comment '#'"),
        ("a.csv", b"Report\na,b\n1,2\n", "line 2: the row has 2 cells, the header has 1.*say --skip"),
        ("a.csv", "id,v\n1,Zoë\n".encode("cp1252"), "line 2: is not utf-8.*'1,Zoë' in cp1252"),
        ("a.csv", "id,v\n1,Zoë\n".encode("utf-16-le"), r"every other byte is 0.*--encoding utf-16-le"),
        ("a.xyz", CSV, "say it with --format"),
        ("a.json", b'[{"a": 1}, {"a": 2}', "list is not closed"),
        ("a.json", b'[{"a": 1},\n {"a": 2,}]', "line 2: it is no JSON"),
        ("a.parquet", b"PAR1 and so on", "no parquet that can be read"),
        ("a.xls", b"\xd0\xcf\x11\xe0....", "save it as .xlsx"),
        ("a.zip", zipped(a_csv=CSV, b_json=b"[]"), "several forms"),
        ("a.tar", b"\0" * 257 + b"ustar" + b"\0" * 300, "tar archive"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_for_certain_is_refused_with_what_to_do(name, content, words, place):
    with pytest.raises(ingest.IngestError, match=words):
        ingest.ingest(place(name, content), "raw/a")
    assert lake.latest("raw/a") is None


def test_the_command_line_says_what_a_text_does_not(place, capsys):
    source = place("a.dat", b"made by x\n# c\n'1'|NA|Zo\xeb\n'2'|'NA'|a\\|b\n")
    options = ["--delimiter=|", "--quote='", "--escape=\\", "--comment=#", "--skip=1", "--no-header", "--null=NA"]
    assert command.main([str(source), "--dataset=raw/a", "--encoding=cp1252", *options]) == 0
    assert rows() == [[1, None, "Zoë"], [2, "NA", "a|b"]]
    assert "column_1  integer" in capsys.readouterr().out


def test_headers_that_are_doubled_empty_or_come_again_are_told_and_no_row_is_lost(place):
    found = ingest.ingest(place("a.csv", "id,ID,,v\n1,2,3,4\nid,ID,,v\n5,6,7,8\n"), "raw/a")
    assert [field.name for field in found.layout.fields] == ["id", "ID_2", "column_3", "v"]
    assert rows() == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert list(lake.read_pandas("raw/a_quarantine")["reason"]) == ["it is the header once more"]
    assert "column 2 is called 'ID_2' here" in " ".join(found.told)


def test_long_and_wide_and_strange_texts_are_read_whole(place):
    big = "x" * 10_000_000
    assert ingest.ingest(place("a.csv", f'id,v\n1,"{big}"\n2,{big}\n3,\0\n'), "raw/a").rows == 3
    assert [len(row[1]) for row in rows()] == [10_000_000, 10_000_000, 1]
    names = [f"c{number}" for number in range(3000)]
    wide = "\n".join(",".join(each) for each in (names, *[[str(n) for n in range(3000)]] * 3))
    assert len(ingest.ingest(place("w.csv", wide), "raw/w").layout.fields) == 3000
    text = 'id,v\n1,"open\n2,5" pipe\n3,"a"b\n4,x\ry\n5,"say ""no"""\n'
    assert ingest.ingest(place("q.csv", text), "raw/q").malformed == 2
    assert rows("raw/q") == [[2, '5" pipe'], [4, "x\ry"], [5, 'say "no"']]


def test_a_workbook_lands_with_the_types_of_its_cells(place):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["id", "zip", "day", "price", "at"])
    book.active.append([1, "00123", datetime.date(2020, 1, 2), 1.1, datetime.datetime(2020, 1, 2, 3, 4, 5)])
    book.active.append([2, None, None, 2, datetime.datetime(2020, 1, 2)])
    source = place("a.xlsx", b"")
    book.create_sheet("more").append(["x"])
    book.save(source)
    with pytest.raises(ingest.IngestError, match=r"2 sheets with cells.*--sheet"):
        ingest.ingest(source, "raw/a")
    found = ingest.ingest(source, "raw/a", layout=Layout(sheet="Sheet"))
    assert [field.type for field in found.layout.fields] == [
        "integer",
        "text",
        "date",
        "decimal(18,1)",
        "timestamp_ntz",
    ]
    assert rows()[0][:4] == [1, "00123", datetime.date(2020, 1, 2), Decimal("1.1")]


def test_a_form_that_needs_a_package_says_which(place, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with pytest.raises(ingest.IngestError, match=r"openpyxl is needed: pip install 'nbpromote\[forms\]'"):
        ingest.ingest(place("a.xlsx", zipped(**{"xl/workbook_xml": b""})), "raw/a", layout=Layout(form="excel"))


def test_a_layout_of_a_command_and_of_a_file_differ_in_nothing_but_where_they_stand(place):
    ingest.ingest(place("a.csv", "1;NA\n"), "raw/a", layout=Layout(dialect=Dialect(";", header=False, nulls=("NA",))))
    columns = "[{name: column_1, type: integer}, {name: column_2, type: text}]"
    schema = place("a.yml", f"{{format: csv, delimiter: ';', header: false, nulls: [NA], columns: {columns}}}")
    ingest.ingest(place("a.csv", "1;NA\n"), "raw/b", schema)
    assert rows("raw/a") == rows("raw/b") == [[1, None]]


def test_avro_keeps_its_types_and_a_file_cut_off_is_refused(place):
    fastavro = pytest.importorskip("fastavro")
    schema = {
        "type": "record", "name": "r", "fields": [
            {"name": "id", "type": "long"},
            {"name": "d", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 2}]},
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
            {"name": "f", "type": "double"},
            {"name": "b", "type": "bytes"},
            {"name": "tags", "type": {"type": "array", "items": "string"}},
        ],
    }  # fmt: skip
    at = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    records = [
        {"id": n, "d": Decimal("1.10") if n else None, "at": at, "f": 0.5, "b": b"\xff", "tags": ["x"]}
        for n in range(500)
    ]
    source = place("a.avro", b"")
    with source.open("wb") as stream:
        fastavro.writer(stream, schema, records)
    ingest.ingest(source, "raw/a")
    assert [column.type for column in lake.latest("raw/a").columns] == [
        "bigint", "decimal(18,2)", "timestamp", "double", "binary", "array<string>",
    ]  # fmt: skip
    assert lake.read_pandas("raw/a")["d"].sum() == Decimal("548.90")
    source.write_bytes(source.read_bytes()[:-20])
    with pytest.raises(ingest.IngestError, match="cannot be read to its end"):
        ingest.ingest(source, "raw/b")


def test_names_of_folders_are_columns_typed_from_all_of_them_in_every_form(place, tmp_path):
    for number, (folder, code) in enumerate(
        (("year=2023/code=007", 1), ("year=2024/code=__HIVE_DEFAULT_PARTITION__", 2))
    ):
        place(f"csv/{folder}/a.csv", f"id,v\n{code},x\n")
        place(f"json/{folder}/a.jsonl", json.dumps({"id": code, "v": "x"}) + "\n")
        path = place(f"parquet/{folder}/a{number}.parquet", b"")
        pq.write_table(pa.table({"id": [code], "v": ["x"]}), path)
    for form in ("csv", "json", "parquet"):
        found = ingest.ingest(tmp_path / "sources" / form, f"raw/{form}")
        assert rows(f"raw/{form}") == [[1, "x", 2023, "007"], [2, "x", 2024, None]], form
        assert [(each.name, each.type) for each in found.version.columns] == [
            ("id", "bigint"), ("v", "string"), ("year", "bigint"), ("code", "string"),
        ]  # fmt: skip
        assert "column 'year' is from the names of folders" in found.told
        again = ingest.ingest(tmp_path / "sources" / form, f"raw/{form}", layout=found.layout)
        assert again.version.rows == 2
    place("csv/year=soon/b.csv", "id,v\n3,x\n")
    schema = place(
        "s.yml", "format: csv\ncolumns: [{name: year, type: integer}, {name: id, type: integer}, {name: v, type: text}]"
    )
    found = ingest.ingest(tmp_path / "sources" / "csv", "raw/schema", schema)
    assert rows("raw/schema") == [[2023, 1, "x"], [2024, 2, "x"]]
    assert "folders say 'code', which the schema has not; left out" in found.told
    assert "year: 'soon' is not an integer" in lake.read_pandas("raw/schema_quarantine")["reason"].iloc[0]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("jdbc:mysql://me:secret@db/shop", "holds a password; take it out"),
        ("jdbc:oracle:thin:me/secret@//db:1521/shop", "holds a password; take it out"),
        ("sqlserver://db;password=secret", "read by Spark and the vendor's driver: write jdbc:sqlserver:"),
        ("sqlite:///shop.db", "or export the table"),
    ],
)
def test_a_database_that_is_not_read_is_refused_with_another_way_and_without_its_password(url, words):
    with pytest.raises(ingest.IngestError, match=words) as refused:
        ingest.ingest(url, "raw/a", table="orders")
    assert "secret" not in str(refused.value)
