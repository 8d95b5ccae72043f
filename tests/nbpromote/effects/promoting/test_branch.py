"""A promotion on a branch: one commit or nothing, and nothing that is checked out is touched."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from nbpromote.effects.files.repository import BadConfiguration
from nbpromote.effects.files.workspace import ChangedMeanwhile
from nbpromote.effects.git import GitFailed
from nbpromote.effects.promoting import history, undoing
from nbpromote.effects.promoting.branch import Branch, NoBranch, lands_on
from nbpromote.promotion.plan import FileEdit

EDITS = (
    FileEdit("commonlib/values.py", b"old\n", b"new\n"),
    FileEdit("notebooks/production/v.py", None, b"# %%\n"),
    FileEdit("left.txt", b"left\n", None),
)


def git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture(params=["", "in a/folder"])
def root(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A notebook repository, at the top of a git repository or in a folder of one, in which a person is at work."""
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "config", "user.name", "Ada")
    git(tmp_path, "config", "user.email", "ada@localhost")
    made = tmp_path / request.param
    (made / "commonlib").mkdir(parents=True)
    (made / "commonlib/values.py").write_bytes(b"old\n")
    (made / "commonlib/values.py").chmod(0o755)
    (made / "left.txt").write_bytes(b"left\n")
    git(made, "add", "-A")
    git(made, "commit", "-q", "-m", "begin")
    (made / "commonlib/values.py").write_bytes(b"somebody is at work here\n")
    (made / "staged.py").write_bytes(b"1\n")
    git(made, "add", "staged.py")
    (made / "commonlib/untracked.py").write_bytes(b"2\n")
    return made


def state(root: Path) -> tuple[str, ...]:
    """All that belongs to the person: what is checked out, staged, changed and stashed, and the branches."""
    tree = {str(path): path.read_bytes() for path in sorted(root.rglob("*"))
            if path.is_file() and not {".git", ".nbpromote"} & set(path.parts)}  # fmt: skip
    words = (("status", "--porcelain", "-uall"), ("diff", "--cached"), ("symbolic-ref", "HEAD"), ("show-ref",))
    return (*(git(root, *one) for one in words), repr(tree))


def land(root: Path, edits: tuple[FileEdit, ...] = EDITS) -> Branch:
    branch = Branch(root, "promote/v")
    with history.remembered(root, "v", edits, branch.prepare(edits, "Promote v\n")):
        branch.apply(edits)
    return branch


def test_it_is_one_commit_on_its_branch_and_undo_takes_the_branch_away(root: Path) -> None:
    before = state(root)
    land(root)
    prefix = git(root, "rev-parse", "--show-prefix")
    assert git(root, "diff", "--name-status", "main", "promote/v").split("\n") == [
        f"M\t{prefix}commonlib/values.py", f"D\t{prefix}left.txt", f"A\t{prefix}notebooks/production/v.py",
    ]  # fmt: skip
    assert git(root, "rev-list", "--count", "main..promote/v") == "1"
    assert git(root, "ls-tree", "promote/v", "commonlib/values.py").startswith("100755")
    assert Branch(root, "promote/v").read_bytes("commonlib/values.py") == b"new\n"
    kept = history.last(root)
    assert kept is not None
    assert undoing.take_back(root, kept).branch
    assert state(root) == before
    assert history.last(root) is None


def test_the_next_one_goes_on_top_until_the_branch_is_merged(root: Path) -> None:
    first = land(root).commit
    land(root, (FileEdit("notebooks/production/v.py", b"# %%\n", b"# %%\n2\n"),))
    assert git(root, "rev-parse", "promote/v^") == first
    kept = history.last(root)
    assert kept is not None
    undoing.take_back(root, kept)
    assert git(root, "rev-parse", "promote/v") == first
    git(root, "stash", "-q", "-u")
    git(root, "merge", "-q", "promote/v")
    git(root, "commit", "-q", "--allow-empty", "-m", "more")
    assert Branch(root, "promote/v").parent == git(root, "rev-parse", "main")


