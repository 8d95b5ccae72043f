"""Data that breaks a rule is set aside and never published, with and without Spark alike."""

import datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from commonlib import ingest, lake, validation
from commonlib.validation import __main__ as command
from commonlib.validation import publishing, rules

DATA = Path(__file__).parents[2] / "notebooks" / "adhoc" / "data"

RULES = b"""
rules:
  - key: [id]
  - pattern: {column: id, matches: "[0-9]{3}"}
  - range: {column: day, min: 1997-01-01, max: 1998-06-30}
  - range: {column: amount, min: 0.5}
  - range: {column: score, max: 1}
  - choices: {column: shop, values: [web, "caf\\u00e9"]}
  - choices: {column: n, values: [1, 2]}
  - type: {column: amount, is: "decimal(10,2)"}
  - volume: {min: 1, max: 9}
"""
DAY = datetime.date(1997, 9, 30)
HALF = Decimal("0.50")
GOOD = {"id": "001", "day": DAY, "amount": HALF, "score": 1.0, "shop": "web", "n": 1}
ROWS = [
    GOOD,
    GOOD | {"id": "002", "shop": "café", "day": datetime.date(1998, 6, 30)},
    GOOD | {"id": "003", "day": None, "amount": None, "score": None, "shop": None, "n": None},
    GOOD | {"id": None},
    GOOD | {"id": "004\n"},
    GOOD | {"id": "\u0660\u0660\u0661", "n": 3},
    GOOD | {"id": "005", "amount": Decimal("0.49"), "score": float("nan")},
    GOOD | {"id": "006", "score": 1.0000001, "shop": "Web"},
    GOOD | {"id": "006", "day": datetime.date(1996, 12, 31)},
]
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("day", pa.date32()),
        ("amount", pa.decimal128(10, 2)),
        ("score", pa.float64()),
        ("shop", pa.string()),
        ("n", pa.int64()),
    ]
)
BROKEN = {
    "id is not null": 1,
    "id is unique": 2,
    "id matches [0-9]{3}": 2,
    "day is between 1997-01-01 and 1998-06-30": 1,
    "amount is at least 0.5": 1,
    "score is at most 1": 2,
    "shop is one of web, café": 1,
    "n is one of 1, 2": 1,
}


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("LAKE_ROOT", str(tmp_path / "lake"))
    return tmp_path / "lake"


def table(rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows, SCHEMA)


def known(text: bytes = RULES) -> validation.Rules:
    return rules.parse(text, "rules.yml")


def broken(verdict: validation.Verdict) -> dict[str, int]:
    return {result.rule.name: result.rows for result in verdict.failed}


def test_each_rule_counts_the_rows_that_break_it():
    verdict = validation.validate(table(ROWS), known())
    assert broken(verdict) == BROKEN
    assert validation.validate(table(ROWS[:3]), known()).passed


@pytest.mark.spark
def test_spark_gives_the_same_verdicts_and_sets_the_same_rows_aside(spark):
    lake.write(table(ROWS), "raw/a")
    frame = lake.read("raw/a")
    assert broken(validation.validate(frame, known())) == BROKEN
    asides, keptrows = [], []
    for engine in ("arrow", "spark"):
        with pytest.raises(validation.ValidationFailed, match="id is not null: broken by 1 row; ") as failed:
            publishing.publish_version("raw/a", f"validated/{engine}", known(), engine=engine)
        assert broken(failed.value.verdict) == BROKEN
        aside = lake.read_pandas(f"validated/{engine}_quarantine").sort_values(["id", "day"])
        asides.append([(row.id, sorted(row.failed_rules)) for row in aside.itertuples()])
        publishing.publish_version(
            "raw/a", f"validated/{engine}", known(b"on_failure: set_aside" + RULES), engine=engine
        )
        keptrows.append(sorted(lake.read_pandas(f"validated/{engine}")["id"]))
    assert asides[0] == asides[1]
    assert len(asides[0]) == 6
    assert keptrows[0] == keptrows[1] == ["001", "002", "003"]
    assert (
        publishing.publish_version("raw/a", "validated/spark", known(b"on_failure: set_aside" + RULES)).is_new is False
    )


def test_a_broken_rule_stops_the_commit_and_readers_keep_the_last_good_version(capsys):
    validation.publish(table(ROWS[:3]), "validated/a", known())
    with pytest.raises(validation.ValidationFailed, match="the failing rows are in validated/a_quarantine") as failed:
        validation.publish(table(ROWS), "validated/a", known())
    assert failed.value.verdict.rows == 9
    assert list(lake.read_pandas("validated/a")["id"]) == ["001", "002", "003"]
    aside = lake.read_pandas("validated/a_quarantine")
    rows = [(row.id, list(row.failed_rules)) for row in aside.itertuples()]
    assert rows[0] == (None, ["id is not null"])
    assert rows[-1] == ("006", ["day is between 1997-01-01 and 1998-06-30", "id is unique"])
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].startswith(
        "validated validated/a version 1: 3 rows, 6 columns, verdict passed, rules 10, set aside 0"
    )
    assert shown[1].startswith("validated validated/a: 9 rows, verdict failed, rules 10, id is not null 1")


