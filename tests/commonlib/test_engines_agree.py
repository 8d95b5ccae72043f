"""Rules give the same verdict on every row with pyarrow, with Spark on this machine and over Spark Connect."""

import datetime
import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from commonlib import lake
from commonlib.lake import schema as schemas
from commonlib.validation import arrow_rules, beside, publishing, rule_files, sifting, spark_rules
from commonlib.validation.rules import WHOLE

UTC = datetime.UTC
EDGES = {
    "t": [
        "",
        "a",
        "A",
        "7",
        "ab1",
        "a\n",
        "é",
        "É",
        "\u0660",
        " ",
        "\u00a0",
        "\u000b",
        "\U0001d4b3",
        "a.b",
        "K",
        "\u212a",
    ],
    "n": [0, 1, -1, 2**31, 2**63 - 1, -(2**63)],
    "i": [0, 1, -1, 2**31 - 1, -(2**31)],
    "d": [Decimal("0.00"), Decimal("0.50"), Decimal("-0.01"), Decimal("99999999.99"), Decimal("-99999999.99")],
    "big": [Decimal(0), Decimal(10**38 - 1), Decimal(-(10**38 - 1)), Decimal(1)],
    "f": [0.0, -0.0, 0.1, 1.0, math.nan, math.inf, -math.inf, 5e-324, 1e308],
    "g": [0.0, -0.0, 0.1, 0.5, math.nan, math.inf],
    "day": [
        datetime.date(1, 1, 1),
        datetime.date(1582, 10, 10),
        datetime.date(1997, 1, 1),
        datetime.date(9999, 12, 31),
    ],
    "at": [datetime.datetime(1997, 1, 1, tzinfo=UTC), datetime.datetime(1996, 12, 31, 23, 59, 59, 999999, UTC)],
    "local": [datetime.datetime(1997, 1, 1), datetime.datetime(1996, 12, 31, 23, 59, 59, 999999)],
    "b": [True, False],
}
SCHEMA = pa.schema(
    {
        "t": pa.string(), "n": pa.int64(), "i": pa.int32(), "d": pa.decimal128(10, 2), "big": pa.decimal128(38, 0),
        "f": pa.float64(), "g": pa.float32(), "day": pa.date32(), "at": pa.timestamp("us", "UTC"),
        "local": pa.timestamp("us"), "b": pa.bool_(), "with `odd` name": pa.string(),
    }
)  # fmt: skip
RULES = rule_files.parse(
    rb"""
rules:
  - not_null: [t, f, day, "with `odd` name"]
  - pattern: {column: t, matches: '[\w.]+'}
  - pattern: {column: t, matches: '[^0-3b-d]*[A-Ca-f0-9]?'}
  - pattern: {column: t, matches: '(?i)[a-z\xe9\s]*|.\d?'}
  - pattern: {column: "with `odd` name", matches: '\S'}
  - range: {column: t, min: A, max: "a\u00ff"}
  - range: {column: n, min: -9223372036854775809, max: 9223372036854775806}
  - range: {column: i, min: 3000000000}
  - range: {column: i, max: 0}
  - range: {column: d, min: 0.495, max: 1e30}
  - range: {column: big, min: 0.5}
  - range: {column: f, min: -1, max: 1}
  - range: {column: g, max: 0.1}
  - range: {column: day, min: 1582-10-10, max: 1997-01-01}
  - range: {column: at, min: 1997-01-01 00:00:00+00:00}
  - range: {column: local, min: 1997-01-01}
  - choices: {column: t, values: [a, "\xe9", ""]}
  - choices: {column: n, values: [1, 9223372036854775807, 9999999999999999999]}
  - choices: {column: d, values: [0.5, "0.505", 1000000000000]}
  - choices: {column: f, values: [0.0, 0.1]}
  - choices: {column: g, values: [-0.0, 0.1]}
  - choices: {column: day, values: [1997-01-01]}
  - choices: {column: at, values: [1997-01-01]}
  - choices: {column: local, values: [1997-01-01]}
  - choices: {column: b, values: [true]}
  - choices: {column: i, values: [99999999999]}
  - unique: [f]
  - unique: [n, d, b]
  - reference: {column: t, in: validated/known, to: text}
  - reference: {columns: [i, day], in: validated/known, to: [number, day]}
  - type: {column: big, is: "decimal(38,0)"}
  - freshness: {column: day, within: 1 day}
  - freshness: {column: at, within: 12000 days}
  - freshness: {column: local, within: 5000 weeks}
  - drift: {rows: 10%}
  - drift: {column: f, mean: 5%}
  - drift: {column: big, mean: 5%}
  - drift: {column: t, nulls: 1%}
""".replace(rb"\xe9", "é".encode()),
    "rules.yml",
)
KNOWN = pa.table(
    {
        "text": ["a", "a", "é", None],
        "number": pa.array([0, 1, None, 1], pa.int64()),
        "day": pa.array([datetime.date(1997, 1, 1)] * 3 + [None], pa.date32()),
    }
)

HISTORY = {"rows": (10.0,), "mean of f": (0.5,), "mean of big": (1e37,), "nulls of t": (0.05, 0.5)}


