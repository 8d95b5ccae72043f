"""What is written is what is read, exactly, by every reader."""

import datetime
import shutil
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from commonlib import lake
from commonlib.lake import paths, spark_counts
from commonlib.lake.logs import list_datasets

ODD = ["1997-09-30", "00123", "1d", "1e5", "a/b=c %41 é", "日本", "null", "..", " ", "x'y\"z", "{a}[b]*?"]
EXACT = {
    "id": ["00123", None, ""],
    "n": [1, None, -(2**63)],
    "amount": [Decimal("12345678.10"), Decimal("0.00"), None],
    "day": [datetime.date(1997, 9, 30), None, datetime.date(1, 1, 1)],
    "at": [datetime.datetime(2020, 3, 29, 1, 30, 0, 123456, tzinfo=datetime.UTC), None, None],
    "tags": [["a", "b"], [], None],
}


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("LAKE_ROOT", str(tmp_path / "lake"))
    return tmp_path / "lake"


def exact() -> pa.Table:
    types = [
        pa.string(),
        pa.int64(),
        pa.decimal128(10, 2),
        pa.date32(),
        pa.timestamp("us", "UTC"),
        pa.list_(pa.string()),
    ]
    return pa.table(EXACT, schema=pa.schema(list(zip(EXACT, types, strict=True))))


def test_without_spark_every_value_comes_back_as_it_was():
    version = lake.write(exact(), "derived/exact")
    assert [column.type for column in version.columns] == [
        "string", "bigint", "decimal(10,2)", "date", "timestamp", "array<string>",
    ]  # fmt: skip
    assert ds.dataset(list(version.paths)).to_table().to_pydict() == EXACT
    frame = lake.read_pandas("derived/exact")
    assert list(frame["id"]) == EXACT["id"]
    assert list(frame["amount"]) == EXACT["amount"]


@pytest.mark.spark
def test_spark_reads_and_writes_the_same_values_and_partitions(spark):
    lake.write(exact(), "derived/exact")
    read = lake.read("derived/exact")
    again = lake.write(read, "derived/again")
    assert ds.dataset(list(again.paths)).to_table().to_pydict() == EXACT
    assert again.columns == lake.latest("derived/exact").columns

    for value in ODD:
        lake.write(
            read.filter("n = 1"), "derived/odd", partition={"run_id": value, "day_of": datetime.date(2020, 1, 2)}
        )
    lake.write(read.filter("false"), "derived/odd", partition={"run_id": "00123", "day_of": datetime.date(2020, 1, 2)})
    found = lake.read("derived/odd")
    assert {(row.run_id, row.day_of, row.id) for row in found.collect()} == {
        (value, datetime.date(2020, 1, 2), "00123") for value in ODD if value != "00123"
    }
    assert sorted(lake.read_pandas("derived/odd")["run_id"]) == sorted(set(ODD) - {"00123"})

    assert lake.write(read.filter("false"), "derived/none").rows == 0
    assert lake.read("derived/none").schema == read.schema
    assert lake.read_pandas("derived/none").empty

    version = lake.write(read.withColumn("run_id", read.id), "derived/mixed")
    with pytest.raises(lake.SchemaRefused, match="'run_id' holds something else in 2 rows"):
        lake.write(lake.read("derived/mixed"), "derived/parts", partition={"run_id": "00123"})
    assert lake.latest("derived/parts") is None
    plain = spark.read.option("basePath", f"{version.folder}/data").parquet(*version.paths)
    assert plain.count() == 3
    with pytest.raises(lake.SchemaRefused, match="differ only in case"):
        lake.write(spark.createDataFrame([(1, 2)], ["a", "b"]).toDF("id", "ID"), "derived/twice")


@pytest.mark.parametrize("value", ODD)
def test_an_odd_partition_value_is_read_back_as_that_text_and_replaced_alone(value):
    frame = pd.DataFrame({"n": [1, 2]})
    lake.write(frame, "derived/odd", partition={"run_id": "other"})
    lake.write(frame, "derived/odd", partition={"run_id": value})
    lake.write(pd.DataFrame({"n": [3]}), "derived/odd", partition={"run_id": value})
    found = lake.read_pandas("derived/odd")
    assert sorted(zip(found["run_id"], found["n"], strict=True)) == sorted([("other", 1), ("other", 2), (value, 3)])


