"""What a promotion must not replace: the work of people, of another notebook, and of commonlib itself."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from commonlib.lake import paths
from nbpromote.effects import git
from nbpromote.effects.files.workspace import Workspace
from nbpromote.errors import NbpromoteError
from nbpromote.promotion import recorded_tests, versioning
from nbpromote.promotion.draft import Draft, Snapshot
from nbpromote.promotion.plan import FileEdit, Plan
from nbpromote.proof import report
from nbpromote.proof.verdict import Outcome


class Edited(NbpromoteError):
    """Files that a promotion would replace are not what it last wrote."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = tuple(paths)
        super().__init__(
            f"{', '.join(paths)}: somebody has edited what nbpromote wrote, or wrote it by hand; nothing was changed. "
            "Keep those edits and carry the notebook's change over by hand, or move the file away and promote again"
        )


class NotCommitted(NbpromoteError):
    """Files that a promotion would replace hold changes that git does not have."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = tuple(paths)
        super().__init__(f"{', '.join(paths)}: has changes that are not committed; commit or remove them first")


class NameTaken(NbpromoteError):
    """The production notebook's name belongs to the promotion of another notebook."""

    def __init__(self, path: str, source: str) -> None:
        self.path, self.source = path, source
        super().__init__(f"{path}: was promoted from {source}; give this one a name of its own with --name")


class ModuleTaken(NbpromoteError):
    """The module that functions would move to holds something else."""

    def __init__(self, path: str, holds: str) -> None:
        self.path, self.holds = path, holds
        super().__init__(f"{path}: holds {holds}; name another module for the functions with --module")


def check_names(draft: Draft, workspace: Workspace) -> None:
    """Refuse names that mean something else already.

    Raises:
        NameTaken: by another notebook's promotion.
        ModuleTaken: by commonlib itself.
    """
    options = draft.options
    source = report.source(workspace.read_bytes(options.proof_path))
    if source not in {None, options.source} and (workspace.root / str(source)).exists():
        raise NameTaken(options.target, str(source))
    if not draft.lifted:
        return
    runtime = Path(paths.__file__).parents[1]
    package = f"commonlib/{options.module}/__init__.py"
    if (runtime / options.module).is_dir() or workspace.read_bytes(package) is not None:
        raise ModuleTaken(options.module_path, f"the package {options.module} of commonlib")
    held = workspace.read_bytes(options.module_path)
    if held is None or options.module_path in _vouched(draft, workspace):
        return
    is_ours = held.startswith(b'"""Functions that came out of ')
    if not is_ours and (runtime / f"{options.module}.py").is_file():
        raise ModuleTaken(options.module_path, "a part of commonlib itself")


def check_untouched(plan: Plan, draft: Draft, workspace: Workspace) -> None:
    """Refuse, before anything runs, when the promotion would replace what people have written.

    What they changed in a file of the last promotion is merged, and so is no reason.

    Raises:
        Edited: a file is there that nbpromote did not write, or was edited and cannot be merged.
        NotCommitted: a file has changes that are not in git.
    """
    existing = {edit.path: edit.before for edit in plan.edits if edit.path not in versioning.FILES}
    existing |= {path: workspace.read_bytes(path) for path in recorded_tests.paths(draft)}
    mergeable = last_written(draft, workspace)
    unmerged = {path: held for path, held in existing.items() if path not in mergeable}
    edited = _edited(unmerged.items(), _vouched(draft, workspace))
    if edited:
        raise Edited(edited)
    drafted = _vouched(draft, workspace) if _is_draft(draft, workspace) else {}
    there = [path for path, held in existing.items() if held is not None and drafted.get(path) != report.sha256(held)]
    if there and workspace.branch is None and git.top(workspace.root) is not None:
        dirty = git.dirty_paths(workspace.root, there)
        if dirty:
            raise NotCommitted(dirty)


def _is_draft(draft: Draft, workspace: Workspace) -> bool:
    """Whether what lies there is a draft of ours, of which nobody loses anything when it is replaced."""
    return report.outcome(workspace.read_bytes(draft.options.proof_path)) == str(Outcome.UNPROVEN)


def without_edited(edits: Sequence[FileEdit], draft: Draft, workspace: Workspace) -> tuple[FileEdit, ...]:
    """These edits; none when somebody has made one of the files their own, by editing or recording it."""
    vouched = _vouched(draft, workspace)
    return () if _edited(((edit.path, edit.before) for edit in edits), vouched) else tuple(edits)


def last_written(draft: Draft, snapshot: Snapshot) -> dict[str, bytes]:
    """Path -> what the last promotion alone wrote there: nothing into a module that others have made."""
    proof, path = snapshot.read_bytes(draft.options.proof_path), draft.options.module_path
    is_of_others = snapshot.read_bytes(path) is not None and path not in report.vouched(proof)
    return report.bases(proof) | ({path: b""} if draft.lifted and is_of_others else {})


def still_vouched(draft: Draft, workspace: Workspace) -> dict[str, bytes]:
    """The files of the last promotion that are as it wrote them."""
    found = {path: (workspace.read_bytes(path), digest) for path, digest in _vouched(draft, workspace).items()}
    return {
        path: content
        for path, (content, digest) in found.items()
        if content is not None and report.sha256(content) == digest
    }


def _vouched(draft: Draft, workspace: Workspace) -> dict[str, str]:
    return report.vouched(workspace.read_bytes(draft.options.proof_path))


def _edited(existing: Iterable[tuple[str, bytes | None]], vouched: dict[str, str]) -> list[str]:
    return [path for path, held in existing if held is not None and vouched.get(path) != report.sha256(held)]
