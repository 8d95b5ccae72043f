"""`nbpromote init`: make a folder a notebook repository."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Service(StrEnum):
    """Where workflows run."""

    GITHUB = "github"
    GITLAB = "gitlab"


def init(
    folder: Annotated[Path, typer.Argument(help="The repository's root; made where it is not there.")] = Path(),
    ci: Annotated[
        list[Service] | None, typer.Option("--ci", help="Write a workflow for this service too: github, gitlab.")
    ] = None,
) -> None:
    """Make a folder a notebook repository: commonlib, folders and settings. What is there is left alone."""
    from nbpromote.cli.terminal import out
    from nbpromote.effects.files import scaffolding
    from nbpromote.effects.files.workspace import Workspace
    from nbpromote.errors import UsageError

    root = folder.resolve()
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: is no folder, and cannot become one ({error.strerror})") from error
    edits = scaffolding.edits_for(root, ci=tuple(ci or ()))
    if not edits:
        out().print(f"{root} is a notebook repository already.")
        return
    Workspace(root).apply(edits)
    tops = sorted({edit.path.split("/")[0] for edit in edits})
    out().print(f"Wrote {len(edits)} files to {root}: {', '.join(tops)}.")
    settings = root / "pyproject.toml"
    if "[tool.nbpromote]" not in settings.read_text(encoding="utf-8"):
        out().print('Add a section "[tool.nbpromote]" to its pyproject.toml, so that nbpromote knows the root.')
    out().print("Put a notebook into notebooks/adhoc/, then: nbpromote plan notebooks/adhoc/NAME.ipynb")