@pytest.mark.spark
def test_spark_says_how_many_rows_its_tasks_wrote_or_the_write_observes_them(spark, monkeypatch):
    frame = spark.range(1000).repartition(3)
    context = spark.sparkContext
    context.setJobDescription("mine")
    for name in ("derived/counted", "derived/observed"):
        assert lake.write(frame, name).rows == 1000
        assert lake.write(frame.filter("id < 0"), name).rows == 0
        assert context.getLocalProperty("spark.job.description") == "mine"
        monkeypatch.setattr(spark_counts, "rows_written", lambda *_: None)
    context.setLocalProperty("spark.job.description", None)
    assert lake.read("derived/observed").count() == 0
    monkeypatch.setattr(spark_counts, "rows_written", lambda *_: 999)
    with pytest.raises(lake.WriteNotProven, match="999 rows were observed while writing, but the files' footers"):
        lake.write(frame, "derived/counted")


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "have one name"),
        (pd.DataFrame([[1, 2]], columns=["Id", "ID"]), "differ only in case"),
        (pd.DataFrame({0: [1]}), "is named 0"),
        (pd.DataFrame({"_attempt": [1]}), "a name the lake uses itself"),
        (pd.DataFrame({"a": [1, "x"]}), "mixed or unknown type"),
        (pd.DataFrame({"a": [None]}), "nothing but nulls"),
        (pd.DataFrame({"a": [datetime.timedelta(1)]}), "not every reader of Parquet knows"),
        (pd.DataFrame({"a": [pd.Timestamp("2020-01-01T00:00:00.000000001")]}), "microseconds"),
        (pd.DataFrame(), "no columns"),
        ([1], "cannot write a list"),
    ],
)
def test_what_not_every_reader_would_read_alike_is_refused_and_leaves_nothing(frame, words):
    with pytest.raises(lake.LakeError, match=words):
        lake.write(frame, "derived/bad")
    assert lake.latest("derived/bad") is None


def test_a_named_index_becomes_a_column_and_nothing_is_lost():
    lake.write(pd.DataFrame({"k": ["a", "b", "a"], "n": [1, 2, 3]}).groupby("k").sum(), "derived/sums")
    assert lake.read_pandas("derived/sums").to_dict("list") == {"k": ["a", "b"], "n": [4, 2]}


def test_a_columns_type_never_changes():
    lake.write(pd.DataFrame({"n": [1]}), "derived/typed")
    with pytest.raises(lake.SchemaRefused, match="'n' of type bigint, this write has string"):
        lake.write(pd.DataFrame({"n": ["1"]}), "derived/typed")
    lake.write(pd.DataFrame({"n": [1]}), "derived/parts", partition={"d": "a"})


def test_a_column_is_added_when_asked_for_and_is_null_in_what_was_written_before():
    for partition in (None, {"d": "a"}):
        name = "derived/parts" if partition else "derived/whole"
        lake.write(pd.DataFrame({"n": [1]}), name, partition=partition)
        wider = pd.DataFrame({"n": [2], "m": [0.5]})
        other = partition and {"d": "b"}
        with pytest.raises(lake.SchemaRefused, match="has no column 'm', this write has; give add_columns=True"):
            lake.write(wider, name, partition=other)
        assert lake.write(wider, name, partition=other, add_columns=True).number == 2
        with pytest.raises(lake.SchemaRefused, match="has column 'm', this write has not; write it, with nulls"):
            lake.write(pd.DataFrame({"n": [3]}), name, partition=other, add_columns=True)
        with pytest.raises(lake.SchemaRefused, match="'m' of type double, this write has string"):
            lake.write(pd.DataFrame({"n": [3], "m": ["x"]}), name, partition=other, add_columns=True)
    found = lake.read_pandas("derived/parts").sort_values("n")
    assert found["d"].to_list() == ["a", "b"]
    assert found["m"].isna().to_list() == [True, False]
    lake.write(pd.DataFrame({"n": [9], "m": [1.5]}), "derived/parts", partition={"d": "a"})
    assert sorted(lake.read_pandas("derived/parts")["m"]) == [0.5, 1.5]


def test_an_earlier_version_stays_readable_and_an_unknown_one_says_what_there_is():
    for number in (1, 2):
        lake.write(pd.DataFrame({"n": [number]}), "derived/x")
    assert list(lake.read_pandas("derived/x", version=1)["n"]) == [1]
    with pytest.raises(lake.NotFound, match="no version 3; there are 1 to 2"):
        lake.read_pandas("derived/x", version=3)
    with pytest.raises(lake.NotFound, match="no version was ever committed"):
        lake.read_pandas("derived/y")
    assert lake.versions("derived/y") == ()
    assert list(list_datasets()) == ["derived/x"]


@pytest.mark.parametrize("name", ["purchases", "silver/x", "raw/", "raw/a/b", "raw/../x", "raw/Über", "raw/_log"])
def test_a_name_that_is_no_dataset_is_refused_with_an_example(name):
    with pytest.raises(lake.BadName, match="validated/purchases"):
        lake.versions(name)


