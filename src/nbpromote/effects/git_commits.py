"""Commits made without a checkout: the work tree, the index and the branch that is checked out stay as they are."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from nbpromote.effects.files.temporary import Folder
from nbpromote.effects.git import OTHER_REPOSITORY, GitFailed
from nbpromote.promotion.plan import FileEdit

_GONE = "0" * 40


def commit_of(root: Path, name: str) -> str | None:
    """The commit that a branch or revision names."""
    return _ask(root, "rev-parse", "--verify", "-q", f"{name}^{{commit}}")


def is_in(root: Path, commit: str, other: str) -> bool:
    """Whether a commit is part of the history of another."""
    return _ask(root, "merge-base", "--is-ancestor", commit, other) is not None


def checked_out(root: Path) -> tuple[str, ...]:
    """The branches that are checked out, in any work tree of the repository."""
    listed = (_ask(root, "worktree", "list", "--porcelain") or "").splitlines()
    return tuple(line.removeprefix("branch refs/heads/") for line in listed if line.startswith("branch "))


def who(root: Path) -> str:
    """Whom a commit would name. Raises GitFailed when git has not been told."""
    return _run(root, "var", "GIT_COMMITTER_IDENT").decode(errors="replace").strip()


def content(root: Path, commit: str, path: str) -> bytes | None:
    """A file at a commit, as a checkout would write it; None when it is not there."""
    if _ask(root, "cat-file", "-e", f"{commit}:./{path}") is None:
        return None
    return _run(root, "cat-file", "--filters", f"{commit}:./{path}")


def listed(root: Path, commit: str, folder: str) -> tuple[str, ...]:
    """The paths of the files right in this folder at a commit."""
    found = _run(root, "ls-tree", "-z", commit, f"./{folder.rstrip('/')}/").decode(errors="surrogateescape")
    rows = (row.split("\t", 1) for row in found.split("\0") if row)
    return tuple(sorted(path for kind, path in rows if kind.split()[1] == "blob"))


def listed_below(root: Path, commit: str, folder: str) -> tuple[str, ...]:
    """The paths of all files in this folder at a commit, from the root that was given."""
    found = _run(root, "ls-tree", "-r", "-z", "--name-only", commit, f"./{folder.rstrip('/')}/")
    return tuple(sorted(path for path in found.decode(errors="surrogateescape").split("\0") if path))


def unlike(root: Path, commit: str, folders: Sequence[str]) -> tuple[str, ...]:
    """Files of these folders that are in the work tree otherwise than at a commit, or not at all at one of both."""
    there = [folder for folder in folders if (root / folder).exists()]
    if not there:
        return ()
    asked = ("diff", "--name-only", "-z", "--relative", "--no-renames", commit, "--", *there)
    changed = _run(root, *asked).decode(errors="surrogateescape").split("\0")
    new = _run(root, "ls-files", "-z", "--others", "--exclude-standard", "--", *there).decode(errors="surrogateescape")
    return tuple(sorted({path for path in (*changed, *new.split("\0")) if path}))


def write_commit(root: Path, parent: str, edits: Sequence[FileEdit], message: str) -> str:
    """Store a commit that makes these edits on top of a parent; nothing refers to it yet.

    Raises:
        GitFailed: no room, no right, or git does not know who commits.
    """
    prefix = _run(root, "rev-parse", "--show-prefix").decode(errors="surrogateescape").rstrip("\n")
    held = Folder("index-")
    try:
        index = {"GIT_INDEX_FILE": str(held.path / "index")}
        _run(root, "read-tree", parent, environment=index)
        rows = b"".join(_row(root, parent, edit, prefix) for edit in edits)
        # From the repository's top: paths of --index-info are not relative to the current folder.
        _run(root, "update-index", "-z", "--index-info", given=rows, environment=index)
        tree = _run(root, "write-tree", environment=index).decode().strip()
    finally:
        held.remove()
    return _run(root, "commit-tree", tree, "-p", parent, given=message.encode()).decode().strip()


def move(root: Path, branch: str, commit: str | None, former: str | None) -> None:
    """Let a branch name a commit, or go (None), in one step and only if it still names the former one.

    Raises:
        GitFailed: it names something else.
    """
    reference = f"refs/heads/{branch}"
    if commit is None:
        _run(root, "update-ref", "-d", reference, former or _GONE)
    else:
        _run(root, "update-ref", "-m", "nbpromote", reference, commit, former or _GONE)


def _row(root: Path, parent: str, edit: FileEdit, prefix: str) -> bytes:
    path = os.fsencode(prefix + edit.path)
    if edit.after is None:
        return b"0 " + _GONE.encode() + b"\t" + path + b"\0"
    stored = _run(root, "hash-object", "-w", "--stdin", "--path", edit.path, given=edit.after).decode().strip()
    held = _run(root, "ls-tree", "-z", parent, f"./{edit.path}").decode(errors="surrogateescape")
    mode = held.split()[0] if held.startswith("100") else "100644"
    return f"{mode} {stored}\t".encode() + path + b"\0"


def _ask(root: Path, *arguments: str) -> str | None:
    try:
        return _run(root, *arguments).decode(errors="surrogateescape").rstrip("\n")
    except GitFailed:
        return None


def _run(root: Path, *arguments: str, given: bytes = b"", environment: Mapping[str, str] | None = None) -> bytes:
    inherited = {name: value for name, value in os.environ.items() if name not in OTHER_REPOSITORY}
    settings = {**inherited, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", **(environment or {})}
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], input=given, env=settings, capture_output=True, check=False
        )
    except FileNotFoundError:
        raise GitFailed(arguments, "git is not installed, or not on the PATH") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise GitFailed(arguments, said[-1] if said else "failed")
    return done.stdout
