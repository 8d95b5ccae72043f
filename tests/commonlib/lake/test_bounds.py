"""What manifests say of values: the least and greatest of each column, and nothing of what may be personal."""

import datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from commonlib import lake
from commonlib.lake import bounds, lineage, logs, manifest, tables
from commonlib.lake.manifest import Bounds

NAME = "derived/values"


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("LAKE_ROOT", str(tmp_path / "lake"))
    monkeypatch.setattr(lineage, "_read", {})


def stated(name: str = NAME) -> bounds.Statistics:
    log = logs.open_log(name)
    return bounds.of_version(log, log.find())


def values() -> pa.Table:
    moment = datetime.datetime(2020, 3, 29, 1, 30, tzinfo=datetime.UTC)
    schema = pa.schema(
        {
            "n": pa.int64(),
            "x": pa.float64(),
            "s": pa.string(),
            "day": pa.date32(),
            "at": pa.timestamp("us", "UTC"),
            "price": pa.decimal128(10, 2),
            "long": pa.decimal128(30, 2),
            "ok": pa.bool_(),
            "none": pa.string(),
            "text": pa.string(),
            "list": pa.list_(pa.int64()),
        }
    )
    row = {"day": datetime.date(2020, 1, 2), "at": moment, "ok": True, "text": "x" * 101, "list": [1]}
    one = {"n": 2, "x": 0.5, "s": "é", "price": Decimal("-2.50"), "long": Decimal("9.00")}
    other = {"n": -3, "x": float("nan"), "s": "Z", "price": Decimal("10.00"), "long": Decimal("10.00")}
    return pa.Table.from_pylist([row | one, row | other, {}], schema=schema)


EXPECTED = {
    "n": Bounds(-3, 2),
    "x": Bounds(0.5, 0.5),
    "s": Bounds("Z", "é"),
    "day": Bounds("2020-01-02", "2020-01-02"),
    "at": Bounds("2020-03-29T01:30:00+00:00", "2020-03-29T01:30:00+00:00"),
    "price": Bounds("-2.50", "10.00"),
    "long": Bounds("9.00", "10.00"),
    "ok": Bounds(True, True),
    "none": Bounds(None, None),
}


def test_columns_of_each_type_are_stated_in_order_of_value_not_of_text():
    version = lake.write(values(), NAME)
    assert stated() == EXPECTED
    assert manifest.parse(version.manifest.to_json(), "x") == version.manifest


def test_partitions_count_together_until_only_a_part_of_a_write_is_left():
    table = pa.table({"n": [1, 9, 5], "k": ["a", "b", "c"]})
    lake.write(table, NAME, partition_by=["k"])
    assert stated() == {"n": Bounds(1, 9)}
    lake.write(pa.table({"n": [2]}), NAME, partition={"k": "b"})
    assert stated() == {}, "the first write says 9, which is no longer there"
    for key, number in (("a", 4), ("c", 10)):
        lake.write(pa.table({"n": [number]}), NAME, partition={"k": key})
    assert stated() == {"n": Bounds(2, 10)}


def test_nothing_is_stated_of_personal_columns_nor_of_what_may_be_made_from_them():
    people = pa.table({"email": ["a@b.c"], "age": [40], "city": ["Basel"]})

    def put(name: str, table: pa.Table, **details: object) -> lake.Version:
        return tables.put(table, name, approve=lambda _: details)

    put("raw/people", people, ingest={"personal": {"email": "hash", "age": "drop"}})
    assert stated("raw/people") == {"city": Bounds("Basel", "Basel")}
    assert put("raw/people_quarantine", pa.table({"n": [1], "text": ["a@b.c"]})).manifest.statistics == {}

    lake.read_pandas("raw/people")
    renamed = pa.table({"mail": ["a@b.c"], "age": [40], "rooms": [3]})
    for name in ("derived/people", "derived/again"):
        lake.write(renamed, name)
        assert stated(name) == {"rooms": Bounds(3, 3)}
        lineage._read.clear()
        lake.read_pandas(name)
    put("validated/people", people, hidden={"email": "hash", "age": "mask"})
    assert stated("validated/people") == {"city": Bounds("Basel", "Basel")}
    lineage._read.clear()
    lake.read_pandas("validated/people")
    lake.write(pa.table({"domain": ["b.c"]}), "derived/domains")
    assert stated("derived/domains") == {"domain": Bounds("b.c", "b.c")}


@pytest.mark.spark
def test_what_spark_writes_is_stated_alike(spark):
    lake.write(values(), "derived/arrow")
    lake.write(lake.read("derived/arrow"), NAME)
    # parquet-java states no bounds of a group of floats that has a NaN in it
    assert {**stated(), "x": EXPECTED["x"]} == EXPECTED
