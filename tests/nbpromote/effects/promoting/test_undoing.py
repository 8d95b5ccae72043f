"""Undo takes promotions back one after the other, and loses nothing that people wrote since."""

import subprocess
from pathlib import Path

import pytest

from nbpromote.effects.files.workspace import Workspace
from nbpromote.effects.promoting import history
from nbpromote.effects.promoting.undoing import EditedSince, NotInGit, forget, take_back
from nbpromote.promotion.plan import FileEdit

FIRST = (FileEdit("a.py", None, b"one\n"), FileEdit("lib/b.py", b"old\n", b"new\n"))
SECOND = (FileEdit("a.py", b"one\n", b"two\n"),)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with two promotions."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/b.py").write_bytes(b"old\n")
    for edits in (FIRST, SECOND):
        with history.remembered(tmp_path, "a.py", edits):
            Workspace(tmp_path).apply(edits)
    return tmp_path


def last(root: Path) -> history.Kept:
    found = history.last(root)
    assert found is not None
    return found


def commit(root: Path) -> None:
    for words in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "-m", "x"],
    ):
        subprocess.run(["git", "-C", str(root), *words], check=True)


def test_several_are_taken_back_in_turn_and_each_says_what_it_did(root: Path) -> None:
    second, first = take_back(root, last(root)), take_back(root, last(root))
    assert (second.restored, second.removed) == (("a.py",), ())
    assert (first.restored, first.removed) == (("lib/b.py",), ("a.py",))
    assert (root / "lib/b.py").read_bytes() == b"old\n"
    assert history.last(root) is None


def test_a_file_that_was_edited_since_stays_and_the_way_out_is_told(root: Path) -> None:
    (root / "a.py").write_bytes(b"my work\n")
    with pytest.raises(EditedSince, match=r"a\.py: changed since .* --force.* --forget"):
        take_back(root, last(root))
    with pytest.raises(NotInGit, match=r"a\.py"):
        take_back(root, last(root), by_force=True)
    assert (root / "a.py").read_bytes() == b"my work\n"
    commit(root)
    assert take_back(root, last(root), by_force=True).restored == ("a.py",)
    assert (root / "a.py").read_bytes() == b"one\n"


def test_a_promotion_that_is_not_there_any_more_is_passed_over(root: Path) -> None:
    (root / "a.py").write_bytes(b"one\n")  # as `git checkout` of what was before does it
    made = take_back(root, last(root))
    assert (made.restored, made.removed) == ((), ())
    assert take_back(root, last(root)).removed == ("a.py",)


def test_one_that_shall_stay_can_be_forgotten(root: Path) -> None:
    before = (root / "a.py").read_bytes()
    forget(last(root))
    assert (root / "a.py").read_bytes() == before
    with pytest.raises(EditedSince):
        take_back(root, last(root))
