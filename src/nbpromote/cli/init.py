"""`nbpromote init`: make a folder a notebook repository."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nbpromote.effects.files.upgrading import Upgrade


class Service(StrEnum):
    """Where workflows run."""

    GITHUB = "github"
    GITLAB = "gitlab"


def init(
    folder: Annotated[Path, typer.Argument(help="The repository's root; made where it is not there.")] = Path(),
    ci: Annotated[
        list[Service] | None, typer.Option("--ci", help="Write a workflow for this service too: github, gitlab.")
    ] = None,
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="Renew the part of commonlib that came with an older nbpromote.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="With --upgrade: also files that people edited, if git has the edits.")
    ] = False,
) -> None:
    """Make a folder a notebook repository: commonlib, folders and settings. What is there is left alone.

    With --upgrade, the runtime part of commonlib becomes that of this nbpromote, as one change that undo takes back.
    """
    from nbpromote.cli.terminal import counted, out
    from nbpromote.effects.files import scaffolding, upgrading
    from nbpromote.effects.files.workspace import Workspace
    from nbpromote.errors import UsageError

    root = folder.resolve()
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: is no folder, and cannot become one ({error.strerror})") from error
    if force and not upgrade:
        raise UsageError("init: --force goes with --upgrade")
    workspace = Workspace(root)
    if upgrade and scaffolding.is_repository(root):
        made = upgrading.find_upgrade(workspace, by_force=force)
        upgrading.apply(workspace, made)
        _tell(made)
    elif scaffolding.is_repository(root) and upgrading.is_other(workspace):
        out().print("Its commonlib came with another nbpromote; renew it with: nbpromote init --upgrade")
    edits = scaffolding.edits_for(root, ci=tuple(ci or ()))
    if not edits:
        out().print(f"{root} is a notebook repository already.")
        return
    workspace.apply(edits)
    tops = sorted({edit.path.split("/")[0] for edit in edits})
    out().print(f"Wrote {counted(len(edits), 'file')} to {root}: {', '.join(tops)}.")
    settings = root / "pyproject.toml"
    if "[tool.nbpromote]" not in settings.read_text(encoding="utf-8"):
        out().print('Add a section "[tool.nbpromote]" to its pyproject.toml, so that nbpromote knows the root.')
    out().print("Put a notebook into notebooks/adhoc/, then: nbpromote plan notebooks/adhoc/NAME.ipynb")


def _tell(made: "Upgrade") -> None:
    from nbpromote import __version__
    from nbpromote.cli.terminal import clean, counted, out
    from nbpromote.promotion import explain

    if not made.edits:
        out().print(f"commonlib is as nbpromote {__version__} brings it.")
        return
    changed = counted(len(made.edits), "file")
    out().print(f"Renewed commonlib to what nbpromote {__version__} brings: {changed}, as one change.")
    for edit in made.edits:
        out().print(f"  {explain.change(edit):8}{edit.path}", soft_wrap=True)
    for one in made.decisions:
        out().print(clean(f"{one.subject}: {one.what} ({one.why})"), soft_wrap=True)
    out().print("Take it back: nbpromote undo")
