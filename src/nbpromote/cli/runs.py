"""`nbpromote runs`: list the runs that were made, or show one."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="List the runs that were made, or show one.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
)


@app.command("list")
def list_runs(
    notebook: Annotated[str | None, typer.Option(metavar="NOTEBOOK", help="Only runs of this notebook.")] = None,
    limit: Annotated[int, typer.Option("-n", "--limit", help="How many, the newest first.")] = 20,
) -> None:
    """List runs, the newest first."""
    from rich.table import Table
    from rich.text import Text

    from nbpromote.cli.run_text import STYLES
    from nbpromote.cli.terminal import clean, out
    from nbpromote.effects.files.repository import find
    from nbpromote.effects.running.ledger import Ledger
    from nbpromote.publish.page import tone
    from nbpromote.publish.sizes import seconds_text

    repository = find(Path.cwd())
    records = Ledger(repository.folder("runs")).runs(
        notebook=repository.relative(Path(notebook)) if notebook else None, limit=limit
    )
    if not records:
        out().print("No run yet. Run a notebook with: nbpromote run NOTEBOOK")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("run", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("took", justify="right", no_wrap=True)
    table.add_column("parameters given", overflow="fold")
    for record in records:
        given = " ".join(f"{name}={record.parameters[name]}" for name in record.given)
        table.add_row(
            Text(record.run_id),
            Text.assemble(
                (record.status, STYLES[tone(record.status)]),
                (" (unproven draft)" if record.is_unproven else "", "yellow"),
            ),
            seconds_text(record.duration) if record.duration is not None else "",
            Text(clean(given)),
        )
    out().print(table)


@app.command("show")
def show_run(
    run: Annotated[str, typer.Argument(help="The run's name, or the beginning or end of it, or `last`.")] = "last",
) -> None:
    """Show what is known of one run."""
    from nbpromote.cli.run_text import show_record
    from nbpromote.effects.files.repository import find
    from nbpromote.effects.running.ledger import Ledger

    ledger = Ledger(find(Path.cwd()).folder("runs"))
    record = ledger.find(run)
    show_record(record, ledger.folder_of(record.run_id))
