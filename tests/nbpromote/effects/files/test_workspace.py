"""The one writer: all or nothing, whatever happens."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from nbpromote.effects.files.locker import Busy, locked
from nbpromote.effects.files.workspace import ApplyFailed, ChangedMeanwhile, RefusedPath, Workspace
from nbpromote.promotion.plan import FileEdit

EDITS = (
    FileEdit("library/values.py", b"old\n", b"new\n"),
    FileEdit("notebooks/production/value.py", None, b"# %%\n"),
    FileEdit("stale/left.txt", b"left\n", None),
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "library").mkdir()
    (tmp_path / "library/values.py").write_bytes(b"old\n")
    (tmp_path / "library/values.py").chmod(0o750)
    (tmp_path / "stale").mkdir()
    (tmp_path / "stale/left.txt").write_bytes(b"left\n")
    return tmp_path


def tree(root: Path) -> Mapping[str, bytes | None]:
    """Every file and folder under the root but the tool's own."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(root.rglob("*"))
        if ".nbpromote" not in path.parts
    }


def test_all_edits_are_made_and_their_reversal_takes_them_back(root: Path) -> None:
    before = tree(root)
    Workspace(root).apply(EDITS)
    assert tree(root) == {
        "library": None,
        "library/values.py": b"new\n",
        "notebooks": None,
        "notebooks/production": None,
        "notebooks/production/value.py": b"# %%\n",
    }
    Workspace(root).apply([edit.reversed() for edit in EDITS])
    assert tree(root) == before
    assert (root / "library/values.py").stat().st_mode & 0o777 == 0o750


def test_a_replaced_file_keeps_its_mode_and_a_new_one_gets_the_usual(root: Path) -> None:
    Workspace(root).apply(EDITS)
    umask = os.umask(0)
    os.umask(umask)
    assert (root / "library/values.py").stat().st_mode & 0o777 == 0o750
    assert (root / "notebooks/production/value.py").stat().st_mode & 0o777 == 0o666 & ~umask


def test_a_file_changed_meanwhile_stops_everything(root: Path) -> None:
    (root / "stale/left.txt").write_bytes(b"someone was here\n")
    before = tree(root)
    with pytest.raises(ChangedMeanwhile, match=r"stale/left\.txt"):
        Workspace(root).apply(EDITS)
    assert tree(root) == before


def test_a_file_that_appeared_meanwhile_stops_everything(root: Path) -> None:
    (root / "notebooks/production").mkdir(parents=True)
    (root / "notebooks/production/value.py").write_bytes(b"mine\n")
    before = tree(root)
    with pytest.raises(ChangedMeanwhile, match=r"value\.py"):
        Workspace(root).apply(EDITS)
    assert tree(root) == before


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../outside", "a/../../outside", ".git/config", ".nbpromote/x", "", "library/.git/hooks/x"]
)
def test_a_path_that_leaves_the_root_or_is_not_ours_is_refused(root: Path, path: str) -> None:
    before = tree(root)
    with pytest.raises(RefusedPath):
        Workspace(root).apply([*EDITS, FileEdit(path, None, b"x")])
    assert tree(root) == before


def test_symbolic_links_are_neither_followed_out_nor_replaced(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "file").write_bytes(b"old\n")
    (root / "door").symlink_to(outside)
    (root / "link.py").symlink_to(root / "library/values.py")
    for edit in (FileEdit("door/file", b"old\n", b"new\n"), FileEdit("link.py", b"old\n", b"new\n")):
        with pytest.raises(RefusedPath, match="symbolic link"):
            Workspace(root).apply([edit])
    assert (outside / "file").read_bytes() == b"old\n"
    assert (root / "link.py").is_symlink()


def test_a_folder_in_the_place_of_a_file_restores_everything(root: Path) -> None:
    (root / "notebooks").write_bytes(b"a file where the plan wants a folder\n")
    before = tree(root)
    with pytest.raises(ApplyFailed, match="every file is as it was"):
        Workspace(root).apply(EDITS)
    assert tree(root) == before
    assert not (root / ".nbpromote/apply").exists()


