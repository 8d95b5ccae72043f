"""commonlib as it was released, by git's tags, and as it is now."""

import re
from collections.abc import Mapping
from pathlib import Path

from nbpromote.effects import git, git_commits
from nbpromote.errors import UsageError

_TAG = re.compile(r"commonlib-v?(\d+)\.(\d+)\.(\d+)\Z")


def last_release(root: Path) -> str | None:
    """The tag `commonlib-X.Y.Z` of the greatest version in the history of what is checked out."""
    found = [(tuple(map(int, match.groups())), tag) for tag in git.tags(root) if (match := _TAG.match(tag))]
    return max(found)[1] if found else None


def library_at(root: Path, name: str) -> Mapping[str, str]:
    """Path -> text of commonlib's modules and changelog at a commit or tag.

    Raises:
        UsageError: there is none of this name.
    """
    commit = git_commits.commit_of(root, name)
    if commit is None:
        raise UsageError(f"{name}: git knows no such commit or tag")
    paths = [path for path in git_commits.listed_below(root, commit, "commonlib") if _is_told(path)]
    found = {path: git_commits.content(root, commit, path) for path in paths}
    return {path: (content or b"").decode("utf-8", "replace") for path, content in found.items()}


def library_now(root: Path) -> Mapping[str, str]:
    """Path -> text of commonlib's modules and changelog in the work tree."""
    files = (path for path in sorted((root / "commonlib").rglob("*")) if path.is_file())
    named = ((path.relative_to(root).as_posix(), path) for path in files)
    return {name: path.read_text("utf-8", "replace") for name, path in named if _is_told(name)}


def _is_told(path: str) -> bool:
    return path.endswith(".py") or path == "commonlib/CHANGELOG.md"
