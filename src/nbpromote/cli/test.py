"""`nbpromote test`: test that every production notebook still does what it did."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

_NOTHING_COLLECTED = 5


app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("test", context_settings={"help_option_names": ["--help", "-h"]})
def run_cases(  # noqa: PLR0917  it is a command
    name: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Notebooks, or NOTEBOOK/CASE; all when none is given."),
    ] = None,
    update: Annotated[
        bool,
        typer.Option("--update", help="Record what they do as the reference, when a second run does the same."),
    ] = False,
    keyword: Annotated[str | None, typer.Option("-k", metavar="WORDS", help="Only what fits, as pytest's -k.")] = None,
    parallel: Annotated[int, typer.Option("-n", metavar="PROCESSES", help="How many cases at once.")] = 1,
    first: Annotated[bool, typer.Option("-x", help="Stop at the first failure.")] = False,
    last_failed: Annotated[bool, typer.Option("--lf", help="Only what failed the last time.")] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page: expected and actual, side by side.")
    ] = None,
) -> None:
    """Test that every production notebook still does what it did.

    Runs the cases under tests/notebooks/ by pytest, each on small data of its own, and compares cell by cell with
    the case's reference. With --update each case runs twice, the second time on other cores, partitions, hashes,
    clock and time zone; what differs then is named, and no reference is recorded.
    """
    from nbpromote.cli.terminal import out
    from nbpromote.effects.files import repository as repositories
    from nbpromote.effects.running.case_files import find_cases
    from nbpromote.errors import UsageError

    repository = repositories.find(Path.cwd())
    if not repository.is_configured:
        raise UsageError(
            f"{repository.root / 'pyproject.toml'} has no [tool.nbpromote]; add it, empty, to use nbpromote"
        )
    paths = find_cases(repository, name or ())
    if not paths:
        out().print(f"No cases under {repository.folder('tests')}. A promotion makes the first one.")
        return
    command = [sys.executable, "-m", "pytest", "--tb=short", "--no-header", "-v", "--rootdir", str(repository.root)]
    command += ["--nbpromote-update"] if update else []
    command += ["-k", keyword] if keyword else []
    command += ["-x"] if first else []
    command += ["--lf"] if last_failed else []
    command += ["--nbpromote-html", str(html.resolve())] if html else []
    command += ["-n", str(parallel), "--dist", "loadscope"] if parallel > 1 else []
    done = subprocess.run([*command, *(str(path) for path in paths)], cwd=repository.root, check=False)
    if done.returncode:
        raise typer.Exit(1 if done.returncode != _NOTHING_COLLECTED else 2)