def _in_child(root: Path, before_apply: str, edits: tuple[FileEdit, ...] = EDITS) -> subprocess.Popen[str]:
    code = f"""
        import os, resource, signal, sys, time
        from pathlib import Path
        from nbpromote.effects.files import workspace
        from nbpromote.promotion.plan import FileEdit
        {before_apply}
        try:
            workspace.Workspace(Path({str(root)!r})).apply({edits!r})
        except workspace.ApplyFailed as error:
            print(error)
            sys.exit(3)
        except KeyboardInterrupt:
            sys.exit(130)
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True, env=environment
    )


def test_a_full_disk_leaves_every_file_as_it_was(root: Path) -> None:
    before = tree(root)
    edits = (*EDITS, FileEdit("large.bin", None, b"x" * 100_000))
    child = _in_child(root, "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))", edits)
    said, _ = child.communicate(timeout=60)
    assert child.returncode == 3
    assert "every file is as it was" in said
    assert tree(root) == before


def test_a_read_only_folder_leaves_every_file_as_it_was(root: Path) -> None:
    (root / "closed").mkdir()
    (root / "closed").chmod(0o555)
    become_nobody = ""
    if os.geteuid() == 0:  # root may write anywhere
        for path in (root, *root.rglob("*")):
            os.chown(path, 65534, 65534)
        for folder in root.parents:
            if folder.stat().st_uid == 0 and folder != Path("/"):
                folder.chmod(folder.stat().st_mode | 0o011)
        become_nobody = "os.setgroups([]); os.setgid(65534); os.setuid(65534)"
    before = tree(root)
    child = _in_child(root, become_nobody, (*EDITS, FileEdit("closed/new.py", None, b"x")))
    said, _ = child.communicate(timeout=60)
    assert (child.returncode, tree(root)) == (3, before)
    assert "closed/new.py" in said


# The child stops itself for ever after its n-th file is in place, as a process does that is about to be killed.
_STALL = """
        done, move = [], workspace._move
        def stall(source, target):
            move(source, target)
            done.append(target)
            if len(done) == {after}:
                Path({marker!r}).touch()
                time.sleep(600)
        workspace._move = stall
"""


@pytest.mark.parametrize("after", [1, 2])
def test_a_killed_apply_is_taken_back_on_the_next_start(
    root: Path, tmp_path_factory: pytest.TempPathFactory, after: int
) -> None:
    before = tree(root)
    marker = tmp_path_factory.mktemp("marker") / "reached"
    child = _in_child(root, _STALL.format(after=after, marker=str(marker)).strip())
    _wait_for(marker)
    assert tree(root) != before
    child.kill()
    child.wait()
    workspace = Workspace(root)
    assert tree(root) == before
    assert "library/values.py" in workspace.recovered
    assert (root / "library/values.py").stat().st_mode & 0o777 == 0o750
    assert Workspace(root).recovered == ()
    workspace.apply(EDITS)
    assert (root / "library/values.py").read_bytes() == b"new\n"


def test_recovery_does_not_overwrite_what_somebody_wrote_after_the_kill(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    marker = tmp_path_factory.mktemp("marker") / "reached"
    child = _in_child(root, _STALL.format(after=2, marker=str(marker)).strip())
    _wait_for(marker)
    child.kill()
    child.wait()
    (root / "library/values.py").write_bytes(b"my own work\n")
    Workspace(root)
    assert (root / "library/values.py").read_bytes() == b"my own work\n"
    assert (root / ".nbpromote/rescued/library/values.py").read_bytes() == b"old\n"


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_in_the_middle_leaves_every_file_as_it_was(
    root: Path, tmp_path_factory: pytest.TempPathFactory, sent: signal.Signals
) -> None:
    before = tree(root)
    marker = tmp_path_factory.mktemp("marker") / "reached"
    child = _in_child(root, _STALL.format(after=1, marker=str(marker)).replace("600", "1").strip())
    _wait_for(marker)
    child.send_signal(sent)
    child.wait(timeout=30)
    assert child.returncode == (130 if sent == signal.SIGINT else -signal.SIGTERM)
    assert tree(root) == before


def test_two_at_once_are_refused_and_the_lock_dies_with_its_holder(root: Path) -> None:
    with locked(root / ".nbpromote/lock"), pytest.raises(Busy, match="another nbpromote"):
        Workspace(root).apply(EDITS)
    Workspace(root).apply(EDITS)


def test_the_tools_own_folder_is_kept_out_of_git(root: Path) -> None:
    subprocess.run(["git", "init", "-q", root], check=True)
    Workspace(root).apply(EDITS)
    status = subprocess.run(
        ["git", "-C", root, "status", "--porcelain", "-uall"], capture_output=True, text=True, check=True
    )
    assert ".nbpromote" not in status.stdout


def _wait_for(path: Path) -> None:
    end = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < end, "the child did not get there"
        time.sleep(0.02)
