"""`nbpromote publish`: production notebooks for where they run."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Publish production notebooks."
)


@app.callback()
def _publish() -> None:
    pass


@app.command("databricks")
def databricks(
    names: Annotated[
        list[str] | None, typer.Argument(help="Production notebooks; all of them when none is named.")
    ] = None,
    schema: Annotated[Path | None, typer.Option(help="Hold the bundle against this JSON schema of the vendor.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; say what is wrong with the bundle.")] = False,
) -> None:
    """Write production notebooks as jobs of a Databricks bundle, under databricks/, and check it without a login.

    Exit code 1 when something is wrong with the bundle; what is published is written all the same.
    """
    from nbpromote.cli.terminal import err, out
    from nbpromote.effects import publishing
    from nbpromote.effects.files import repository

    here = repository.find(Path())
    if check:
        problems = publishing.check(here, schema)
    else:
        published = publishing.plan(here, names or (), schema)
        publishing.apply(here, published)
        problems = published.problems
        for edit in published.edits:
            verb = "new" if edit.before is None else "changed"
            out().print(f"{verb:<8}{edit.path}", soft_wrap=True, markup=False, highlight=False)
        if not published.edits:
            out().print("Nothing to publish: the bundle is what the notebooks say.")
        for note in published.notes:
            err().print(f"note: {note}", soft_wrap=True, markup=False, highlight=False)
    for problem in problems:
        err().print(f"error: {publishing.FOLDER}/{problem}", soft_wrap=True, markup=False, highlight=False)
    if problems:
        raise typer.Exit(1)
    out().print("The bundle fits together. To deploy it:  cd databricks && databricks bundle deploy -t dev")
