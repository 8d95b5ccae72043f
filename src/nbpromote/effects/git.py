"""What git knows of a repository. Everything here only reads, except `clone`."""

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from nbpromote.errors import NbpromoteError

# Set while a hook runs; they would make git answer for another repository than the one asked about.
OTHER_REPOSITORY = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
)


class GitFailed(NbpromoteError):
    """git is missing or refused."""

    def __init__(self, arguments: tuple[str, ...], reason: str) -> None:
        self.arguments, self.reason = arguments, reason
        super().__init__(f"git {arguments[0]}: {reason}")


def top(path: Path) -> Path | None:
    """The root of the work tree that holds this folder; None outside of one, or without git."""
    answer = _ask(path, "rev-parse", "--show-toplevel")
    return Path(answer) if answer else None


def head(root: Path) -> str | None:
    """The commit that is checked out; None before the first one, and outside of a repository."""
    return _ask(root, "rev-parse", "--verify", "-q", "HEAD")


def branch(root: Path) -> str | None:
    """The branch that is checked out; None when none is."""
    return _ask(root, "symbolic-ref", "-q", "--short", "HEAD")


def dirty_paths(root: Path, paths: Iterable[str] = ()) -> tuple[str, ...]:
    """Paths, relative to the root, that differ from the last commit or are not in it; within `paths`, or anywhere.

    Raises:
        GitFailed: this is not a work tree, or git is missing.
    """
    chosen = tuple(paths)
    command = ("status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames", "--", *chosen)
    fields = _run(root, *command).stdout.split("\0")
    return tuple(sorted({field[3:] for field in fields if field}))


def is_dirty(root: Path, paths: Iterable[str] = ()) -> bool:
    """Whether any of these paths (of all, when none is given) differs from the last commit."""
    return bool(dirty_paths(root, paths))


def is_ignored(root: Path, path: str) -> bool:
    """Whether git is told to ignore this path."""
    return _ask(root, "check-ignore", "-q", "--", path) is not None


def diff(root: Path, paths: Iterable[str] = ()) -> str:
    """The difference of tracked files from the last commit, as a patch; empty when there is none."""
    return _ask(root, "diff", "HEAD", "--no-color", "--no-ext-diff", "--", *paths) or ""


def user(root: Path) -> str | None:
    """Who works here, by name, as git is told."""
    return _ask(root, "config", "user.name") or None


def last_change(root: Path, path: str) -> tuple[str, str, str] | None:
    """The last commit that changed this file, its day and its author's name.

    None when the file is not as committed, or when the clone is shallow and may lack that commit.
    """
    if _ask(root, "rev-parse", "--is-shallow-repository") == "true":
        return None
    answer = _ask(root, "log", "-1", "--format=%H%x00%as%x00%an", "--", path)
    if not answer or is_dirty(root, [path]):
        return None
    commit, day, author = answer.split("\0")
    return commit, day, author


def listed(root: Path) -> tuple[str, ...] | None:
    """Every file below the root that git keeps or would take, relative to it; None outside of a work tree."""
    answer = _ask(root, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    return None if answer is None else tuple(sorted({name for name in answer.split("\0") if name}))


def tags(root: Path) -> tuple[str, ...]:
    """The tags in the history of what is checked out."""
    return tuple((_ask(root, "tag", "--merged", "HEAD") or "").split())


def clone(source: Path, target: Path) -> None:
    """Copy a repository, as committed, to a new folder."""
    _run(source, "clone", "-q", "--no-hardlinks", str(source), str(target))


def _ask(root: Path, *arguments: str) -> str | None:
    try:
        return _run(root, *arguments).stdout.rstrip("\n")
    except GitFailed:
        return None


def _run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in OTHER_REPOSITORY}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(
            ["git", "-C", str(root), "-c", "core.quotepath=off", *arguments],
            env=environment, capture_output=True, check=False, text=True, errors="surrogateescape",
        )  # fmt: skip
    except FileNotFoundError:
        raise GitFailed(arguments, "git is not installed, or not on the PATH") from None
    if done.returncode:
        raise GitFailed(arguments, done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "failed")
    return done