def test_the_lake_is_where_the_environment_says_or_beside_the_code(tmp_path):
    (tmp_path / "repo" / "commonlib").mkdir(parents=True)
    inner = tmp_path / "repo" / "notebooks" / "adhoc"
    inner.mkdir(parents=True)
    assert paths.root({}, inner) == tmp_path / "repo" / "lake"
    assert paths.root({"LAKE_ROOT": str(tmp_path / "x")}, inner) == tmp_path / "x"
    with pytest.raises(lake.BadName, match="a lake lies on a local disk"):
        paths.root({"LAKE_ROOT": "s3://bucket/lake"})


def test_files_are_kept_by_name_and_a_failed_block_commits_none():
    with lake.write_file("derived/model", "model.pkl") as path:
        Path(path).write_bytes(b"one")
    with lake.write_file("derived/model", "plot.png") as path:
        Path(path).write_bytes(b"picture")
    with lake.write_file("derived/model", "model.pkl") as path:
        Path(path).write_bytes(b"two")
    assert Path(lake.file("derived/model", "model.pkl")).read_bytes() == b"two"
    assert Path(lake.file("derived/model", "model.pkl", version=2)).read_bytes() == b"one"
    assert Path(lake.file("derived/model", "plot.png")).read_bytes() == b"picture"

    def fail() -> None:
        with lake.write_file("derived/model", "model.pkl") as path:
            Path(path).write_bytes(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with (
        pytest.raises(lake.LakeError, match=r"without writing report\.json"),
        lake.write_file("derived/model", "report.json"),
    ):
        pass
    assert len(lake.versions("derived/model")) == 3
    with pytest.raises(lake.NotFound, match=r"it holds model\.pkl, plot\.png"):
        lake.file("derived/model", "other.txt")
    with pytest.raises(lake.BadName), lake.write_file("derived/model", "../x"):
        pass
    with pytest.raises(lake.LakeError, match=r"lake\.file"):
        lake.read_pandas("derived/model")


def test_folders_are_kept_whole_beside_files_and_a_failed_block_commits_none(tmp_path):
    with lake.write_file("derived/model", "plot.png") as path:
        Path(path).write_bytes(b"picture")
    for number, names in enumerate((("a", "_inner/b", "_inner/.b.crc"), ("_inner/b",)), 1):
        with lake.write_folder("derived/model", "model") as path:
            assert not Path(path).exists()
            for name in names:
                (Path(path) / name).parent.mkdir(parents=True, exist_ok=True)
                (Path(path) / name).write_text(f"{name} {number}")
    old, new = (Path(lake.folder("derived/model", "model", version=number)) for number in (2, 3))
    assert [(old / name).read_text() for name in ("a", "_inner/b", "_inner/.b.crc")] == [
        "a 1",
        "_inner/b 1",
        "_inner/.b.crc 1",
    ]
    assert [one.name for one in new.rglob("*")] == ["_inner", "b"]
    assert Path(lake.file("derived/model", "plot.png")).read_bytes() == b"picture"

    def make(leave: Callable[[Path], object]) -> None:
        with lake.write_folder("derived/model", "model") as path:
            leave(Path(path))

    def fail(path: Path) -> None:
        shutil.copytree(old, path)
        raise RuntimeError

    with pytest.raises(lake.LakeError, match="without a file in the folder model"):
        make(lambda path: path.mkdir())
    with pytest.raises(lake.LakeError, match="with a file where a folder should be"):
        make(lambda path: path.write_text(""))
    with pytest.raises(RuntimeError):
        make(fail)
    assert len(lake.versions("derived/model")) == 3
    with pytest.raises(lake.NotFound, match=r"is a folder, for lake\.folder.*it holds model, plot\.png"):
        lake.file("derived/model", "model")
    with pytest.raises(lake.NotFound, match=r"no folder 'plot\.png'"):
        lake.folder("derived/model", "plot.png")


def test_a_file_that_a_run_adds_to_holds_what_that_run_wrote_and_a_re_run_leaves_it_once():
    with lake.write_file("derived/log", "log.txt") as path:
        Path(path).write_text("header\n")
    for line in ("one", "two"):
        with lake.write_file("derived/log", "log.txt", continued=True) as path, Path(path).open("a") as file:
            file.write(f"{line}\n")
    assert Path(lake.file("derived/log", "log.txt")).read_text() == "header\none\ntwo\n"
    program = (
        "from commonlib import lake\n"
        "with lake.write_file('derived/log', 'log.txt', continued=True) as path, open(path, 'a') as file:\n"
        "    file.write('again')"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert Path(lake.file("derived/log", "log.txt")).read_text() == "again"


def test_writing_and_reading_leave_receipts(capsys):
    lake.write(pd.DataFrame({"n": [1, 2]}), "derived/x", partition={"run_date": "1997-09-30"})
    lake.read_pandas("derived/x")
    assert capsys.readouterr().out.splitlines() == [
        "wrote derived/x version 1: 2 rows, 2 columns, partition run_date 1997-09-30",
        "read derived/x version 1: 2 rows, 2 columns",
    ]
