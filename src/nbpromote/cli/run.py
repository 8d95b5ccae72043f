"""`nbpromote run`: run a notebook headlessly with parameters, and keep a record."""

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from commonlib.lake.paths import ZONES
from nbpromote.errors import UsageError

# `run NOTEBOOK --help` also lists the notebook's own parameters, so this command prints its help itself.
CONTEXT_SETTINGS: dict[str, list[str]] = {"help_option_names": []}


class UnreadableParametersFile(UsageError):
    """A file of parameters that is none."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}; it maps names of parameters to values, as YAML or JSON")


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
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Copy the executed notebook here.")] = None,
    timeout: Annotated[float | None, typer.Option(metavar="SECONDS", help="How long the run may take.")] = None,
    cell_timeout: Annotated[float | None, typer.Option(metavar="SECONDS", help="How long one cell may take.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would run, and run nothing.")] = False,
    wants_help: Annotated[
        bool, typer.Option("--help", "-h", help="Show this message, and the notebook's parameters.")
    ] = False,
) -> None:
    """Run a notebook headlessly with parameters, and keep a record.

    A production notebook runs in the repository's root, any other in its own folder. Exit code 0: it ran; 1: it
    failed; 2: it was not begun, for a parameter is unknown, missing or does not fit.
    """
    from nbpromote.effects.files import repository as repositories
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
    values = _values(parameters_file) if parameters_file else {}
    given = parameters.fit(str(notebook), declared, words=parameter or (), values=values)
    repository = repositories.find(notebook)
    name = repository.relative(notebook)
    defaults = parameters.defaults(declared)
    if dry_run:
        _show_dry(repository, document, name, {**defaults, **given}, set(given))
        return

    from nbpromote.cli.run_progress import RunProgress
    from nbpromote.cli.run_text import show_ran
    from nbpromote.cli.terminal import clean, err
    from nbpromote.effects.running import runs
    from nbpromote.running.request import RunRequest

    request = RunRequest(runs.new_id(name), name, given, defaults, timeout, cell_timeout)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a scheduler's stop leaves a record, as Ctrl-C does
    try:
        with RunProgress() as progress:
            ran = runs.run(repository, document, request, on_cell=progress.cell)
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


def _values(path: Path) -> Mapping[str, object]:
    import yaml

    class Loader(yaml.SafeLoader):
        """YAML without its guess at dates: the notebook's declaration says what is one."""

    Loader.yaml_implicit_resolvers = {
        letter: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:timestamp"]
        for letter, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    try:
        found = yaml.load(path.read_text(encoding="utf-8"), Loader)  # a SafeLoader; JSON is YAML
    except OSError as error:
        raise UnreadableParametersFile(path, error.strerror or "cannot be read") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnreadableParametersFile(path, " ".join(str(error).split())) from error
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise UnreadableParametersFile(path, "is no mapping")
    return found


def _show_dry(repository: Any, document: Any, name: str, whole: Mapping[str, object], given: set[str]) -> None:
    from nbpromote.analysis import analyse
    from nbpromote.cli.run_text import short
    from nbpromote.cli.terminal import clean, out
    from nbpromote.effects.checking.settings import read_settings
    from nbpromote.effects.running.digests import latest_versions

    out().print(f"would run {name} in {short(repository.cwd_of(repository.root / name))}")
    for parameter, value in whole.items():
        out().print(f"  {parameter} = {value!r}{'' if parameter in given else '  (default)'}")
    facts = analyse(document, specifications=read_settings(repository.root).specifications)
    lines: dict[str, None] = {}
    for cell in document.code_cells:
        for access in facts.of(cell.id).accesses:
            what = access.target or access.expression or "?"
            place = clean(str(whole.get(what, what)))  # a parameter names what it is here
            version = latest_versions(repository, [place]).get(place)
            known = "" if "/" not in place else " (nothing yet)" if version is None else f" version {version}"
            if place.partition("/")[0] not in ZONES:
                known = ""
            if access.direction == "read":
                lines[f"  reads {place}{known} (cell {cell.number})"] = None
            else:
                after = f" as version {(version or 0) + 1}, if nobody writes it before" if known else ""
                lines[f"  writes {place}{after} (cell {cell.number})"] = None
    for line in lines:
        out().print(line)
    lake = repository.remote_lake or short(repository.folder("lake"))
    out().print(f"  lake {lake}, record under {short(repository.folder('runs'))}")
