"""Hive partition stores: a run owns its partition, and values of every type and script come back as they were."""

import datetime
import string
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commonlib import lake
from commonlib.lake import arrow_frames, logs, partitions

NAME = "derived/parts"
TEXTS = [
    "", None, "00123", "123", "1d", "1e5", "null", "NULL", "None", "nan", "true", "1997-09-30", ".", "..", " ", " a ",
    "a/b=c", "%41", "A", "a", "\u00e9", "e\u0301", "日本", "عربي", "\u202e\U0001f469\u200d", "x'y\"z", "{a}[b]*?",
    "\n\t", "C:\\x", "_x", "x" * 200, "日" * 70,
]  # fmt: skip
MOMENT = datetime.datetime(2020, 3, 29, 1, 30, 0, 123400, tzinfo=datetime.UTC)
TYPED = {
    "text": (pa.string(), ["", "00123", None]),
    "day": (pa.date32(), [datetime.date(1, 1, 1), datetime.date(9999, 12, 31), None]),
    "at": (pa.timestamp("us", "UTC"), [MOMENT, datetime.datetime(1960, 1, 1, tzinfo=datetime.UTC), None]),
    "local": (pa.timestamp("us"), [MOMENT.replace(tzinfo=None), datetime.datetime(1999, 12, 31, 23, 59, 59), None]),
    "price": (pa.decimal128(10, 2), [Decimal("-0.50"), Decimal("12345678.00"), None]),
    "n": (pa.int32(), [-1, 0, None]),
    "big": (pa.int64(), [-(2**63), 2**63 - 1, None]),
    "ok": (pa.bool_(), [True, False, None]),
}

values = st.one_of(
    st.none(),
    st.text(max_size=40),
    st.text(string.printable, max_size=30),
    st.sampled_from(TEXTS),
)
typed_values = st.one_of(
    st.text(max_size=40).filter(lambda text: "\0" not in text and len(text.encode()) < 60),
    st.dates(),
    st.datetimes(timezones=st.one_of(st.none(), st.just(datetime.UTC))),
    st.integers(-(2**63), 2**63 - 1),
    st.decimals(allow_nan=False, allow_infinity=False, places=5, min_value=-(10**9), max_value=10**9),
    st.booleans(),
)


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("LAKE_ROOT", str(tmp_path / "lake"))
    return tmp_path / "lake"


def rows(version: int | None = None) -> list[tuple[object, ...]]:
    found = arrow_frames.read(logs.open_log(NAME).find(version))
    return [tuple(row.values()) for row in found.to_pylist()]


def typed_table() -> pa.Table:
    schema = pa.schema([("id", pa.int64()), *((name, kind) for name, (kind, _) in TYPED.items())])
    return pa.table({"id": [0, 1, 2], **{name: items for name, (_, items) in TYPED.items()}}, schema=schema)


@given(values, typed_values)
def test_any_value_becomes_one_folder_and_comes_back(text, other):
    for value in (text, other):
        try:
            (found,) = partitions.partition_values({"k": value})
        except lake.BadName:
            assert isinstance(value, str)
            assert "\0" in value or value in {partitions.NULL, partitions.EMPTY}
            continue
        name, _, spelled = found.folder.partition("=")
        assert name == "k"
        assert spelled
        assert "/" not in spelled
        assert partitions.values_of(f"{found.folder}/part.parquet") == {"k": found.text}
        assert found.text == value or not isinstance(value, str | None)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(TEXTS), typed_values), min_size=1, max_size=4), st.randoms())
def test_what_one_run_parts_is_read_back_value_by_value(drawn, chance):
    kind = type(drawn[0][1])
    told = [(text, value if isinstance(value, kind) and type(value) is kind else None) for text, value in drawn] * 2
    if len({getattr(value, "tzinfo", None) for _, value in told if value is not None}) > 1:
        told = [(text, None) for text, _ in told]
    chance.shuffle(told)
    table = pa.table({"n": range(len(told)), "text": [one for one, _ in told], "other": [one for _, one in told]})
    for name in ("text", "other"):
        if pa.types.is_null(table.schema.field(name).type):
            table = table.set_column(table.schema.get_field_index(name), name, table.column(name).cast(pa.string()))
    name = f"derived/p{len(list(logs.list_datasets()))}"
    version = lake.write(table, name, partition_by=["text", "other"])
    found = arrow_frames.read(version).sort_by("n")
    assert found.select(table.column_names).to_pylist() == table.to_pylist()
    assert len(version.files) == len(set(told))


