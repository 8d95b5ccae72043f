"""The commit protocol under fire: writers that die at every step, and writers that meet."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from commonlib import lake
from commonlib.lake import arrow_frames, commit, failpoints, footers, logs, manifest, tables
from commonlib.lake.errors import PartitionTaken, WriteNotProven

NAME = "derived/scores"
WRITE = """
import sys
import pandas as pd
from commonlib import lake
lake.write(pd.DataFrame({"n": [2] * 1000}), "derived/scores", key="second", partition=eval(sys.argv[1]))
"""


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("LAKE_ROOT", str(tmp_path / "lake"))
    return tmp_path / "lake"


def frame(number: int, rows: int = 1000) -> pd.DataFrame:
    return pd.DataFrame({"n": [number] * rows})


def start(code: str, *arguments: str, **environ: str) -> subprocess.Popen[str]:
    here = Path(__file__).parents[3]
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=os.environ | {"PYTHONPATH": str(here)} | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def values(version: int | None = None) -> list[int]:
    return list(lake.read_pandas(NAME, version=version)["n"])


@pytest.mark.parametrize("partition", [None, {"run_date": "1997-09-30"}], ids=["whole", "partition"])
def test_whoever_dies_at_any_step_leaves_the_old_or_the_new_and_a_re_run_heals(partition):
    for number, point in enumerate(failpoints.POINTS):
        lake.write(frame(1), NAME, partition=partition)
        before = lake.versions(NAME)
        writer = start(WRITE.replace("second", point), repr(partition), LAKE_FAILPOINT=point)
        assert writer.wait(60) == -9, f"{point} was never reached: {writer.communicate()}"

        committed = point == "after-publish"
        assert values() == [2 if committed else 1] * 1000, point
        assert len(lake.versions(NAME)) == len(before) + committed, point
        assert values(before[-1].number) == [1] * 1000, point

        healed = lake.write(frame(2), NAME, key=point, partition=partition)
        assert healed.number == len(before) + 1
        assert values() == [2] * 1000
        assert len(lake.versions(NAME)) == 2 * (number + 1)


def test_writers_that_meet_lose_nothing_and_readers_see_whole_versions():
    many = """
import sys
import pandas as pd
from commonlib import lake
for number in range(6):
    lake.write(pd.DataFrame({"n": [int(sys.argv[1]) * 100 + number] * 500}), "derived/scores")
