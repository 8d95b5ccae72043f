"""Data as it was: the version that was the latest at a time."""

import datetime
import json
import re

import pandas as pd
import pytest

from commonlib import lake
from commonlib.lake import commit, logs, manifest

NAME = "derived/scores"
NOON = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("LAKE_ROOT", str(tmp_path / "lake"))
    return tmp_path / "lake"


@pytest.fixture
def at(monkeypatch):
    """Writes a version at a time, as the clock of its machine shows it."""

    def write(hour: int, number: int):
        monkeypatch.setattr(commit, "_now", lambda: NOON.replace(hour=hour))
        return lake.write(pd.DataFrame({"n": [number]}), NAME)

    return write


def value(as_of) -> int:
    return int(lake.read_pandas(NAME, as_of=as_of)["n"][0])


def test_a_read_takes_what_was_the_latest_at_that_time_in_any_zone_and_spelling(at):
    for hour in (9, 12, 15):
        at(hour, hour)
    assert [value(f"2026-11-22T{hour:02}:00:00Z") for hour in (9, 11, 12, 14, 15, 23)] == [9, 9, 12, 12, 15, 15]
    assert value("2026-11-22T11:59:59.999999+00:00") == 9
    assert value("2026-11-22T12:59:59+01:00") == 9
    assert value("2026-11-22 13:00+01:00") == 12
    assert value(NOON) == 12
    assert value(pd.Timestamp("2026-11-22 21:00", tz="Asia/Tokyo")) == 12


def test_before_the_first_version_the_error_says_when_that_was(at):
    at(9, 1)
    told = (
        "nothing was committed as of 2026-11-22T08:59:59+00:00; the first version there is, 1, is of 2026-11-22T09:00"
    )
    with pytest.raises(lake.NotFound, match=re.escape(told)):
        lake.read_pandas(NAME, as_of="2026-11-22T08:59:59Z")
    with pytest.raises(lake.NotFound, match="no version was ever committed"):
        lake.read_pandas("derived/none", as_of=NOON)


@pytest.mark.parametrize(
    "moment", ["2026-11-22", "2026-11-22T12:00", "noon", datetime.date(2026, 11, 22), NOON.replace(tzinfo=None)]
)
def test_a_time_without_its_zone_is_refused_and_says_how_to_write_it(at, moment):
    at(9, 1)
    with pytest.raises(lake.BadMoment, match="write it with its zone, for example 2026-11-22T09:15:00Z"):
        lake.read_pandas(NAME, as_of=moment)


def test_a_version_and_a_time_at_once_are_refused(at):
    at(9, 1)
    with pytest.raises(lake.LakeError, match="both version 1 and a time"):
        lake.read_pandas(NAME, version=1, as_of=NOON)


def test_a_writer_whose_clock_is_late_does_not_turn_the_log_back(at):
    at(12, 1)
    at(9, 2)
    at(15, 3)
    assert [version.manifest.created[11:13] for version in lake.versions(NAME)] == ["12", "12", "15"]
    assert value(NOON) == 2


def test_a_long_log_is_searched_and_not_read(at, monkeypatch):
    for hour in range(24):
        at(hour, hour)
    read = []
    real = logs.Log.manifest
    monkeypatch.setattr(logs.Log, "manifest", lambda self, number: read.append(number) or real(self, number))
    assert value("2026-11-22T17:30:00Z") == 17
    assert len(read) <= 6


def test_a_file_is_found_as_of_a_time_and_what_is_read_is_an_input(root):
    for text in ("old", "new"):
        with lake.write_file("derived/model", "model.txt") as path, open(path, "w") as stream:  # noqa: PTH123
            stream.write(text)
    first, second = lake.versions("derived/model")
    with open(lake.file("derived/model", "model.txt", as_of=first.manifest.moment)) as stream:  # noqa: PTH123
        assert stream.read() == "old"
    made = lake.write(pd.DataFrame({"n": [1]}), NAME)
    assert manifest.Input("derived/model", 1) in made.manifest.inputs
    assert manifest.Input("derived/model", 2) not in made.manifest.inputs
    assert second.number == 2


@pytest.mark.spark
def test_spark_reads_as_of_a_time(at, spark):
    at(9, 1)
    at(12, 2)
    assert lake.read(NAME, as_of="2026-11-22T10:00:00Z").first().n == 1


def test_the_manifest_counts_nulls_by_column_where_there_are_any(root):
    made = lake.write(pd.DataFrame({"a": ["x", None, None], "b": [1.5, None, 2.0], "c": [1, 2, 3]}), NAME)
    (file,) = json.loads((root / NAME / "_log" / f"{1:020d}.json").read_bytes())["files"]
    assert file["nulls"] == {"a": 2, "b": 1}
    assert logs.latest(NAME) == made
    assert lake.write(pd.DataFrame({"a": ["x"]}), "derived/whole").files[0].nulls == {}
