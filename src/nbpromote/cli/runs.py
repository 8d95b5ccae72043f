"""`nbpromote runs`: list the runs that were made, show, compare, repeat and export them."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="List the runs that were made, show, compare, repeat and export them.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
)


@app.command("list")
def list_runs(
    notebook: Annotated[str | None, typer.Option(metavar="NOTEBOOK", help="Only runs of this notebook.")] = None,
    status: Annotated[str | None, typer.Option(help="Only runs that ended so, such as failed.")] = None,
    batch: Annotated[str | None, typer.Option(help="Only runs that were started together.")] = None,
    limit: Annotated[int, typer.Option("-n", "--limit", help="How many, the newest first.")] = 20,
) -> None:
    """List runs, the newest first."""
    from rich.table import Table
    from rich.text import Text

    from nbpromote.cli.run_text import STYLES, told_parameters
    from nbpromote.cli.terminal import out
    from nbpromote.effects.files.repository import find
    from nbpromote.effects.running.ledger import ledger_of
    from nbpromote.publish.page import tone
    from nbpromote.publish.sizes import seconds_text

    repository = find(Path.cwd())
    records = ledger_of(repository).runs(
        notebook=repository.relative(Path(notebook)) if notebook else None,
        limit=None if status or batch else limit,
    )
    records = tuple(one for one in records if status in (None, one.status) and batch in (None, one.batch))[:limit]
    if not records and (notebook or status or batch):
        out().print("No run is like this. See all with: nbpromote runs list")
        return
    if not records:
        out().print("No run yet. Run a notebook with: nbpromote run NOTEBOOK")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("run", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("took", justify="right", no_wrap=True)
    table.add_column("parameters given", overflow="fold")
    for record in records:
        table.add_row(
            Text(record.run_id),
            Text.assemble(
                (record.status, STYLES[tone(record.status)]),
                (" (unproven draft)" if record.is_unproven else "", "yellow"),
            ),
            seconds_text(record.duration) if record.duration is not None else "",
            Text(told_parameters({name: record.parameters[name] for name in record.given})),
        )
    out().print(table)


@app.command("show")
def show_run(
    run: Annotated[str, typer.Argument(help="The run's name, or the beginning or end of it, or `last`.")] = "last",
) -> None:
    """Show what is known of one run."""
    from nbpromote.cli.run_text import show_record
    from nbpromote.effects.files.repository import find
    from nbpromote.effects.running.ledger import ledger_of

    ledger = ledger_of(find(Path.cwd()))
    record = ledger.find(run)
    show_record(record, ledger.whole(record.run_id))


@app.command("diff")
def diff_runs(
    a: Annotated[str, typer.Argument(metavar="A", help="One run, by its name or a part of it.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The other.")] = "last",
) -> None:
    """Show what differs between two runs: parameters, code, versions, data read and written, what cells show.

    Exit code 0, whatever differs.
    """
    from nbpromote.cli.contrast_text import show_changes
    from nbpromote.cli.terminal import out
    from nbpromote.effects.files.repository import find
    from nbpromote.effects.running.ledger import ledger_of
    from nbpromote.effects.running.reruns import contrast

    repository = find(Path.cwd())
    ledger = ledger_of(repository)
    first, second = ledger.find(a), ledger.find(b)
    found = contrast(repository, first, second, is_thorough=True)
    out().print(f"{first.run_id} and {second.run_id}" + ("" if found else ": nothing differs"))
    show_changes(found)


@app.command("rerun")
def rerun_run(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run, by its name or a part of it, or `last`.")],
) -> None:
    """Run once more what ran then, on the data that it read then, and say whether it gives the same.

    What it writes is compared and thrown away; the lake stays as it is. Exit code 1 when something differs.
    """
    from nbpromote.cli.contrast_text import show_rerun
    from nbpromote.cli.run_progress import RunProgress
    from nbpromote.effects.files.repository import find
    from nbpromote.effects.running import reruns
    from nbpromote.effects.running.ledger import ledger_of

    repository = find(Path.cwd())
    record = ledger_of(repository).find(run)
    with RunProgress() as progress:
        found = reruns.rerun(repository, record, on_cell=progress.cell)
    show_rerun(record, found)
    if not found.is_same:
        raise typer.Exit(1)


@app.command("export")
def export_runs(
    run: Annotated[list[str] | None, typer.Argument(metavar="[RUN...]", help="Which runs; all if none.")] = None,
    openlineage: Annotated[bool, typer.Option("--openlineage", help="As events of OpenLineage.")] = False,
    namespace: Annotated[str, typer.Option(help="Under which OpenLineage knows notebooks and data.")] = "nbpromote",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file.")] = None,
) -> None:
    """Export runs as lines of JSON, the oldest first: their records, or events of OpenLineage."""
    import json

    from nbpromote.effects.files.repository import find
    from nbpromote.effects.running.ledger import ledger_of
    from nbpromote.publish.openlineage import events
    from nbpromote.running.record import to_json

    ledger = ledger_of(find(Path.cwd()))
    records = [ledger.find(name) for name in run] if run else list(reversed(ledger.runs()))
    lines: list[str] = []
    for record in records:
        if openlineage:
            lines += [json.dumps(event, ensure_ascii=False) for event in events(record, namespace=namespace)]
        else:
            lines.append(json.dumps(json.loads(to_json(record)), ensure_ascii=False))
    text = "".join(f"{line}\n" for line in lines)
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


@app.command("rebuild")
def rebuild_runs() -> None:
    """Make the ledger again from the folders of the runs."""
    from nbpromote.cli.terminal import clean, err, out
    from nbpromote.effects.files.repository import find
    from nbpromote.effects.running.ledger import ledger_of

    ledger = ledger_of(find(Path.cwd()))
    count = ledger.rebuild()
    for problem in ledger.unreadable:
        err().print(clean(f"left out: {problem}"), soft_wrap=True)
    out().print(f"{count:,} runs are in the ledger")