lake.write(pd.DataFrame({"n": [7] * 500}), "derived/scores", key="the same in all")
"""
    lake.write(frame(0, 500), NAME)
    writers = [start(many, str(number)) for number in range(3)]
    looks = 0
    while any(writer.poll() is None for writer in writers):
        found = values()
        assert len(found) == 500
        assert len(set(found)) == 1
        looks += 1
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert looks > 3
    versions = lake.versions(NAME)
    assert [version.number for version in versions] == list(range(1, 1 + 18 + 1 + 1))
    seen = [values(version.number)[0] for version in versions]
    assert sorted(seen) == sorted([0, 7, *(w * 100 + n for w in range(3) for n in range(6))])


def test_two_runs_that_write_one_partition_at_once_have_one_winner(monkeypatch):
    real = footers.prove

    def prove_after_another_run(*arguments):
        monkeypatch.setattr(footers, "prove", real)
        lake.write(frame(5), NAME, partition={"run_id": "a"})
        lake.write(frame(6), NAME, partition={"run_id": "b"})
        return real(*arguments)

    monkeypatch.setattr(footers, "prove", prove_after_another_run)
    with pytest.raises(PartitionTaken, match="run_id=a was written by another run meanwhile"):
        lake.write(frame(4), NAME, partition={"run_id": "a"})
    assert sorted(set(values())) == [5, 6]


def test_a_write_whose_files_hold_other_rows_than_were_observed_is_never_published(monkeypatch):
    from commonlib.lake import arrow_frames

    lake.write(frame(1), NAME)
    real = arrow_frames.write
    monkeypatch.setattr(arrow_frames, "write", lambda *arguments: real(*arguments) + 1)
    with pytest.raises(
        WriteNotProven, match="1,001 rows were observed while writing, but the files' footers count 1,000"
    ):
        lake.write(frame(2), NAME)
    assert values() == [1] * 1000


def test_the_same_key_is_the_same_version_and_writes_nothing(root):
    first = lake.write(frame(1), NAME, key="run 17")
    lake.write(frame(2), NAME)
    files = sorted(root.rglob("*"))
    assert lake.write(frame(3), NAME, key="run 17") == first
    assert sorted(root.rglob("*")) == files


def test_readers_never_list_data_so_what_a_dead_writer_left_is_nothing_to_them(root):
    version = lake.write(frame(1), NAME)
    left = Path(version.path).with_name("_attempt=19990101T000000-dead")
    left.mkdir()
    (left / "part-00000.parquet").write_bytes(b"half a file")
    (Path(version.path) / "part-99999.parquet").write_bytes(b"half a file")
    (root / NAME / "_log" / ".00000000000000000002.json.tmp").write_bytes(b"{")
    assert values() == [1] * 1000
    assert len(lake.versions(NAME)) == 1


def test_a_long_line_of_partitions_stays_quick_to_read_and_its_manifests_small(root):
    count = 3 * manifest.CHAIN
    for number in range(count):
        lake.write(frame(number, 1), NAME, partition={"run_id": f"run {number}"})
    lake.write(frame(-1, 1), NAME, partition={"run_id": "run 40"})
    log = logs.open_log(NAME)
    latest = log.find(None)
    assert [log.manifest(number).carried is None for number in (10, count - 1, count, count + 1)] == [
        False,
        True,
        False,
        True,
    ]
    began = time.perf_counter()
    assert len(log.find(None).files) == latest.rows == count
    assert time.perf_counter() - began < 1
    assert set(values()) == {*range(count), -1} - {40}
    assert set(values(41)) == set(range(41))


def test_a_manifest_says_what_was_read_who_ran_and_what_the_files_are(monkeypatch, root):
    monkeypatch.setenv("COMMONLIB_RUN", json.dumps({"id": "r-17", "commit": "abc"}))
    lake.write(frame(1), "raw/purchases")
    lake.read_pandas("raw/purchases")
    version = lake.write(frame(2), NAME)
    written = json.loads((root / NAME / "_log" / f"{1:020d}.json").read_bytes())
    assert {"dataset": "raw/purchases", "version": 1} in written["inputs"]
    assert written["run"] == {"id": "r-17", "commit": "abc"}
    assert written["columns"] == [{"name": "n", "type": "bigint"}]
    import hashlib

    (file,) = version.files
    assert file.sha256 == hashlib.sha256(Path(version.paths[0]).read_bytes()).hexdigest()
    assert file.bytes == Path(version.paths[0]).stat().st_size


def test_a_manifest_that_is_damaged_or_of_a_later_format_is_refused_by_name(root):
    lake.write(frame(1), NAME)
    entry = root / NAME / "_log" / f"{1:020d}.json"
    whole = entry.read_bytes()
    entry.write_bytes(whole[:100])
    with pytest.raises(lake.BadManifest, match=entry.name):
        lake.read_pandas(NAME)
    entry.write_bytes(whole.replace(b'"format": 1', b'"format": 2'))
    with pytest.raises(lake.BadManifest, match="upgrade"):
        lake.read_pandas(NAME)


def test_a_write_that_fails_or_is_refused_or_was_there_leaves_nothing_on_the_disk(root):
    lake.write(pa.table({"n": [1]}), "derived/a", partition={"p": "x"}, key="first")
    before = sorted(path for path in root.rglob("*") if path.is_file())
    with pytest.raises(lake.LakeError):
        lake.write(pa.table({"n": ["text"]}), "derived/a", partition={"p": "x"})
    with pytest.raises(ZeroDivisionError):
        tables.put(pa.table({"n": [2]}), "derived/a", partition={"p": "x"}, approve=lambda rows: 1 // 0)
    log = logs.open_log("derived/a")
    late = commit.begin(log)
    arrow_frames.write(pa.table({"n": [3]}), log.storage.location(late.folder))
    assert commit.publish(log, late, commit.Draft("table", (), key="first")).number == 1
    block = lake.write_file("derived/files", "a.txt")
    Path(block.__enter__()).write_text("half", encoding="utf-8")
    block.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert sorted(path for path in root.rglob("*") if path.is_file()) == before
