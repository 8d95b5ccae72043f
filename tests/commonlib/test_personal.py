"""Personal data stays in the zone that it was landed in."""

import json
from pathlib import Path

import pandas as pd
import pytest

from commonlib import ingest, lake, validation
from commonlib.lake import logs
from commonlib.validation import publishing
from commonlib.validation.errors import ValidationError

PEOPLE = """customer,email,phone,born,spend
1,ada@example.org,+41 44 123,1990-01-02,5
2,,+41 44 999,1991-02-03,-1
3,bob@example.org,,1992-03-04,7
"""
YAML = """format: csv
columns:
- {name: customer, type: integer}
- {name: email, type: text, personal: hash}
- {name: phone, type: text, personal: mask}
- {name: born, type: date, personal: drop}
- {name: spend, type: integer}
rules:
- range: {column: spend, min: 0}
- pattern: {column: email, matches: ".+@.+"}
on_failure: set_aside
"""
SECRETS = ("ada@", "bob@", "+41", "1990-01-02", "a key that only we know")


@pytest.fixture(autouse=True)
def landed(tmp_path, monkeypatch) -> Path:
    """A lake with people in raw, and the file that says what of them is personal."""
    monkeypatch.setenv("LAKE_ROOT", str(tmp_path / "lake"))
    monkeypatch.setenv("PERSONAL_DATA_KEY", "a key that only we know")
    (tmp_path / "people.csv").write_text(PEOPLE)
    (tmp_path / "people.yml").write_text(YAML)
    ingest.ingest(tmp_path / "people.csv", "raw/people", tmp_path / "people.yml")
    return tmp_path


def check(root: Path, printed: str) -> pd.DataFrame:
    for file in [*(root / "lake" / "validated").rglob("*")]:
        assert not file.is_file() or not any(secret.encode() in file.read_bytes() for secret in SECRETS)
    assert not any(secret in printed for secret in SECRETS)
    aside = lake.read_pandas("validated/people_quarantine")
    assert list(aside["customer"]) == [2]
    assert "born" not in aside
    return lake.read_pandas("validated/people").sort_values("customer")


def test_tagged_columns_are_hidden_in_all_that_is_published_and_judged_as_they_were(landed, capsys):
    validation.publish("raw/people", "validated/people", landed / "people.yml")
    found = check(landed, capsys.readouterr().out)
    assert list(found.columns) == ["customer", "email", "phone", "spend"]
    assert [len(text) for text in found["email"]] == [64, 64]
    assert found["email"].nunique() == 2
    assert list(found["phone"]) == ["***", None]
    assert lake.read_pandas("raw/people")["email"].iloc[0] == "ada@example.org"
    done = logs.latest("validated/people")
    assert done.manifest.details["hidden"] == {"email": "hash", "phone": "mask", "born": "drop"}
    # The tags went with the landed data: rules of their own need not repeat them.
    (landed / "rules.yml").write_text("rules:\n- not_null: [customer]\n")
    validation.publish("raw/people", "validated/again", landed / "rules.yml")
    again = lake.read_pandas("validated/again")
    assert "born" not in again
    assert set(found["email"]) < set(again["email"])


def test_why_a_row_is_malformed_is_told_without_what_is_personal_in_it(tmp_path):
    (tmp_path / "people.csv").write_text("customer,born\n1,ada@example.org\n2,1990-01-01\n")
    schema = tmp_path / "people.yml"
    schema.write_text(
        "format: csv\ncolumns: [{name: customer, type: integer}, {name: born, type: date, personal: drop}]"
    )
    ingest.ingest(tmp_path / "people.csv", "raw/some", schema)
    assert list(lake.read_pandas("raw/some_quarantine")["reason"]) == ["born: a value is not a date spelled yyyy-MM-dd"]


@pytest.mark.spark
def test_spark_hides_the_same_and_its_plans_do_not_say_the_key(landed, capsys, spark):
    from commonlib.validation import personal, rule_files

    publishing.publish_version("raw/people", "validated/people", rule_files.read(landed / "people.yml"), engine="spark")
    with_spark = check(landed, capsys.readouterr().out)
    validation.publish("raw/people", "validated/arrow", landed / "people.yml")
    without = lake.read_pandas("validated/arrow").sort_values("customer")
    assert json.loads(with_spark.to_json(orient="records")) == json.loads(without.to_json(orient="records"))
    hidden = personal.hide(lake.read("raw/people"), {"email": "hash"})
    assert "only we know" not in hidden._jdf.queryExecution().toString()


def test_without_a_key_with_an_unknown_way_or_in_a_folders_name_nothing_is_published(landed, monkeypatch):
    rules = landed / "people.yml"
    with pytest.raises(ValidationError, match="'email' is personal and cannot be in folders' names"):
        validation.publish("raw/people", "validated/people", rules, partition={"email": "x"})
    monkeypatch.delenv("PERSONAL_DATA_KEY")
    with pytest.raises(ValidationError, match="set PERSONAL_DATA_KEY to at least 16 characters"):
        validation.publish("raw/people", "validated/people", rules)
    rules.write_text(YAML.replace("personal: hash", "personal: rot13"))
    with pytest.raises(ValidationError, match="personal is 'rot13'; it is mask, hash, drop"):
        validation.publish("raw/people", "validated/people", rules)
    with pytest.raises(ingest.IngestError, match="has personal: 'rot13'"):
        ingest.ingest(landed / "people.csv", "raw/other", rules)
    assert lake.latest("validated/people") is None