def test_rows_can_be_set_aside_and_the_rest_published_with_the_verdict_in_the_manifest():
    done = validation.publish(table(ROWS), "validated/a", known(b"on_failure: set_aside" + RULES))
    assert (done.set_aside, done.quarantine, done.version.rows) == (6, "validated/a_quarantine", 3)
    verdict = done.version.manifest.details["verdict"]
    assert {each["rule"]: each["rows"] for each in verdict["results"] if not each["kept"]} == BROKEN
    few = known(b"on_failure: set_aside\nrules: [{volume: {min: 10}}]")
    with pytest.raises(validation.ValidationFailed, match="the number of rows is at least 10: found 9; nothing was"):
        validation.publish(table(ROWS), "validated/b", few)


def test_the_cdnow_purchases_keep_their_rules_and_a_second_call_says_so(capsys):
    ingest.ingest(DATA / "CDNOW_master.txt", "raw/purchases", DATA / "purchases.yml")
    call = ["raw/purchases", "--to", "validated/purchases", "--rules", str(DATA / "purchases.yml")]
    assert command.main(call) == 0
    assert capsys.readouterr().out.endswith(
        "raw/purchases is published as validated/purchases version 1: 69,659 rows, all 9 rules hold\n"
    )
    assert command.main(call) == 0
    assert "is already there as validated/purchases version 1" in capsys.readouterr().out
    (source,) = lake.latest("validated/purchases").manifest.inputs
    assert (source.dataset, source.version) == ("raw/purchases", 1)


def test_the_command_shows_what_was_broken_and_exits_with_one(tmp_path, capsys):
    lake.write(table(ROWS), "raw/a")
    (tmp_path / "rules.yml").write_bytes(RULES)
    assert command.main(["raw/a", "--to", "validated/a", "--rules", str(tmp_path / "rules.yml")]) == 1
    told = capsys.readouterr().err
    assert "  BROKEN  id is unique: broken by 2 rows\n" in told
    assert "  ok      amount is of type decimal(10,2): holds\n" in told
    assert command.main(["raw/none", "--to", "validated/a", "--rules", str(tmp_path / "rules.yml")]) == 1
    assert "raw/none: no version was ever committed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"rules: []", "has no rules"),
        (b"rules: [{nonnull: [a]}]", "the kinds are not_null, type"),
        (b"rules: [{not_null: 3}]", "are no columns"),
        (b"rules: [{range: {column: n}}]", "does not say what it has to"),
        (b"rules: [{pattern: {column: id, matches: '['}}]", "is no regular expression"),
        (b"rules: [{pattern: {column: id, matches: '(?=a)'}}]", "not every engine can"),
        (b"rules: [{not_null: [id, id]}]", "says twice that id is not null"),
        (b"on_failure: ignore\nrules: [{not_null: id}]", "it is stop or set_aside"),
        (b"rules: [{not_null: [nope]}]", "there is no column 'nope'; there are id, day"),
        (b"rules: [{pattern: {column: n, matches: '1'}}]", "a pattern needs text"),
        (b"rules: [{range: {column: day, min: 1997}}]", "1997 does not fit column 'day' of type date"),
        (b"rules: [{range: {column: n, min: 0.5}}]", "0.5 does not fit column 'n' of type bigint"),
    ],
)
def test_wrong_rules_say_what_and_where(text, words):
    with pytest.raises(validation.BadRules, match=words):
        validation.validate(table(ROWS), known(text))


def test_a_guard_lets_good_frames_through_and_names_what_is_wrong_with_others():
    frame = pd.DataFrame({"a": [1, None], "b": [1, 2]})
    assert validation.require(frame, "sales", columns=["a"], not_null=["b"]) is frame
    with pytest.raises(validation.ValidationError, match="sales: has no column 'c'; it has a, b"):
        validation.require(frame, "sales", columns=["a", "c"], not_null=["c"])
    with pytest.raises(validation.ValidationError, match="sales: column 'a' has nulls"):
        validation.require(frame, "sales", not_null=["a", "b"])
    with pytest.raises(validation.ValidationError, match="sales: has no rows"):
        validation.require(frame[:0], "sales")
    validation.require(frame[:0], "sales", not_empty=False)


@pytest.mark.spark
def test_a_guard_judges_spark_frames_alike_and_shows_nothing(spark, capsys):
    frame = spark.createDataFrame([(1, "x"), (2, None)], "a int, `b.c` string")
    assert validation.require(frame, "sales", columns=["a", "b.c"], not_null=["a"]) is frame
    with pytest.raises(validation.ValidationError, match=r"sales: column 'b\.c' has nulls"):
        validation.require(frame, "sales", not_null=["a", "b.c"])
    with pytest.raises(validation.ValidationError, match="sales: has no rows"):
        validation.require(frame.filter("a > 5"), "sales")
    assert capsys.readouterr().out == ""
