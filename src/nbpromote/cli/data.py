"""`nbpromote data`: land, validate and list the data of the lake."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nbpromote.cli import expire
from nbpromote.cli.data_form import Form, FormOption

if TYPE_CHECKING:
    from commonlib.lake.logs import Log
    from nbpromote.effects.files.repository import Repository

app = typer.Typer(
    help="Land, validate, show and verify the data of the lake.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
)


@app.command("ingest")
def ingest(  # noqa: PLR0917 - the options of a command
    source: Annotated[
        str,
        typer.Argument(
            help="A file, folder, pattern like 'sales/*.csv', place (s3://, az://), or database (postgresql://)."
        ),
    ],
    dataset: Annotated[str, typer.Option(help="What it becomes, such as raw/purchases.")],
    schema: Annotated[
        Path | None, typer.Option(help="YAML that says its columns; else all cells are looked at.", show_default=False)
    ] = None,
    write_schema: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the inferred schema to this file.", show_default=False)
    ] = None,
    form: Annotated[
        str | None, typer.Option("--format", help="What it is, when its name does not say.", show_default=False)
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Of text that is not UTF-8.", show_default=False)] = None,
    delimiter: Annotated[
        str | None, typer.Option(help="What parts the cells, such as ';' or tab.", show_default=False)
    ] = None,
    quote: Annotated[str | None, typer.Option(help="What quotes a cell, or none.", show_default="double")] = None,
    escape: Annotated[str | None, typer.Option(help="What makes the next character plain.", show_default=False)] = None,
    comment: Annotated[str | None, typer.Option(help="What begins a line that is no row.", show_default=False)] = None,
    header: Annotated[
        bool | None, typer.Option(help="Whether the first line names the columns.", show_default=False)
    ] = None,
    skip: Annotated[int | None, typer.Option(help="Lines before the header.", show_default=False)] = None,
    null: Annotated[
        list[str] | None, typer.Option(metavar="WORD", help="A word that means absent.", show_default=False)
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="Which sheet of a workbook.", show_default=False)] = None,
    records: Annotated[
        str | None, typer.Option(metavar="NAME", help="The list of a JSON object with the rows.", show_default=False)
    ] = None,
    table: Annotated[
        str | None, typer.Option(help="Which table of a database, such as public.orders.", show_default=False)
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(help="What reads it: local, or spark.", show_default="spark when it has more than 20 GB"),
    ] = None,
) -> None:
    """Land a source in any form in the lake as typed Parquet, as one new version."""
    given = {
        "--schema": schema, "--write-schema": write_schema, "--format": form, "--encoding": encoding,
        "--delimiter": delimiter, "--quote": quote, "--escape": escape, "--comment": comment, "--skip": skip,
        "--sheet": sheet, "--records": records, "--table": table, "--engine": engine,
    }  # fmt: skip
    options = [f"{name}={value}" for name, value in given.items() if value is not None]
    options += [f"--null={word}" for word in null or ()]
    if header is not None:
        options.append("--header" if header else "--no-header")
    _commonlib("ingest", f"--dataset={dataset}", *options, "--", source)


@app.command("validate")
def validate(
    dataset: Annotated[str, typer.Argument(help="What to check, such as raw/purchases.")],
    to: Annotated[str, typer.Option("--to", help="Where what passes is published, such as validated/purchases.")],
    rules: Annotated[Path, typer.Option(help="YAML or Python that says the rules.")],
) -> None:
    """Check a dataset by its rules, and publish it when it passes."""
    _commonlib("validation", dataset, "--to", to, "--rules", str(rules))


@app.command("list")
def list_data(
    dataset: Annotated[str | None, typer.Argument(help="Show the versions of this one.", show_default=False)] = None,
    form: FormOption = Form.TEXT,
) -> None:
    """List the datasets of the lake, or the versions of one."""
    from commonlib.lake import logs
    from nbpromote.cli import data_json, data_text
    from nbpromote.cli.terminal import out

    lake = _repository().lake_root
    with _refused():
        if dataset is None:
            found = [one for name in logs.list_datasets(lake) if (one := logs.latest(name, lake)) is not None]
        else:
            found = [*reversed(logs.versions(dataset, lake))]
    if form is Form.JSON:
        data_json.print_versions(found)
        return
    if not found:
        what = f"no version of {dataset}" if dataset else "no dataset yet"
        out().print(f'{lake}: {what}. Land data with "nbpromote data ingest".')
        return
    data_text.show_versions(found)


@app.command("show")
def show(
    dataset: Annotated[str, typer.Argument(help="What to show, such as validated/purchases.")],
    version: Annotated[int | None, typer.Option(help="This version, not the latest.", show_default=False)] = None,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="The latest at this time, such as 2026-11-22T09:15:00Z.", show_default=False),
    ] = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Show one version of a dataset: what it holds, and how it came to be."""
    from commonlib.lake import bounds
    from nbpromote.cli import data_json, data_text

    with _refused():
        log = _log(dataset)
        found = log.find(version, as_of)
        statistics = bounds.of_version(log, found)
        if form is Form.JSON:
            data_json.print_version(found, statistics)
        else:
            data_text.show_version(found, statistics, is_latest=found.number == log.numbers()[-1])