def test_undo_says_what_to_do_when_the_branch_has_moved_or_is_merged(root: Path) -> None:
    commit = land(root).commit
    kept = history.last(root)
    assert kept is not None
    assert commit is not None
    git(root, "stash", "-q", "-u")
    git(root, "switch", "-q", "promote/v")
    with pytest.raises(undoing.BranchMoved, match=f"is in what is checked out; .*git revert {commit[:12]}"):
        undoing.take_back(root, kept)
    git(root, "commit", "-q", "--allow-empty", "-m", "a remark")
    git(root, "switch", "-q", "main")
    with pytest.raises(undoing.BranchMoved, match=f"has other commits since; .*git revert {commit[:12]}"):
        undoing.take_back(root, kept)
    git(root, "branch", "-q", "-D", "promote/v")
    assert not undoing.take_back(root, kept).branch
    assert history.last(root) is None


def test_what_changed_meanwhile_stops_it(root: Path) -> None:
    before = state(root)
    with pytest.raises(ChangedMeanwhile, match=r"values\.py"):
        Branch(root, "promote/v").prepare((FileEdit("commonlib/values.py", b"other\n", b"new\n"),), "x")
    assert state(root) == before
    late = Branch(root, "promote/v")
    late.prepare(EDITS, "Promote v\n")
    land(root)
    with pytest.raises(GitFailed):
        late.apply(EDITS)


def test_a_stage_holds_what_the_branch_has_and_not_what_lies_about(root: Path) -> None:
    overlay = {edit.path: edit.after for edit in Branch(root, "promote/v").overlay()}
    assert overlay == {"commonlib/values.py": b"old\n", "commonlib/untracked.py": None}


def test_a_branch_that_is_checked_out_is_left_alone(root: Path) -> None:
    git(root, "switch", "-q", "-c", "promote/v")
    with pytest.raises(NoBranch, match="is checked out"):
        Branch(root, "promote/v")


def test_where_there_is_no_git_or_no_commit_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoBranch, match="git init"):
        Branch(tmp_path, "promote/v")
    git(tmp_path, "init", "-q")
    with pytest.raises(NoBranch, match="commit first"):
        Branch(tmp_path, "promote/v")


@pytest.mark.parametrize(("text", "on"), [("", "working-tree"), ('on = "branch"', "branch")])
def test_the_settings_say_where(tmp_path: Path, text: str, on: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.nbpromote.promote]\n{text}\n")
    assert lands_on(tmp_path) == on
    (tmp_path / "pyproject.toml").write_text('[tool.nbpromote.promote]\non = "trunk"\n')
    with pytest.raises(BadConfiguration, match="must be working-tree or branch, not 'trunk'"):
        lands_on(tmp_path)


# The child is killed right before or after its n-th call of git that writes.
_KILLED = """
    import os, signal, sys
    from pathlib import Path
    from nbpromote.effects import git_commits
    from nbpromote.effects.promoting import branch, history
    from nbpromote.promotion.plan import FileEdit
    calls, run = [], git_commits._run
    def counted(root, *words, **given):
        if words[0] in {{"read-tree", "update-index", "hash-object", "write-tree", "commit-tree", "update-ref"}}:
            calls.append(words[0])
            if len(calls) == {call}:
                {after} and run(root, *words, **given)
                os.kill(os.getpid(), signal.SIGKILL)
        return run(root, *words, **given)
    git_commits._run = counted
    root, edits = Path({root!r}), {edits!r}
    made = branch.Branch(root, "promote/v")
    with history.remembered(root, "v", edits, made.prepare(edits, "x")):
        made.apply(edits)
"""


@pytest.mark.parametrize("root", [""], indirect=True)
def test_killed_at_any_step_it_has_happened_or_not(root: Path) -> None:
    before = state(root)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    steps = [(call, after) for call in range(1, 8) for after in (False, True)]
    running = []
    for call, after in steps[:-1]:
        code = textwrap.dedent(_KILLED.format(call=call, after=after, root=str(root), edits=EDITS))
        done = subprocess.run([sys.executable, "-c", code], env=environment, check=False)
        running.append(done.returncode)
        assert state(root) == before, (call, after)
        assert history.last(root) is None
    assert set(running) == {-signal.SIGKILL}
    code = textwrap.dedent(_KILLED.format(call=7, after=True, root=str(root), edits=EDITS))
    subprocess.run([sys.executable, "-c", code], env=environment, check=False)
    kept = history.last(root)
    assert kept is not None
    assert kept.commit == git(root, "rev-parse", "promote/v")
    undoing.take_back(root, kept)
    assert state(root) == before
