"""A version can be read without commonlib, as docs/lake.md says, and the lake's log without anything but Python."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from commonlib import lake

ROOT = Path(__file__).parents[3]
BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "lake.md").read_text(encoding="utf-8"), re.DOTALL)
SLOW_WRITE = """
import time
from pyspark.sql import functions as sf
from commonlib import lake
from commonlib.session import get_spark
spark = get_spark()
slow = sf.udf(lambda n: (time.sleep(0.005), n)[1], "bigint")
frame = spark.range(20_000, numPartitions=2).select(slow("id").alias("n"))
lake.write(frame, "derived/scores")
"""


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("LAKE_ROOT", str(tmp_path / "lake"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "lake"


def block(word: str) -> str:
    (found,) = [each for each in BLOCKS if word in each]
    return found


def run(word: str, **given: object) -> dict[str, object]:
    space: dict[str, object] = dict(given)
    exec(block("import json") + block(word), space)
    return space


def test_pandas_and_pyarrow_read_a_version_as_the_page_says():
    for value in ("00123", "1e5", "é/x"):
        lake.write(pd.DataFrame({"n": [1, 2]}), "derived/customer_value", partition={"run_date": value})
    table = run("pyarrow.dataset")["table"].to_pandas()
    assert set(zip(table["run_date"], table["n"], strict=True)) == {
        (v, n) for v in ("00123", "1e5", "é/x") for n in (1, 2)
    }
    assert len(run("import pandas")["frame"]) == 6


def test_duckdb_reads_a_version_as_the_page_says():
    duckdb = pytest.importorskip("duckdb")
    for value in ("00123", "1e5"):
        lake.write(pd.DataFrame({"n": [1]}), "derived/customer_value", partition={"run_date": value})
    code = block("duckdb").replace("duckdb.sql(", "rows = duckdb.sql(")
    space: dict[str, object] = {}
    exec(block("import json") + code, space)
    assert sorted((row[0], row[-1]) for row in space["rows"].fetchall()) == [(1, "00123"), (1, "1e5")]
    assert duckdb is space["duckdb"]


def test_a_version_of_many_partitions_is_read_as_the_page_says():
    for number in (*range(70), 3, 3, 69):
        frame = pd.DataFrame({"n": [number]})
        lake.write(frame, "derived/customer_value", partition={"run_date": f"day {number}"})
    space = run("pyarrow.dataset")
    assert space["entry"]["carried"] is None
    assert sorted(space["table"]["n"].to_pylist()) == [*range(70)]


@pytest.mark.spark
def test_plain_spark_reads_a_version_as_the_page_says(spark):
    for value in ("00123", "1e5", "é/x"):
        lake.write(pd.DataFrame({"n": [1]}), "derived/customer_value", partition={"run_date": value})
    rows = run("basePath", spark=spark)["frame"].collect()
    assert {tuple(row) for row in rows} == {(1, "00123"), (1, "1e5"), (1, "é/x")}


def test_the_log_is_read_without_arrow_pandas_or_spark():
    lake.write(pd.DataFrame({"n": [1]}), "derived/x")
    code = (
        "import sys; from commonlib.lake import logs; v = logs.latest('derived/x'); "
        "print(v.rows, *({m.partition('.')[0] for m in sys.modules} & {'pyarrow', 'pandas', 'pyspark', 'yaml'}))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("1\n", "")


@pytest.mark.spark
def test_a_spark_writer_killed_while_its_tasks_write_changes_nothing(root):
    lake.write(pd.DataFrame({"n": [1] * 10}), "derived/scores")
    writer = subprocess.Popen(
        [sys.executable, "-c", SLOW_WRITE], env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL
    )
    data = root / "derived" / "scores" / "data"
    try:
        while not any(data.glob("*/_temporary/0/_temporary/*/*.parquet")):
            assert writer.poll() is None, "it ended before it could be killed"
            time.sleep(0.05)
    finally:
        writer.kill()
    assert writer.wait() == -9
    assert list(lake.read_pandas("derived/scores")["n"]) == [1] * 10
    assert [version.number for version in lake.versions("derived/scores")] == [1]
    assert lake.write(pd.DataFrame({"n": [2]}), "derived/scores").number == 2
    assert list(lake.read_pandas("derived/scores")["n"]) == [2]
    assert json.loads((root / "derived/scores/_log" / f"{2:020d}.json").read_bytes())["rows"] == 1