@app.command("history")
def history(
    dataset: Annotated[str, typer.Argument(help="Whose history, such as derived/customer_value.")],
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, help="How many versions, the newest first.")] = 20,
    form: FormOption = Form.TEXT,
) -> None:
    """Show how a dataset came to be: what each version wrote, from what, by which run."""
    from commonlib.lake import retention
    from nbpromote.cli import data_json, data_text

    with _refused():
        log = _log(dataset)
        numbers = [*reversed(range(1, log.find().number + 1))]
        marks = retention.marks(log.events())
        manifests = [log.manifest(number) for number in numbers[:limit]]
    if form is Form.JSON:
        data_json.print_history(manifests, marks)
    else:
        data_text.show_history(manifests, marks, older=len(numbers[limit:]))


@app.command("diff")
def diff(
    dataset: Annotated[str, typer.Argument(help="Which dataset, such as derived/customer_value.")],
    before: Annotated[int, typer.Argument(help="A version of it.")],
    after: Annotated[int, typer.Argument(help="Another version of it.")],
    form: FormOption = Form.TEXT,
) -> None:
    """Show what changed between two versions: columns, rows, nulls, least and greatest values, partitions, files."""
    from commonlib.lake import bounds
    from nbpromote.cli import data_json, data_text
    from nbpromote.publish.differences import compare

    with _refused():
        log = _log(dataset)
        old, new = log.find(before), log.find(after)
        found = compare(old, new, bounds.of_version(log, old), bounds.of_version(log, new))
    if form is Form.JSON:
        data_json.print_difference(found)
    else:
        data_text.show_difference(found)


@app.command("verify")
def verify(
    dataset: Annotated[str | None, typer.Argument(help="Only this one.", show_default=False)] = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Check that the files of the lake are still those that its manifests list."""
    from commonlib.lake import logs
    from nbpromote.cli import data_json, data_text
    from nbpromote.cli.terminal import out
    from nbpromote.effects.running import verification

    lake = _repository().lake_root
    checked = []
    with _refused():
        if dataset is not None and not _log(dataset).numbers():
            _log(dataset).find()  # says that there is none
        names = [*logs.list_datasets(lake)] if dataset is None else [dataset]
        for name in names:
            checked.append(verification.verify(logs.open_log(name, lake)))
            if form is Form.TEXT:
                data_text.show_verified(checked[-1])
    if form is Form.JSON:
        data_json.print_verified(checked)
    elif not names:
        out().print(f"{lake}: no dataset yet")
    if any(one.damage for one in checked):
        raise typer.Exit(1)


app.command("expire")(expire.expire)
app.command("hold")(expire.hold)
app.command("release")(expire.release)


@contextmanager
def _refused() -> Iterator[None]:
    """What the lake refuses (an unknown dataset, version or time) is a word of the command line that does not fit."""
    from commonlib.errors import CommonlibError
    from nbpromote.errors import UsageError

    try:
        yield
    except CommonlibError as error:
        raise UsageError(str(error)) from error


def _log(dataset: str) -> "Log":
    from commonlib.lake import logs

    return logs.open_log(dataset, _repository().lake_root)


def _repository() -> "Repository":
    from nbpromote.effects.files.repository import find

    return find(Path.cwd())


def _commonlib(module: str, *arguments: str) -> None:
    """Run one of commonlib's commands in a process of its own: this one holds no Spark."""
    repository = _repository()
    paths = filter(None, (str(repository.root), os.environ.get("PYTHONPATH", "")))
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "LAKE_ROOT": repository.lake_root,
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
