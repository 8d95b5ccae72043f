"""`nbpromote run`: run a notebook headlessly with parameters, and keep a record."""

import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nbpromote.errors import UsageError

if TYPE_CHECKING:
    from nbpromote.effects.files.repository import Repository
    from nbpromote.notebook import Notebook
    from nbpromote.running.request import RunRequest

# `run NOTEBOOK --help` also lists the notebook's own parameters, so this command prints its help itself.
CONTEXT_SETTINGS: dict[str, list[str]] = {"help_option_names": []}


def run(  # noqa: PLR0917
    ctx: typer.Context,
    notebook: Annotated[
        Path | None, typer.Argument(metavar="NOTEBOOK", help="The notebook.", show_default=False)
    ] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="A parameter; repeatable.")
    ] = None,
    parameters_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Parameters as YAML or JSON; -p wins over them.")
    ] = None,
    sweep: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUES", help="A run for each value: FIRST..LAST/STEP or a,b,c; repeatable."),
    ] = None,
    table: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A run for each row of this CSV, Parquet, JSON or YAML.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("-j", "--jobs", min=1, help="Runs at once; half of the cores by default.")
    ] = None,
    cores: Annotated[int | None, typer.Option(min=1, help="How many cores all runs together may use.")] = None,
    memory: Annotated[str | None, typer.Option(help="What all runs together may hold, like 4GB.")] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Leave out what succeeded on the same code, parameters and data."),
    ] = False,
    retries: Annotated[int, typer.Option(min=0, help="How often a run that failed is tried again.")] = 0,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="End all runs when one has failed.")] = False,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Copy the executed notebook here.")] = None,
    timeout: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=0.1, help="How long the run may take.")
    ] = None,
    cell_timeout: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=0.1, help="How long one cell may take.")
    ] = None,
    spark: Annotated[
        str | None,
        typer.Option(metavar="classic|warm", help="A Spark of its own, or the one that runs share (default)."),
    ] = None,
    on: Annotated[
        str, typer.Option(metavar="here|databricks", help="Where Spark is: here, or on Databricks, by its client.")
    ] = "here",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would run, and run nothing.")] = False,
    wants_help: Annotated[
        bool, typer.Option("--help", "-h", help="Show this message, and the notebook's parameters.")
    ] = False,
) -> None:
    """Run a notebook headlessly with parameters, and keep a record.

    A production notebook runs in the repository's root, any other in its own folder. With --sweep or --table it runs
    many times. Exit code 0: all ran; 1: one failed; 2: nothing was begun, for a parameter is unknown, missing or does
    not fit; 130: interrupted.
    """
    from nbpromote.notebook import read
    from nbpromote.running import parameters

    if wants_help:
        typer.echo(ctx.get_help())
    if notebook is None:
        if wants_help:
            return
        raise UsageError("which notebook? Say: nbpromote run NOTEBOOK")
    document = read(notebook, name=str(notebook))
    declared = parameters.declared(document)
    if wants_help:
        from nbpromote.cli.run_text import parameter_lines

        typer.echo("\n" + "\n".join(parameter_lines(declared)))
        return
    name, repository = _place(notebook)
    defaults = parameters.defaults(declared)
    from nbpromote.effects.kernels.limits import bytes_of
    from nbpromote.effects.running.parameter_files import read_rows, read_values
    from nbpromote.running import batch
    from nbpromote.running.request import RunRequest

    rows, is_text = read_rows(table) if table else ((), False)
    values = read_values(parameters_file) if parameters_file else {}
    wanted = batch.Wanted(tuple(parameter or ()), values, tuple(sweep or ()), rows, is_text)
    planned = batch.plan(str(notebook), declared, wanted)
    limit = bytes_of(memory) if memory else None
    is_many = bool(sweep or table or resume or retries)
    if is_many and output is not None:
        raise UsageError("--output is for one run; of many, each keeps its executed notebook in its folder under runs")
    request = RunRequest("", name, planned[0], defaults, timeout, cell_timeout, limit, cores_of(cores))
    request = replace(request, spark=_spark(repository, spark, on), on=on)
    if dry_run:
        from nbpromote.cli.run_dry import show_dry

        show_dry(repository, document, request, planned, resumes=resume)
        return
    from nbpromote.effects.running.ranges import check_range

    check_range(notebook, repository)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a scheduler's stop leaves a record, as Ctrl-C does
    if is_many:
        from nbpromote.cli.run_many import run_many
        from nbpromote.effects.running.batches import Terms

        requests = [replace(request, parameters=one) for one in planned]
        terms = Terms(jobs or 0, retries, fail_fast, resume)
        if not run_many(repository, document, requests, terms):
            raise typer.Exit(1)
        return
    _run_one(repository, document, request, output)


def _spark(repository: "Repository", spark: str | None, on: str) -> str:
    """Which Spark a run has, as it is asked for or configured."""
    from nbpromote.effects.running.warm_spark import mode
    from nbpromote.running.request import DATABRICKS, HERE
    from nbpromote.running.spark_modes import CLASSIC, MODES

    if spark is not None and spark not in MODES:
        raise UsageError(f"--spark {spark}: say {' or '.join(MODES)}")
    if on not in (HERE, DATABRICKS):
        raise UsageError(f"--on {on}: say {HERE} or {DATABRICKS}")
    if on == DATABRICKS and spark is not None:
        raise UsageError("--spark is for a Spark here, and --on databricks for one there: say one of them")
    return CLASSIC if on == DATABRICKS else mode(repository.root, spark)


def _place(notebook: Path) -> "tuple[str, Repository]":
    from nbpromote.effects.files import repository as repositories

    repository = repositories.find(notebook)
    return repository.relative(notebook), repository


def _run_one(repository: "Repository", document: "Notebook", request: "RunRequest", output: Path | None) -> None:
    from nbpromote.cli.run_progress import RunProgress
    from nbpromote.cli.run_text import show_ran
    from nbpromote.cli.terminal import clean, err
    from nbpromote.effects.running import runs

    try:
        with RunProgress() as progress:
            one = replace(request, run_id=runs.new_id(request.notebook))
            ran = runs.run(repository, document, one, on_cell=progress.cell)
    except runs.RunInterrupted as interrupt:
        show_ran(interrupt.ran.record, interrupt.ran.folder)
        raise
    if ran.said:
        err().print(clean(ran.said), soft_wrap=True)
    show_ran(ran.record, ran.folder)
    if output is not None:
        runs.copy_out(ran, output)
    if ran.record.failure is not None:
        raise typer.Exit(1)


def cores_of(wanted: int | None) -> tuple[int, ...]:
    """The cores that runs are kept to; none where all are theirs."""
    mine = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return tuple(mine[:wanted]) if wanted is not None and wanted < len(mine) else ()
