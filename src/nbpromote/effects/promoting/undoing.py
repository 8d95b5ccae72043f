"""Taking a promotion back: files as they were before it, or its branch; nothing that people wrote since is lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nbpromote.effects import git, git_commits
from nbpromote.effects.files.workspace import Workspace
from nbpromote.effects.promoting.history import Kept
from nbpromote.errors import NbpromoteError
from nbpromote.promotion.plan import FileEdit

_FORGET = '"nbpromote undo --forget" leaves everything as it is and goes on to the promotion before'


class EditedSince(NbpromoteError):
    """Files of the promotion are neither what it wrote nor what they were before."""

    def __init__(self, kept: Kept, paths: Sequence[str], here: str | None) -> None:
        self.paths = tuple(paths)
        where = f" (it was made on branch {kept.on}, and {here} is checked out)" if kept.on not in {None, here} else ""
        super().__init__(
            f"{', '.join(paths)}: changed since the promotion to {kept.target}{where}; nothing was changed. Put it "
            'aside and undo, or commit it and take all back with "nbpromote undo --force": git keeps it then. '
            f"Or keep the promotion: {_FORGET}"
        )


class NotInGit(NbpromoteError):
    """Files that would be taken back hold changes that git does not have."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = tuple(paths)
        super().__init__(
            f"{', '.join(paths)}: changed since the promotion, and not committed; commit or copy that first"
        )


class BranchMoved(NbpromoteError):
    """The promotion's branch is not as the promotion left it."""

    def __init__(self, kept: Kept, reason: str) -> None:
        super().__init__(f"{kept.branch}: {reason}; nothing was changed. Or keep the promotion: {_FORGET}")


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What was taken back: a branch, or files that were removed or restored; neither, when all was so already."""

    kept: Kept
    restored: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    branch: bool = False


def take_back(root: Path, kept: Kept, *, by_force: bool = False) -> TakenBack:
    """Take this promotion back, and forget it.

    `by_force` also takes back what was edited since, as far as git has the edits.

    Raises:
        EditedSince, NotInGit, BranchMoved: with what to do; nothing was changed.
    """
    made = _branch(root, kept) if kept.branch is not None else _files(root, kept, by_force=by_force)
    forget(kept)
    return made


def forget(kept: Kept) -> None:
    """Leave a promotion as it is, and take it off the list of those that can be taken back."""
    kept.file.unlink(missing_ok=True)


def _files(root: Path, kept: Kept, *, by_force: bool) -> TakenBack:
    workspace = Workspace(root)
    now = {edit.path: workspace.read_bytes(edit.path) for edit in kept.edits}
    edited = [edit.path for edit in kept.edits if now[edit.path] not in (edit.before, edit.after)]
    if edited and not by_force:
        raise EditedSince(kept, edited, git.branch(root))
    there = [path for path in edited if now[path] is not None]
    unknown = list(there) if git.top(root) is None else list(git.dirty_paths(root, there)) if there else []
    if unknown:
        raise NotInGit(unknown)
    edits = [FileEdit(edit.path, now[edit.path], edit.before) for edit in kept.edits if now[edit.path] != edit.before]
    workspace.apply(edits)
    restored = tuple(edit.path for edit in edits if edit.after is not None)
    return TakenBack(kept, restored, tuple(edit.path for edit in edits if edit.after is None))


def _branch(root: Path, kept: Kept) -> TakenBack:
    branch, commit = str(kept.branch), str(kept.commit)
    tip, head = git_commits.commit_of(root, f"refs/heads/{branch}"), git.head(root)
    revert = f"take it back with: git revert {commit[:12]}"
    if head is not None and git_commits.is_in(root, commit, head):
        raise BranchMoved(kept, f"its commit {commit[:12]} is in what is checked out; {revert}")
    if tip is None or (tip == kept.former and tip != commit):
        return TakenBack(kept)
    if tip != commit:
        holds = git_commits.is_in(root, commit, tip)
        raise BranchMoved(kept, f"has other commits since; {revert}" if holds else "was rewritten since")
    if branch in git_commits.checked_out(root):
        raise BranchMoved(kept, "is checked out; switch to another branch first")
    git_commits.move(root, branch, kept.former, commit)
    return TakenBack(kept, branch=True)
