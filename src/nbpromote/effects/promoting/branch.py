"""A promotion on a branch of its own: one commit, made without touching what is checked out."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from nbpromote.effects import git, git_commits
from nbpromote.effects.files.repository import BadConfiguration
from nbpromote.effects.files.workspace import ChangedMeanwhile, Workspace
from nbpromote.errors import NbpromoteError
from nbpromote.promotion.plan import FileEdit

_CHOICES = ("working-tree", "branch")
_STAGED = ("commonlib", "notebooks/production")
_LOCAL = ".merge"  # where a person resolves a merge: beside the file, and in no commit


class NoBranch(NbpromoteError):
    """There is no branch that the promotion could land on."""

    def __init__(self, branch: str, reason: str) -> None:
        self.branch = branch
        super().__init__(
            f'{branch}: {reason}, or let promotions land with on = "working-tree" in [tool.nbpromote.promote]'
        )


def workspace_for(root: Path, name: str) -> Workspace:
    """Where a promotion lands, as `[tool.nbpromote.promote] on` says.

    Raises:
        NoBranch: on a branch, and there cannot be one.
        BadConfiguration: it says something else.
    """
    return Branch(root, f"promote/{name}") if lands_on(root) == "branch" else Workspace(root)


def lands_on(root: Path) -> str:
    """`working-tree` or `branch`, as `pyproject.toml` says; the working tree when it says nothing."""
    path = root / "pyproject.toml"
    try:
        found: object = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        return _CHOICES[0]
    except ValueError as error:
        raise BadConfiguration(str(path), f"is not TOML ({error})") from error
    for key in ("tool", "nbpromote", "promote", "on"):
        found = found.get(key) if isinstance(found, Mapping) else None
    if found is None:
        return _CHOICES[0]
    if found not in _CHOICES:
        raise BadConfiguration(str(path), f"[tool.nbpromote.promote] on must be {' or '.join(_CHOICES)}, not {found!r}")
    return str(found)


class Branch(Workspace):
    """The files of a branch, and of the commit that is checked out when there is no such branch, or it is merged."""

    def __init__(self, root: Path, branch: str) -> None:
        super().__init__(root)
        self.branch = branch
        if git.top(root) is None:
            raise NoBranch(branch, "there is no git repository; make one with git init")
        head = git.head(root)
        if head is None:
            raise NoBranch(branch, "nothing is committed yet that it could begin at; commit first")
        if branch in git_commits.checked_out(root):
            raise NoBranch(branch, "is checked out, and a promotion leaves that alone; switch to another branch")
        self.tip = git_commits.commit_of(root, f"refs/heads/{branch}")
        is_merged = self.tip is None or git_commits.is_in(root, self.tip, head)
        self.parent = head if is_merged or self.tip is None else self.tip
        self.commit: str | None = None

    def read_bytes(self, path: str) -> bytes | None:
        """The content of the file at this path on the branch."""
        self._locate(path)
        if path.endswith(_LOCAL):
            return super().read_bytes(path)
        return git_commits.content(self.root, self.parent, path)

    def files(self, folder: str) -> tuple[str, ...]:
        """The paths of the files right in this folder on the branch."""
        return git_commits.listed(self.root, self.parent, folder)

    def check_writable(self) -> None:
        """Find out before long work whether its result could be committed.

        Raises:
            GitFailed: git does not know who commits.
        """
        super().check_writable()
        git_commits.who(self.root)

    def overlay(self) -> tuple[FileEdit, ...]:
        """What makes the work tree's production notebooks and commonlib those of the branch."""
        paths = git_commits.unlike(self.root, self.parent, _STAGED)
        return tuple(FileEdit(path, None, git_commits.content(self.root, self.parent, path)) for path in paths)

    def prepare(self, edits: Sequence[FileEdit], message: str) -> dict[str, str | None]:
        """Store the commit that `apply` lets the branch name; until then nothing has changed."""
        self._prepare()
        own = [edit for edit in edits if edit.before != edit.after and not edit.path.endswith(_LOCAL)]
        changed = [edit.path for edit in own if self.read_bytes(edit.path) != edit.before]
        if changed:
            raise ChangedMeanwhile(tuple(changed))
        self.commit = git_commits.write_commit(self.root, self.parent, own, message)
        return {"branch": self.branch, "commit": self.commit, "former": self.tip}

    def apply(self, edits: Sequence[FileEdit]) -> None:
        """Let the branch name the commit that was prepared.

        Raises:
            GitFailed: the branch has changed meanwhile.
        """
        if self.commit is None:
            super().apply(edits)  # what is not for the branch: a merge that a person shall choose in
            return
        git_commits.move(self.root, str(self.branch), self.commit, self.tip)
        self.parent = self.tip = self.commit
        super().apply([edit for edit in edits if edit.path.endswith(_LOCAL)])
