"""The commands, and what becomes of words: the only place that catches, and chooses the exit code."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from commonlib.errors import CommonlibError
from nbpromote import __version__
from nbpromote.cli.terminal import clear_line, print_error
from nbpromote.errors import NbpromoteError

INTERRUPTED = 130

# In the order of a notebook's life. A command's file is imported when it is called, so that `--help` is quick.
COMMANDS: dict[str, str] = {
    "init": "Make a folder a notebook repository.",
    "check": "Say what stands between a notebook and production.",
    "flow": "Draw a notebook's cells and what flows between them.",
    "compare": "Show two variants of a notebook by what they compute, cell against cell.",
    "convert": "Write a notebook as Databricks source, an export of it, py:percent or .ipynb.",
    "plan": "Show what a promotion would change, and why.",
    "promote": "Promote an ad-hoc notebook, and prove that its results did not change.",
    "dedupe": "Find code that stands in more than one place.",
    "undo": "Take back the last promotion.",
    "run": "Run a notebook headlessly with parameters, and keep a record.",
    "publish": "Write production notebooks as jobs for Databricks.",
    "runs": "List the runs that were made, show, compare, repeat and export them.",
    "warm": "Show or end what runs leave behind so that the next ones start quickly.",
    "site": "Make pages of runs, notebooks and data, to look at in a browser.",
    "test": "Test that every production notebook still does what it did.",
    "gate": "Hold commonlib's version and changelog against its last release.",
    "strip": "Take outputs out of notebooks that should carry none.",
    "pairs": "Say whether text notebooks and their paired .ipynb files are in step.",
    "data": "Land, validate, show and verify the data of the lake.",
    "env": "Check, lock and move the environment.",
    "doctor": "Say whether Spark on Databricks can be had from here.",
    "demo": "Run the main job on the sample, in a scratch clone.",
}


def command_of(name: str) -> Any:
    """The command of this name, as Typer has it."""
    module = import_module(f"nbpromote.cli.{name}")
    app = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command(name, context_settings=getattr(module, "CONTEXT_SETTINGS", None))(getattr(module, name))
    command = typer.main.get_command(app)
    command.name = name
    return command


class Commands(TyperGroup):
    """The commands, each in a file of its own under `nbpromote/cli/`.

    A file holds a function of the command's name, or a Typer `app` when the command has commands of its own.
    """

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        return command_of(cmd_name) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        self.commands = dict.fromkeys(COMMANDS, self)  # only its keys are read, for "did you mean"
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


app = typer.Typer(
    name="nbpromote",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
    help="Promote ad-hoc notebooks to production notebooks, and prove that the results did not change.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"nbpromote {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", is_eager=True, callback=_print_version, help="Print the version."),
) -> None:
    pass


def call(arguments: Sequence[str] | None = None) -> int:
    """Run `nbpromote` with these words (those of the process when None).

    Returns:
        The exit code: 0 done, 1 refused or failed, 2 called with words that do not fit, 130 interrupted.
    """
    try:
        typer.main.get_command(app).main(args=arguments, prog_name="nbpromote")
    except NbpromoteError as error:
        print_error(str(error))
        return error.exit_code
    except (KeyboardInterrupt, SystemExit) as end:
        code = INTERRUPTED if isinstance(end, KeyboardInterrupt) else end.code
        if code == INTERRUPTED:
            clear_line()
            print_error("interrupted")
        return code if isinstance(code, int) else int(code is not None)
    except CommonlibError as error:
        print_error(str(error))
        return 1
    except BrokenPipeError:
        # The reader went away (`| head`): no more to say, also not at the interpreter's exit, which flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        where = f"{os.fspath(error.filename)}: " if isinstance(error.filename, str | os.PathLike) else ""
        print_error(f"{where}{error.strerror or error}")
        return 1
    return 0
