"""Data that breaks a rule is set aside and never published, with and without Spark alike."""

import datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from commonlib import ingest, lake, validation
from commonlib.validation import __main__ as command
from commonlib.validation import publishing, rule_files

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
    return rule_files.parse(text, "rules.yml")


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
        (b"rules: [{not_null: [id]}, {not_null: id}]", "says twice that id is not null"),
        (b"on_failure: ignore\nrules: [{not_null: id}]", "it is stop or set_aside"),
        (b"rules: [{not_null: [nope]}]", "there is no column 'nope'; there are id, day"),
        (b"rules: [{pattern: {column: n, matches: '1'}}]", "a pattern needs text"),
        (b"rules: [{range: {column: day, min: 1997}}]", "1997 does not fit column 'day' of type date"),
        (b"rules: [{range: {column: n, min: 0.5}}]", "0.5 does not fit column 'n' of type bigint"),
        (
            b"rules:\n- not_null: [id]\n- range: {column: n, low: 1}",
            r"line 3: rule 2 \(range\): has 'low', which means n",
        ),
        (b"rules: [{not_null: [id]}]\non_failures: set_aside", "has 'on_failures', which means nothing; there are"),
        (b"rules: [{reference: {column: id, in: validated/none}}]", "validated/none: no version was ever committed"),
        (b"rules: [{reference: {column: id, in: none}}]", "line 1: rule 1 .reference.: 'none'"),
        (b"rules: [{reference: {column: score, in: validated/x}}]", "rounds, and refers to nothing for certain"),
        (b"rules: [{reference: {column: id, in: validated/x, to: [m]}}]", "validated/x has no column 'm'; it has n"),
        (
            b"rules: [{reference: {column: id, in: validated/x, to: n}}]",
            "is of type string, and 'n' in validated/x of b",
        ),
        (b"rules: [{freshness: {column: day, within: soon}}]", "'soon' is no time; write for example 3 days"),
        (b"rules: [{freshness: {column: id, within: 1 day}}]", "needs a date or a timestamp, the column is of type st"),
        (b"rules: [{drift: {column: id, mean: 5%}}]", "a mean needs numbers, the column is of type string"),
        (b"rules: [{drift: {rows: 5}}]", "5 is no share; write for example 20%"),
        (b"rules: [{pattern: {column: id, matches: 'a++'}}]", "not every engine can"),
        (
            b"rules: [{pattern: {column: id, matches: '[[:alpha:]]'}}]",
            "within brackets, which engines read differently",
        ),
    ],
)
def test_wrong_rules_say_what_and_where(text, words):
    lake.write(pa.table({"n": [1]}), "validated/x")
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


def test_a_reference_must_be_there_and_the_manifest_says_in_which_version():
    lake.write(pa.table({"code": ["web", "café", None]}), "validated/shops")
    found = known(b"rules: [{reference: {column: shop, in: validated/shops, to: code}}]")
    with pytest.raises(validation.ValidationFailed, match=r"shop is in validated/shops \(code\): broken by 1 row"):
        validation.publish(table(ROWS), "validated/a", found)
    lake.write(pa.table({"code": ["web", "café", "Web"]}), "validated/shops")
    done = validation.publish(table(ROWS), "validated/a", found)
    assert ("validated/shops", 2) in [(each.dataset, each.version) for each in done.version.manifest.inputs]
    pair = b"rules: [{reference: {columns: [shop, n], in: validated/pairs, to: [s, k]}}]"
    lake.write(pa.table({"s": ["web", "café", "web"], "k": pa.array([1, 1, 3], pa.int32())}), "validated/pairs")
    assert broken(validation.validate(table(ROWS), known(pair))) == {"shop, n is in validated/pairs (s, k)": 1}


def test_the_same_version_is_judged_again_when_what_it_refers_to_has_changed():
    lake.write(table(ROWS[:2]), "raw/a")
    lake.write(pa.table({"shop": ["web", "café"]}), "validated/shops")
    found = known(b"rules: [{reference: {column: shop, in: validated/shops}}]")
    assert validation.publish("raw/a", "validated/a", found).is_new
    assert not validation.publish("raw/a", "validated/a", found).is_new
    lake.write(pa.table({"shop": ["web"]}), "validated/shops")
    with pytest.raises(validation.ValidationFailed, match="broken by 1 row"):
        validation.publish("raw/a", "validated/a", found)