@pytest.fixture(autouse=True)
def root(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("lake")
    monkeypatch.setenv("LAKE_ROOT", str(folder))
    lake.write(KNOWN, "validated/known")
    return folder


def row(pick) -> dict[str, object]:
    found = {name: pick(values) for name, values in EDGES.items()}
    return found | {"with `odd` name": found["t"]}


def edges() -> pa.Table:
    """Every edge in every column, beside nulls, and some rows twice."""
    most = max(map(len, EDGES.values()))
    rows = [
        row(lambda values, number=number: [*values, None][number % (len(values) + 1)]) for number in range(most + 1)
    ]
    return pa.Table.from_pylist([*rows, *rows[:3]], SCHEMA)


def made_rows() -> st.SearchStrategy[list[dict[str, object]]]:
    cells = {name: st.none() | st.sampled_from(values) for name, values in EDGES.items()}
    cells |= {"t": cells["t"] | st.text(max_size=3), "n": cells["n"] | st.integers(-(2**63), 2**63 - 1)}
    cells |= {"f": cells["f"] | st.floats(), "day": cells["day"] | st.dates()}
    cells |= {"d": cells["d"] | st.decimals(-99999999, 99999999, places=2), "with `odd` name": cells["t"]}
    return st.lists(st.fixed_dictionaries(cells), min_size=50, max_size=80)


def framed(spark, table: pa.Table):
    return spark.createDataFrame(table, schemas.ddl(schemas.columns_of(SCHEMA)))


def looked() -> beside.Beside:
    references = beside.look(RULES, None).references
    return beside.Beside(datetime.datetime(2026, 1, 1, tzinfo=UTC), references, HISTORY)


def verdicts(table: pa.Table, frame) -> None:
    """That both engines say the same of the whole, and of every row, by each rule."""
    ours, theirs = arrow_rules.validate(table, RULES, looked()), spark_rules.validate(frame, RULES, looked())
    said = [[str(each) for each in one.results] for one in (ours, theirs)]
    assert said[0] == said[1]
    assert ours == theirs
    judging = arrow_rules.judging(table, RULES, looked())
    asides = pa.Table.from_batches(arrow_rules.failing(iter(table.to_batches()), judging))
    by_arrow = sorted((str(each["failed_rules"]), str(each["t"])) for each in asides.to_pylist())
    by_spark = spark_rules.failing(frame, RULES, looked()).select("failed_rules", "t").collect()
    assert by_arrow == sorted((str(list(each[0])), str(each[1])) for each in by_spark)


@pytest.mark.spark
def test_spark_and_arrow_agree_on_the_edges_of_every_type_and_on_made_frames(spark):
    spark.conf.set("spark.sql.session.timeZone", "America/New_York")
    try:
        verdicts(edges(), framed(spark, edges()))
        nothing = SCHEMA.empty_table()
        assert arrow_rules.validate(nothing, RULES, looked()) == spark_rules.validate(
            framed(spark, nothing), RULES, looked()
        )

        @settings(max_examples=2, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        @given(made_rows())
        def made(rows):
            table = pa.Table.from_pylist(rows, SCHEMA)
            verdicts(table, framed(spark, table))

        made()
    finally:
        spark.conf.set("spark.sql.session.timeZone", "UTC")


@pytest.mark.spark
def test_a_write_that_leaves_out_what_breaks_a_rule_gives_the_verdict_of_a_look_at_every_row(spark, root):
    frame, rows = (
        framed(spark, edges()).repartition(2),
        edges().num_rows,
    )  # as it is, Spark would filter it while planning
    whole = replace(RULES, rules=tuple(rule for rule in RULES.rules if rule.kind in WHOLE))
    bounds = replace(RULES, rules=(*whole.rules, *(rule for rule in RULES.by_row if rule.columns == ("big",))))
    for rules, is_kept in ((whole, True), (bounds, False), (RULES, False)):
        sifted = sifting.Sifting(frame, rules, looked())
        place = root / f"{len(rules.rules)} rules"
        assert sifting.is_fit(frame, rules)
        assert (sifted.write(str(place)) == rows) is is_kept  # it is no observed write, which leaves nothing out
        assert (sum(pq.read_metadata(file).num_rows for file in place.glob("*.parquet")) == rows) is is_kept
        assert sifted.verdict() == spark_rules.validate(frame, rules, looked())
        if is_kept:  # on a cluster, a task that ran twice is counted twice
            assert replace(sifted, _seen=rows + 1).verdict() == sifted.verdict()


OVER_CONNECT = """
import json, sys, time
from commonlib import session
from commonlib.validation import publishing, rule_files
from pyspark.errors import PySparkException
started = time.time()
while True:
    try:
        spark = session.get_spark()
        break
    except PySparkException:
        if time.time() > started + 120:
            raise
        time.sleep(1)
done = publishing.publish_version("raw/a", "validated/connect", rule_files.read(sys.argv[1]), engine="spark")
print(type(spark).__module__, json.dumps(done.verdict))
"""


def test_over_connect_the_same_rows_are_published_and_set_aside_with_the_same_verdict(connect_server, root):
    lake.write(edges(), "raw/a")
    path = root / "rules.yml"
    path.write_bytes(
        b"""on_failure: set_aside
rules:
  - unique: [t]
  - range: {column: f, min: -1}
  - reference: {column: n, in: validated/known, to: number}
  - drift: {rows: 10%}
"""
    )
    done = subprocess.run(
        [sys.executable, "-c", OVER_CONNECT, str(path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "SPARK_REMOTE": connect_server},
    )
    assert done.returncode == 0, done.stderr
    module, _, verdict = done.stdout.splitlines()[-1].partition(" ")
    assert module == "pyspark.sql.connect.session"
    ours = publishing.publish_version("raw/a", "validated/arrow", rule_files.read(path), engine="arrow")
    assert json.loads(verdict) == ours.verdict
    kept, aside = (
        [sorted(map(str, lake.read_pandas(f"validated/{name}{end}")["t"])) for name in ("connect", "arrow")]
        for end in ("", "_quarantine")
    )
    assert kept[0] == kept[1] != []
    assert aside[0] == aside[1] != []
