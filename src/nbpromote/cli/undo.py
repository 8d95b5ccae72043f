"""`nbpromote undo`: take back the last promotion."""

from pathlib import Path
from typing import Annotated

import typer

from nbpromote.errors import NbpromoteError, UsageError


class NothingToUndo(NbpromoteError):
    """No promotion is kept that could be taken back."""

    def __init__(self, root: Path) -> None:
        super().__init__(f"{root}: no promotion was made here, or all were taken back")


def undo(
    force: Annotated[
        bool, typer.Option("--force", help="Also take back files that were edited since, if git has the edits.")
    ] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Change no file; let the next undo take back the promotion before.")
    ] = False,
) -> None:
    """Take back the last promotion: every file becomes what it was before it; once more, the one before.

    What people wrote since is not lost: then nothing happens, and the command says what to do.
    """
    from nbpromote.cli.terminal import out
    from nbpromote.effects.files import repository
    from nbpromote.effects.promoting import history, undoing

    if force and forget:
        raise UsageError("undo: --force and --forget do not go together")
    found = repository.find(Path.cwd())
    kept = history.last(found.root)
    if kept is None:
        raise NothingToUndo(found.root)
    console = out()
    if forget:
        undoing.forget(kept)
        console.print(f"The promotion to {kept.target} stays, and undo knows of it no more.")
        return
    made = undoing.take_back(found.root, kept, by_force=force)
    if made.branch:
        now = f"is at {kept.former[:12]} again" if kept.former else "is gone again"
        console.print(f"Took back the promotion to {kept.target}: branch {kept.branch} {now}.")
        return
    if not made.restored and not made.removed:
        console.print(f"The promotion to {kept.target} is not there any more; nothing had to be changed.")
        return
    count = len(made.restored) + len(made.removed)
    console.print(f"Took back the promotion to {kept.target}: {count} files are as they were before it.")
    for word, paths in (("restored", made.restored), ("removed", made.removed)):
        for path in paths:
            console.print(f"  {word:9} {path}", soft_wrap=True)