def test_old_data_is_not_fresh():
    today = datetime.datetime.now(datetime.UTC).date()
    fresh = known(b"rules: [{freshness: {column: day, within: 3 days}}]")
    assert validation.validate(table([GOOD, GOOD | {"day": today - datetime.timedelta(2)}]), fresh).passed
    with pytest.raises(validation.ValidationFailed, match="day is at most 3 days old: found 1997-09-30 as the newest"):
        validation.publish(table([GOOD]), "validated/a", fresh)
    with pytest.raises(validation.ValidationFailed, match="old: found no value"):
        validation.publish(table([GOOD | {"day": None}]), "validated/a", fresh)


def test_a_version_that_drifts_from_those_before_is_stopped():
    drift = known(
        b"rules: [{drift: {rows: 50%, over: 3}}, {drift: {column: n, mean: 20%}}, {drift: {column: day, nulls: 10%}}]"
    )
    for number in (10, 11, 12, 100):
        if number < 100:
            done = validation.publish(table([GOOD] * number), "validated/a", drift)
    assert done.version.manifest.details["verdict"]["measures"] == {"rows": 12, "mean of n": 1, "nulls of day": 0}
    with pytest.raises(validation.ValidationFailed, match="found 100 where 11 is usual"):
        validation.publish(table([GOOD] * 100), "validated/a", drift)
    with pytest.raises(validation.ValidationFailed, match=r"the mean of n is within 20% .* found 1.5 where 1 is usual"):
        validation.publish(table([GOOD, GOOD | {"n": 2}] * 5), "validated/a", drift)
    with pytest.raises(validation.ValidationFailed, match=r"found 25% where 0% is usual; nothing was published$"):
        validation.publish(table([*[GOOD] * 9, *[GOOD | {"day": None}] * 3]), "validated/a", drift)
    assert lake.latest("validated/a").number == 3


def test_a_key_may_stand_beside_a_rule_that_says_a_part_of_it():
    names = [rule.name for rule in known(b"rules: [{not_null: [id, n]}, {key: id}, {unique: [id]}]").rules]
    assert names == ["id is not null", "n is not null", "id is unique"]


def test_rules_in_python_are_those_in_yaml(tmp_path, capsys):
    path = tmp_path / "rules.py"
    path.write_text(
        'LOW = 1\nrules = [{"key": ["id"]}, {"range": {"column": "n", "min": LOW}}]\non_failure = "set_aside"\n'
    )
    found = validation.read(path)
    same = known(b"on_failure: set_aside\nrules: [{key: [id]}, {range: {column: n, min: 1}}]")
    assert (found.rules, found.policy, found.hash) == (same.rules, same.policy, same.hash)
    said = validation.rules_of([{"key": ["id"]}, {"range": {"column": "n", "min": 1}}], on_failure="set_aside")
    assert said.rules == same.rules
    for text, words in (
        ("\nrules = [{'key': ID}]", r"rules.py: line 2: NameError: name 'ID' is not defined"),
        ("rules = [", "rules.py: line 1: SyntaxError"),
        ("rule = []", "rules.py: has no rules; write for example rules = "),
        ("rules = [{'key': ['id']}, {'range': {'column': 'n', 'least': 1}}]", r"rule 2 \(range\): has 'least'"),
    ):
        path.write_text(text)
        with pytest.raises(validation.BadRules, match=words):
            validation.read(path)


def test_a_column_called_as_the_quarantine_s_own_is_kept_beside_it():
    lake.write(pd.DataFrame({"id": [1, 2], "Failed_Rules": ["a", "b"]}), "raw/named")
    with pytest.raises(validation.ValidationFailed):
        validation.publish("raw/named", "validated/named", validation.rules_of([{"range": {"column": "id", "max": 1}}]))
    aside = lake.read_pandas("validated/named_quarantine")
    assert [*aside.columns] == ["id", "Failed_Rules", "failed_rules_2"]
    assert aside.iloc[0].tolist()[:2] == [2, "b"]
