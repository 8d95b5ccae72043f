"""`nbpromote env`: whether the environment is what its files say."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Check that the environment is what its files say.",
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
