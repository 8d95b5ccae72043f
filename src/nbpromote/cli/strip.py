"""`nbpromote strip`: notebooks without outputs, for a commit."""

from pathlib import Path
from typing import Annotated

import typer


def strip(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Notebooks (.ipynb).")],
    check: Annotated[bool, typer.Option("--check", help="Change nothing; say what would be.")] = False,
) -> None:
    """Take outputs, counts and times out of notebooks. Tags, ids and other metadata stay, and so does every other byte.

    References of tests and executed notebooks of runs need their outputs, and are passed over. Exit code 1 when a
    notebook had something to take out, as pre-commit wants it.
    """
    from nbpromote.cli.terminal import out
    from nbpromote.effects.files import repository as repositories
    from nbpromote.effects.files.workspace import Workspace
    from nbpromote.errors import UsageError
    from nbpromote.notebook import stripping
    from nbpromote.promotion.plan import FileEdit

    repository = repositories.find(Path.cwd())
    kept = [repository.folder(name).resolve() for name in ("tests", "runs")]
    edits = []
    for path in files:
        if not path.is_file():
            raise UsageError(f"{path}: there is no such file")
        if path.suffix != ".ipynb" or any(path.resolve().is_relative_to(folder) for folder in kept):
            continue
        before = path.read_bytes()
        after = stripping.strip(before, str(path))
        if after != before:
            edits.append(FileEdit(repository.relative(path), before, after))
    if not check and edits:
        Workspace(repository.root).apply(edits)
    for edit in edits:
        out().print(f"{'has outputs' if check else 'stripped'}  {edit.path}", soft_wrap=True)
    if edits:
        raise typer.Exit(1)
