"""A promotion that landed can be taken back, also when its process was killed right after."""

import subprocess
import sys
from pathlib import Path

import pytest

from nbpromote.effects.files.workspace import Workspace
from nbpromote.effects.promoting.history import last, remembered
from nbpromote.promotion.plan import FileEdit

EDITS = (FileEdit("a.py", None, b"new\n"),)
NOTED = ".nbpromote/promotions"


def test_a_promotion_is_remembered_when_it_is_made(tmp_path: Path) -> None:
    with remembered(tmp_path, "a.py", EDITS):
        Workspace(tmp_path).apply(EDITS)
    found = last(tmp_path)
    assert found is not None
    assert (found.target, found.edits) == ("a.py", EDITS)


def test_one_that_fails_is_forgotten(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), remembered(tmp_path, "a.py", EDITS):
        raise ZeroDivisionError
    assert last(tmp_path) is None


def test_one_that_is_interrupted_when_all_is_in_place_is_remembered(tmp_path: Path) -> None:
    def interrupted() -> None:
        with remembered(tmp_path, "a.py", EDITS):
            Workspace(tmp_path).apply(EDITS)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert last(tmp_path) is not None


@pytest.mark.parametrize("has_landed", [True, False])
def test_one_whose_process_was_killed_is_judged_by_the_files(tmp_path: Path, has_landed: bool) -> None:
    with remembered(tmp_path, "a.py", EDITS):
        Workspace(tmp_path).apply(EDITS)
    (tmp_path / NOTED / "000001.json").rename(tmp_path / NOTED / "000001.noted")
    if not has_landed:
        (tmp_path / "a.py").unlink()
    assert (last(tmp_path) is not None) is has_landed
    assert not list((tmp_path / NOTED).glob("*.noted"))


LAND = """
import sys, time
from pathlib import Path
from nbpromote.effects.promoting.history import remembered
from nbpromote.effects.files.workspace import Workspace
from nbpromote.promotion.plan import FileEdit
edits = (FileEdit(sys.argv[2], None, b"new"),)
with remembered(Path(sys.argv[1]), sys.argv[2], edits):
    time.sleep(0.3)
    Workspace(Path(sys.argv[1])).apply(edits)
"""


def test_two_promotions_at_once_land_one_after_the_other(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LAND, str(tmp_path)]
    both = [subprocess.Popen([*command, name]) for name in ("a.py", "b.py")]
    assert [one.wait() for one in both] == [0, 0]
    assert sorted(path.name for path in (tmp_path / NOTED).glob("*.json")) == ["000001.json", "000002.json"]
