"""`nbpromote pairs`: whether text notebooks and the .ipynb beside them hold the same."""

from pathlib import Path
from typing import Annotated

import typer


def pairs(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="Text notebooks or .ipynb; all when none is given.")
    ] = None,
) -> None:
    """Say whether text notebooks and their paired .ipynb files are in step: by the content of their cells.

    A pair is NAME.py (or .r, .md, .qmd) and NAME.ipynb in one folder. Times of files say nothing: a checkout sets them
    anew. Exit code 1 when a pair is not in step.
    """
    from nbpromote.cli.terminal import err, out
    from nbpromote.effects.checking import paired
    from nbpromote.effects.files import repository as repositories

    repository = repositories.find(Path.cwd())
    found = paired.find_pairs(repository, files or ())
    apart = [one for one in found if (one.apart) is not None]
    for one in apart:
        err().print(f"{one.text}: is not in step with {one.notebook}: {one.apart}; {one.advice}", soft_wrap=True)
    if apart:
        raise typer.Exit(1)
    out().print(f"{len(found)} {'pair' if len(found) == 1 else 'pairs'} in step")
