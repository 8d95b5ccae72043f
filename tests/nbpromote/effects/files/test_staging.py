"""A stage looks like the promoted repository and its lake, and nothing that happens on it reaches them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from commonlib import lake
from commonlib.lake import logs
from nbpromote.effects.files.staging import CannotStage, staged
from nbpromote.effects.files.temporary import Folder, sweep


def test_what_is_written_on_a_stage_does_not_reach_the_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "repository").mkdir()
    real = tmp_path / "lake"
    monkeypatch.setenv("LAKE_ROOT", str(real))
    lake.write(pa.table({"a": [1]}), "raw/kept")
    lake.write(pa.table({"a": [1]}), "derived/written")
    with staged(tmp_path / "repository", real, (), ["derived/written"]) as stage:
        monkeypatch.setenv("LAKE_ROOT", str(stage.lake))
        assert lake.read_pandas("raw/kept")["a"].tolist() == [1]
        assert lake.latest("derived/written") is None
        assert lake.write(pa.table({"a": [2]}), "raw/kept").number == 2
        assert lake.read_pandas("raw/kept")["a"].tolist() == [2]
    latest = logs.latest("raw/kept", real)
    assert latest is not None
    assert latest.number == 1
    assert not stage.folder.exists()


LEAVE = """
import os
from nbpromote.effects.files.temporary import Folder
print(Folder("test-").path, flush=True)
os.kill(os.getpid(), 9)
"""


def test_what_a_killed_process_left_is_removed_and_what_a_live_one_uses_stays() -> None:
    done = subprocess.run([sys.executable, "-c", LEAVE], capture_output=True, text=True, check=False)
    left = Path(done.stdout.strip())
    assert left.is_dir()
    mine = Folder("test-")
    sweep()
    assert not left.exists()
    assert mine.path.is_dir()
    mine.remove()
    assert not mine.path.exists()


def test_where_nothing_can_be_tried_is_told_in_one_line() -> None:
    several = shutil.Error([("a", "b", "[Errno 28] No space left on device: 'a' -> 'b'"), ("c", "d", "...")])
    told = str(CannotStage(several))
    assert "a promotion cannot be tried there ([Errno 28] No space left on device); nothing was changed" in told