def test_a_run_owns_its_partition_and_writing_it_again_leaves_none_of_what_was_there():
    def write(run: str | None, *countries: str | None) -> lake.Version:
        frame = pd.DataFrame({"n": range(len(countries)), "country": pd.Series(countries, dtype="string")})
        return lake.write(frame, NAME, partition={"run_id": run}, partition_by=["country"])

    write("00123", "CH", "FR", None, "")
    write("123", "CH")
    write(None, "DE")
    write("", "DE")
    again = write("00123", "CH", "IT")
    assert {row[1:] for row in rows()} == {
        ("00123", "CH"), ("00123", "IT"), ("123", "CH"), (None, "DE"), ("", "DE"),
    }  # fmt: skip
    assert write("00123", "CH", "IT").rows == again.rows == 5
    assert {row[1:] for row in rows(1)} == {("00123", "CH"), ("00123", "FR"), ("00123", None), ("00123", "")}
    assert [(one.name, one.type) for one in again.columns] == [
        ("n", "bigint"), ("run_id", "string"), ("country", "string"),
    ]  # fmt: skip
    assert write("00123").rows == 3, "an empty selection leaves none of the partition's rows"
    assert {row[1] for row in rows()} == {"123", None, ""}
    frame = pd.DataFrame({"n": [1], "country": ["CH"]})
    assert lake.write(frame, "derived/whole", partition_by=["country"]).number == 1
    lake.write(frame.assign(country="FR"), "derived/whole", partition_by=["country"])
    assert list(lake.read_pandas("derived/whole")["country"]) == ["FR"]
    with pytest.raises(
        lake.SchemaRefused, match=r"partitioned by run_id \(string\), country \(string\), this write by"
    ):
        lake.write(frame, NAME, partition={"run_id": "a"})


@pytest.mark.parametrize("name", TYPED)
def test_a_partition_of_each_type_comes_back_and_filters(name):
    _, items = TYPED[name]
    for number, item in enumerate([*items, items[0]]):
        version = lake.write(pa.table({"id": [number]}), NAME, partition={name: item})
    assert {row[0]: row[1] for row in rows()} == {3: items[0], 1: items[1], 2: None}
    found = arrow_frames.dataset(version)
    value = pa.scalar(items[1], found.schema.field(name).type)
    assert found.to_table(filter=pc.field(name) == value).column("id").to_pylist() == [1]
    assert found.to_table(filter=pc.field(name).is_null()).column("id").to_pylist() == [2]


def test_values_that_are_equal_are_one_partition_however_they_are_spelled():
    import numpy as np

    for first, second in (
        (Decimal("1.5"), Decimal("1.500")),
        (Decimal("1E+3"), Decimal("1000")),
        (Decimal("-0"), Decimal("0.0")),
        (MOMENT, MOMENT.astimezone(datetime.timezone(datetime.timedelta(hours=2)))),
        (MOMENT, pd.Timestamp(MOMENT)),
        (7, np.int64(7)),
        (True, np.bool_(True)),
        ("a", np.str_("a")),
    ):
        assert partitions.partition_values({"k": first}) == partitions.partition_values({"k": second})


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1.5, "not float"),
        (pd.NaT, "not NaTType"),
        (pd.Timestamp(1, unit="ns"), "whole microseconds"),
        (2**63, "64 bits"),
        (Decimal("1e-19"), "18 after the point"),
        (Decimal("nan"), "18 after the point"),
        ("a\0b", "without NUL"),
        ("é" * 300, "300 characters in 602 bytes"),
        ("\ud800", "half a character"),
        (partitions.NULL, "how a null"),
        (partitions.EMPTY, "the empty text is spelled"),
        (b"x", "not bytes"),
    ],
)
def test_a_value_without_one_certain_spelling_is_refused_and_leaves_nothing(value, words):
    with pytest.raises(lake.BadName, match=rf"partition k=.*{words}"):
        lake.write(pd.DataFrame({"n": [1]}), NAME, partition={"k": value})
    if isinstance(value, str) and value != "\ud800":
        with pytest.raises(lake.BadName, match=words):
            lake.write(pd.DataFrame({"n": [1], "k": [value]}), NAME, partition_by=["k"])
    assert lake.latest(NAME) is None


