"""`nbpromote data`: land, validate and list the data of the lake."""

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nbpromote.effects.repository import Repository

app = typer.Typer(
    help="Land, validate and list the data of the lake.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
)


@app.command("ingest")
def ingest(
    source: Annotated[Path, typer.Argument(help="The file to land.")],
    dataset: Annotated[str, typer.Option(help="What it becomes, such as raw/purchases.")],
    schema: Annotated[Path, typer.Option(help="YAML that says its columns.")],
) -> None:
    """Land a file in the lake as typed Parquet, as one new version."""
    _commonlib("ingest", str(source), "--dataset", dataset, "--schema", str(schema))


@app.command("validate")
def validate(
    dataset: Annotated[str, typer.Argument(help="What to check, such as raw/purchases.")],
    to: Annotated[str, typer.Option("--to", help="Where what passes is published, such as validated/purchases.")],
    rules: Annotated[Path, typer.Option(help="YAML that says the rules.")],
) -> None:
    """Check a dataset by its rules, and publish it when it passes."""
    _commonlib("validation", dataset, "--to", to, "--rules", str(rules))


@app.command("list")
def list_data(
    dataset: Annotated[str | None, typer.Argument(help="Show the versions of this one.", show_default=False)] = None,
) -> None:
    """List the datasets of the lake, or the versions of one."""
    from rich.table import Table

    from commonlib.errors import CommonlibError
    from commonlib.lake import manifest
    from nbpromote.cli.terminal import clean, out
    from nbpromote.errors import UsageError
    from nbpromote.publish.sizes import bytes_text

    lake = _repository().folder("lake")
    try:
        if dataset is None:
            found = [one for name in manifest.list_datasets(lake) if (one := manifest.latest(name, lake)) is not None]
        else:
            found = [*reversed(manifest.versions(dataset, lake))]
    except CommonlibError as error:
        raise UsageError(str(error)) from error
    if not found:
        what = f"no version of {dataset}" if dataset else "no dataset yet"
        out().print(f'{lake}: {what}. Land data with "nbpromote data ingest".')
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("dataset", "version", "rows", "columns", "size"):
        table.add_column(name, justify="left" if name == "dataset" else "right", no_wrap=True)
    table.add_column("committed", no_wrap=True)
    for one in found:
        size = sum(file.bytes for file in one.files)
        rows = f"{one.rows:,}" if one.rows is not None else f"{len(one.files)} files"
        columns = str(len(one.columns)) if one.columns else ""
        created = one.manifest.created.replace("T", " ")[:19]
        table.add_row(clean(one.dataset), str(one.number), rows, columns, bytes_text(size), created)
    out().print(table)


def _repository() -> "Repository":
    from nbpromote.effects.repository import find

    return find(Path.cwd())


def _commonlib(module: str, *arguments: str) -> None:
    """Run one of commonlib's commands in a process of its own: this one holds no Spark."""
    repository = _repository()
    paths = filter(None, (str(repository.root), os.environ.get("PYTHONPATH", "")))
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "LAKE_ROOT": str(repository.folder("lake")),
    }
    command = [sys.executable, "-m", f"commonlib.{module}", *arguments]
    with subprocess.Popen(command, env=environment) as child:
        try:
            code = child.wait()
        except KeyboardInterrupt:  # the terminal sent it to the child too, which ends in its own way
            child.wait()
            raise
    if code:
        raise typer.Exit(code if code in {1, 2} else 1)
