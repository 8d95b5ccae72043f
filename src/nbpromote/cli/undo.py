"""`nbpromote undo`: take back the last promotion."""

from pathlib import Path

from nbpromote.errors import NbpromoteError


class NothingToUndo(NbpromoteError):
    """No promotion is kept that could be taken back."""

    def __init__(self, root: Path) -> None:
        super().__init__(f"{root}: no promotion was made here, or all were taken back")


def undo() -> None:
    """Take back the last promotion: every file becomes what it was before it."""
    from nbpromote.cli.terminal import out
    from nbpromote.effects import history, repository
    from nbpromote.effects.workspace import Workspace

    found = repository.find(Path.cwd())
    last = history.last(found.root)
    if last is None:
        raise NothingToUndo(found.root)
    kept, target, edits = last
    Workspace(found.root).apply([edit.reversed() for edit in edits])
    kept.unlink()
    out().print(f"Took back the promotion to {target}: {len(edits)} files are as they were before it.")