def test_what_cannot_part_a_write_is_refused_by_name():
    frame = pd.DataFrame({"n": [1], "x": [0.5], "_hidden": ["a"]})
    for options, words in (
        ({"partition_by": ["x"]}, "'x' of type double cannot part a write"),
        ({"partition_by": ["y"]}, "partition_by names 'y'; the frame has 'n', 'x', '_hidden'"),
        ({"partition_by": ["_hidden"]}, "begin with a letter"),
        ({"partition": {"n": 1}, "partition_by": ["n"]}, "'n' is in partition= and in partition_by="),
        ({"partition_by": ["n"], "partition": {"x": "a"}}, "column 'x' holds '0.5' in a write of partition x=a"),
    ):
        with pytest.raises(lake.LakeError, match=words):
            lake.write(frame, NAME, **options)
    with pytest.raises(lake.LakeError, match="no columns beside those of the partition"):
        lake.write(frame[["n"]], NAME, partition_by=["n"])


def test_an_empty_selection_keeps_the_types_that_were_read():
    lake.write(typed_table().drop_columns(["n", "big", "ok"]), NAME, partition_by=["day", "price"])
    read = lake.read_pandas(NAME)
    none = lake.write(read[read["id"] > 99], "derived/none")
    assert sorted(map(str, none.columns)) == sorted(map(str, lake.latest(NAME).columns))
    lake.write(pd.DataFrame({"id": [1], "city": ["Basel"]}), "derived/cities")
    lake.write(pd.DataFrame({"id": [1], "city": [None]}), "derived/cities")
    assert lake.latest("derived/cities").columns[1].type == "string"


def test_a_stream_with_more_partitions_than_files_stay_open_is_written_whole():
    schema = pa.schema([("n", pa.int64()), ("k", pa.int64())])
    batches = [pa.record_batch({"n": range(100), "k": range(100)}, schema=schema) for _ in range(3)]
    version = lake.write(pa.RecordBatchReader.from_batches(schema, batches), NAME, partition_by=["k"])
    assert (version.rows, len({Path(path).parent for path in version.paths})) == (300, 100)
    assert sorted(rows()) == sorted((n, n) for n in range(100) for _ in range(3))


def test_plain_pyarrow_reads_null_and_empty_as_the_page_says():
    lake.write(pa.table({"n": [1, 2, 3], "k": ["a", None, ""]}), NAME, partition_by=["k"])
    keys = ds.partitioning(pa.schema([("k", pa.string())]), flavor="hive")
    found = ds.dataset(list(lake.latest(NAME).paths), partitioning=keys).to_table()
    assert sorted(zip(found["n"].to_pylist(), found["k"].to_pylist(), strict=True)) == [
        (1, "a"), (2, None), (3, partitions.EMPTY),
    ]  # fmt: skip


@pytest.mark.spark
def test_spark_parts_and_reads_values_of_every_type_as_pyarrow_does(spark):
    table = typed_table()
    lake.write(table, "derived/arrow", partition_by=[*TYPED])
    read = lake.read("derived/arrow")
    assert dict(read.dtypes)["at"] == "timestamp"
    again = lake.write(read, NAME, partition_by=[*TYPED])
    assert again.columns == lake.latest("derived/arrow").columns
    assert {file.slot.rpartition("/")[0] for file in again.files} == {
        file.slot.rpartition("/")[0] for file in lake.latest("derived/arrow").files
    }
    assert sorted(map(str, rows())) == sorted(str(tuple(row.values())) for row in table.to_pylist())

    texts = spark.createDataFrame([(n, text) for n, text in enumerate(TEXTS)], "n long, k string")
    lake.write(texts, "derived/texts", partition={"run_id": None}, partition_by=["k"])
    assert sorted(lake.read("derived/texts").collect(), key=lambda row: row.n) == [
        (n, None, text) for n, text in enumerate(TEXTS)
    ]
    found = lake.read_pandas("derived/texts").sort_values("n")
    assert list(found["k"]) == TEXTS
    assert lake.read("derived/texts").filter("k = ''").count() == 1
    lake.write(texts.filter("false"), "derived/texts", partition={"run_id": None}, partition_by=["k"])
    assert lake.read("derived/texts").count() == 0
    reserved = spark.createDataFrame([(1, partitions.EMPTY)], "n long, k string")
    with pytest.raises(lake.SchemaRefused, match="how a null or the empty text is spelled"):
        lake.write(reserved, "derived/reserved", partition_by=["k"])
