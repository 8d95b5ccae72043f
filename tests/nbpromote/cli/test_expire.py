"""`nbpromote data expire`: what goes, what stays and why, and that nothing is lost that is needed."""

import datetime
import json
import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

from commonlib import lake
from commonlib.lake import commit, lineage, logs
from nbpromote.cli import main
from nbpromote.effects.running import expiry

NAME = "derived/value"
DAY = datetime.timedelta(days=1)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a lake."""
    (tmp_path / "pyproject.toml").write_text("[tool.nbpromote]\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAKE_ROOT", str(tmp_path / "lake"))
    monkeypatch.setattr(lineage, "_read", {})
    return tmp_path / "lake"


@pytest.fixture
def written(root, monkeypatch):
    """Writes a version as of so many days ago."""

    def write(days: int, number: int, name: str = NAME, **options: object) -> lake.Version:
        moment = datetime.datetime.now(datetime.UTC) - days * DAY
        with monkeypatch.context() as patch:
            patch.setattr(commit, "_now", lambda: moment)
            return lake.write(pd.DataFrame({"n": [number]}), name, **options)

    return write


def told(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main(["data", *words]) == code
    shown = capsys.readouterr()
    return shown.out + shown.err


def data_files(root: Path) -> list[str]:
    return sorted(path.as_posix() for path in root.rglob("*.parquet"))


def test_it_is_shown_before_it_is_done_and_logged_and_what_is_left_is_whole(root, written, capsys):
    for number, days in enumerate((400, 300, 200, 100, 1), 1):
        written(days, number)
    before = data_files(root)
    shown = told(capsys, "expire", "--days", "90", "--floor", "2")
    assert "goes      3 of 5 versions: 1, 2, 3" in shown
    assert "stays     1 version among the newest" in shown
    assert "Nothing was removed; --yes does it." in shown
    assert data_files(root) == before

    told(capsys, "expire", "--days", "90", "--floor", "2", "--yes")
    assert len(data_files(root)) == 2
    assert [version.number for version in lake.versions(NAME)] == [4, 5]
    with pytest.raises(lake.Expired, match=r"version 2 expired on .* \(older than 90 days, never the newest 2\)"):
        lake.read_pandas(NAME, version=2)
    with pytest.raises(lake.Expired):
        lake.read_pandas(NAME, as_of=logs.open_log(NAME).manifest(1).created)
    assert told(capsys, "verify").startswith("whole")
    assert "everything, expired" in told(capsys, "history", NAME)
    (event,) = (root / NAME / "_retention").glob("*.json")
    assert json.loads(event.read_text())["versions"] == [1, 2, 3]
    assert "nothing to remove" in told(capsys, "expire", "--days", "150", "--yes")


def test_partitions_that_newer_versions_took_over_stay(root, written, capsys):
    for number, value in enumerate("aabcb"):
        written(300 - number, number, partition={"run_id": value})
    told(capsys, "expire", "--versions", "1", "--yes")
    assert sorted(lake.read_pandas(NAME)["n"]) == [1, 3, 4]
    assert len(data_files(root)) == 3
    assert told(capsys, "verify").startswith("whole")
    written(0, 9, partition={"run_id": "d"})
    assert sorted(lake.read_pandas(NAME)["n"]) == [1, 3, 4, 9]


def test_what_is_held_or_was_read_to_make_what_is_there_stays(root, written, capsys):
    for number in range(1, 5):
        written(400, number, "raw/in")
    lake.read_pandas("raw/in", version=2)
    written(1, 0, "derived/out")
    assert "version 1 is held" in told(capsys, "hold", "raw/in", "1", "--reason", "case 17")
    shown = told(capsys, "expire", "raw", "--days", "30", "--yes")
    assert "goes      1 of 4 versions: 3" in shown
    assert "1 version held" in shown
    assert "1 version of recorded runs" in shown
    assert "held" in told(capsys, "history", "raw/in")
    told(capsys, "release", "raw/in", "1", "--reason", "closed")
    assert "version 1 is not held" in told(capsys, "release", "raw/in", "1", "--reason", "again", code=2)
    assert "goes      1 of 3 versions: 1" in told(capsys, "expire", "raw", "--days", "30")
    assert "version 3 expired" in told(capsys, "show", "raw/in", "--version", "3", code=2)


def test_the_configuration_says_how_long_by_dataset_or_zone(root, written, capsys):
    for name in ("raw/a", "raw/b", "derived/c"):
        for number in range(3):
            written(100, number, name)
    (root.parent / "pyproject.toml").write_text(
        '[tool.nbpromote.retention]\nraw = { days = 30 }\n"raw/b" = { versions = 2 }\n'
    )
    shown = told(capsys, "expire")
    assert "goes      2 of 3 versions: 1, 2" in shown
    assert "goes      1 of 3 versions: 1" in shown
    assert "derived/c" not in shown
    (root.parent / "pyproject.toml").write_text("[tool.nbpromote.retention]\nraw = { weeks = 3 }\n")
    assert "write a table of days, floor, versions" in told(capsys, "expire", code=2)


def test_what_dead_writers_left_goes_only_past_the_lease_and_a_slow_writer_commits_nothing(root, written, capsys):
    written(0, 1)
    for days in (2, 9):
        moment = datetime.datetime.now(datetime.UTC) - days * DAY
        folder = root / NAME / "data" / f"_attempt={moment:%Y%m%dT%H%M%S}-dead"
        folder.mkdir()
        (folder / "part-0.parquet").write_bytes(b"half")
    shown = told(capsys, "expire", "--yes")
    assert "goes      1 folder of writers that died" in shown
    assert "stays     1 folder of writes under way" in shown
    assert len(list((root / NAME / "data").iterdir())) == 2
    assert datetime.timedelta(days=commit.LEASE_DAYS) < expiry.LEASE

    log = logs.open_log(NAME)
    old = commit.Attempt(log.dataset, f"{datetime.datetime.now(datetime.UTC) - 8 * DAY:%Y%m%dT%H%M%S}-slow", (), 0)
    with pytest.raises(lake.LakeError, match="began more than 7 days ago; nothing was published"):
        commit.publish(log, old, commit.Draft("table", ()))


def test_an_expiry_that_was_killed_is_finished_by_the_next_and_an_expired_key_is_written_again(root, written, capsys):
    written(100, 1, key="k")
    written(1, 2)
    saved = root.parent / "saved"
    shutil.copytree(root / NAME / "data", saved)
    told(capsys, "expire", "--days", "30", "--yes")
    shutil.copytree(saved, root / NAME / "data", dirs_exist_ok=True)
    assert told(capsys, "verify").startswith("whole")
    assert "left by an earlier expiry" in told(capsys, "expire", "--days", "30", "--yes")
    assert len(data_files(root)) == 1
    assert written(0, 1, key="k").number == 3
    assert os.listdir(root / NAME / "data")  # noqa: PTH208
