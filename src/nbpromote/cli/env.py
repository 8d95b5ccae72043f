"""`nbpromote env`: whether the environment is what its files say."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Check, lock and move the environment.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
)


class Form(StrEnum):
    TEXT = "text"
    JSON = "json"


@app.callback()
def _several() -> None:
    """Commands stand below this one."""


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(help="A folder of the repository.")] = Path(),
    form: Annotated[Form, typer.Option("--format", help="How to tell.")] = Form.TEXT,
    installed: Annotated[bool, typer.Option(help="Look at what is installed here, too.")] = True,
) -> None:
    """Hold imports, environment.yml, both locks and what is installed against each other.

    Needs no solver and no network. Exits with 1 when they have drifted apart.
    """
    from rich.text import Text

    from nbpromote.cli.terminal import clean, out
    from nbpromote.effects.environment import checking
    from nbpromote.effects.files.repository import find

    report = checking.check(find(folder), with_installed=installed)
    if form is Form.JSON:
        listed = [
            {"where": one.where, "what": one.what, "hint": one.hint, "severity": "note" if one.is_note else "drift"}
            for one in report.drift
        ]
        print(json.dumps({"checked": report.checked, "drift": listed}, indent=2, ensure_ascii=False))
    else:
        for one in sorted(report.drift, key=lambda drift: drift.is_note):
            label = ("note: ", "dim") if one.is_note else ("drift: ", "bold red")
            out().print(Text.assemble(label, (clean(one.where), "bold"), f" {clean(one.what)}"), soft_wrap=True)
            out().print(Text(f"    {clean(one.hint)}", style="dim"), soft_wrap=True)
        count = sum(1 for one in report.drift if not one.is_note)
        told = "they agree" if not count else "1 drift" if count == 1 else f"{count} drifts"
        out().print(f"Checked {', '.join(report.checked)}: {told}.", soft_wrap=True)
    if report.is_drifted:
        raise typer.Exit(1)


@app.command()
def lock(
    package: Annotated[
        list[str] | None, typer.Argument(metavar="[PACKAGE]...", help="With --upgrade: only these move.")
    ] = None,
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="Move everything, or the packages named, as far as it can.")
    ] = False,
    conda: Annotated[
        str | None, typer.Option(metavar="PATH", help="The conda, mamba or micromamba that solves.")
    ] = None,
    variant: Annotated[
        str | None, typer.Option(metavar="NAME", help="Lock environment-NAME.yml instead, which has locks of its own.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would differ; write nothing.")] = False,
) -> None:
    """Make both locks anew from environment.yml; what is locked stays where it fits.

    Solves by the conda, mamba or micromamba that is there, else by py-rattler, and by uv. Both locks change, or none.
    """
    from nbpromote.cli.environment_text import show_changes
    from nbpromote.cli.terminal import out
    from nbpromote.effects.environment.relock import relock
    from nbpromote.effects.environment.solving import Movement
    from nbpromote.effects.environment.variants import relock_variant
    from nbpromote.effects.files.repository import find
    from nbpromote.effects.files.workspace import Workspace
    from nbpromote.environment.packages import normal_name
    from nbpromote.errors import UsageError

    if package and not upgrade:
        raise UsageError(
            f"env lock: {package[0]} is named without --upgrade; what is asked for stands in environment.yml"
        )
    root = find(Path()).root
    names = frozenset(map(normal_name, package or ()))
    workspace = Workspace(root)
    workspace.check_writable()
    movement = Movement(everything=upgrade and not names, upgrade=names)
    if variant is not None:
        made = relock_variant(root, variant, movement, conda=conda, say=_say)
    else:
        made = relock(root, movement, conda=conda, say=_say)
    show_changes(made.changes)
    if dry_run:
        out().print("Nothing was written (--dry-run).")
        return
    workspace.apply(made.edits)
    files = [edit.path for edit in made.edits if edit.before != edit.after]
    out().print(f"Wrote {' and '.join(files)}." if files else "The locks are as they were.")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@app.command()
def adopt(
    notebook: Annotated[Path, typer.Argument(help="The ad-hoc notebook whose packages the environment takes.")],
    python: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="The Python, or environment, that it ran with."),
    ] = None,
    conda: Annotated[
        str | None, typer.Option(metavar="PATH", help="The conda, mamba or micromamba that solves and installs.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be asked for; lock nothing.")] = False,
) -> None:
    """Move the common environment to what an ad-hoc notebook ran with, if everything still passes in it.

    Edits environment.yml as little as admits it, locks, builds a fresh environment from the locks, and runs all
    notebook regression tests and commonlib's tests there. Then all files change, or none.
    """
    from nbpromote.effects.files.notebook_files import NoSuchPath

    if not notebook.is_file():
        raise NoSuchPath(notebook)
    adopt_from(notebook, python=python, conda=conda, dry_run=dry_run)


def adopt_from(notebook: Path, *, python: str | None = None, conda: str | None = None, dry_run: bool = False) -> None:
    """Move the common environment to what this notebook ran with; exit with 1 when that breaks something."""
    from nbpromote.cli.adoption_text import show_adopted, show_wanted
    from nbpromote.effects.environment import adopting
    from nbpromote.effects.files.repository import find

    repository = find(notebook)
    ran, adoption = adopting.wanted(repository, notebook.resolve(), python=python)
    show_wanted(repository.relative(notebook.resolve()), ran, adoption)
    if dry_run or not adoption.moves:
        return
    adopted = adopting.adopt(repository, adoption, conda=conda, say=_say)
    show_adopted(adopted)
    if adopted.broken:
        raise typer.Exit(1)


@app.command()
def export(
    runtime: Annotated[
        str, typer.Option("--databricks-runtime", metavar="VERSION", help="The runtime: 15.4, 16.4 or 17.3 (LTS).")
    ],
    listing: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What the runtime has, as pip freeze lists it there.")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How to tell.")] = Form.TEXT,
) -> None:
    """Say where notebooks would meet another version on a Databricks runtime than the locked one."""
    from nbpromote.cli.meeting_text import show_meetings
    from nbpromote.effects.environment.exporting import compare
    from nbpromote.effects.files.notebook_files import NoSuchPath
    from nbpromote.effects.files.repository import find

    if listing is not None and not listing.is_file():
        raise NoSuchPath(listing)
    shipped, python, meetings = compare(find(Path()), runtime, listing)
    if form is Form.JSON:
        listed = [
            {"package": one.package, "locked": one.locked, "there": one.there, "known": one.is_known,
             "imported_by": one.notebooks}
            for one in meetings
        ]  # fmt: skip
        told = {"runtime": shipped.name, "source": shipped.source, "python": shipped.python, "locked_python": python}
        print(json.dumps({**told, "differs": listed}, indent=2, ensure_ascii=False))
        return
    show_meetings(shipped, python, meetings)
