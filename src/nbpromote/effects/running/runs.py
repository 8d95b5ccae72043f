"""One headless run: the notebook executed, its record kept, its page made."""

import json
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from nbpromote import __version__
from nbpromote.effects import git
from nbpromote.effects.environment import databricks
from nbpromote.effects.files.repository import Repository
from nbpromote.effects.files.whole_file import write_whole
from nbpromote.effects.kernels.execution import Interrupted, execute, node_of
from nbpromote.effects.kernels.hidden import dbutils_of
from nbpromote.effects.kernels.masking import masked
from nbpromote.effects.kernels.stopping import Stop
from nbpromote.effects.running import machine
from nbpromote.effects.running.digests import digests_of
from nbpromote.effects.running.ledger import DIFF, EXECUTED, PAGE, Ledger, ledger_of
from nbpromote.effects.running.remote_runs import PlaceFailed
from nbpromote.effects.running.secret_sources import resolve
from nbpromote.effects.running.warm_spark import lent, lost, may_be_of_connect
from nbpromote.errors import NbpromoteError
from nbpromote.notebook import Notebook
from nbpromote.proof.observer.secrets import find as find_secrets
from nbpromote.proof.observer.secrets import forms as secret_forms
from nbpromote.publish import page
from nbpromote.running import parameters, record
from nbpromote.running.executed import Executed, Failure, Progress, Status
from nbpromote.running.record import Record
from nbpromote.running.request import DATABRICKS, HERE, RunRequest, run_id
from nbpromote.running.spark_modes import WARM

_LONGEST_DIFF = 5_000_000  # characters


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that has ended: its record, and the folder with its executed notebook and page.

    `said` is what the kernel's set-up had to say, such as which Java was passed over.
    """

    record: Record
    folder: Path
    said: str = ""


class RunInterrupted(KeyboardInterrupt):
    """Ctrl-C came during a run, which is on record."""

    def __init__(self, ran: Ran) -> None:
        self.ran = ran
        super().__init__("interrupted")


def new_id(notebook: str) -> str:
    """A name for a run that begins now."""
    return run_id(notebook, datetime.now(UTC), secrets.token_hex(2))


def run(
    repository: Repository,
    notebook: Notebook,
    request: RunRequest,
    *,
    on_cell: Callable[[Progress], None] | None = None,
    secret_values: Mapping[str, str] | None = None,
    stop: Stop | None = None,
) -> Ran:
    """Run a notebook once, and keep its record, whatever becomes of it.

    Args:
        secret_values: what the request's references to secrets stand for, by parameter, where that is known.
        stop: lets another thread end the run.

    Raises:
        NoSuchSecret: a reference leads to none; nothing was begun.
        NotReady: Spark on Databricks cannot be had from here; nothing was begun.
        KernelNotStarted, HiddenCodeFailed: it could not be begun; the record says so too.
        RunInterrupted: Ctrl-C; the kernel is gone, and the record says how far it came.
    """
    sources = [cell.source for cell in notebook.code_cells]
    elsewhere = databricks.ready(repository, sources) if request.on == DATABRICKS else None
    values = resolve(repository.root, request.secrets) if secret_values is None else secret_values
    ledger = ledger_of(repository)
    path = repository.root / request.notebook
    code, environment = machine.code(repository, path), machine.environment(repository, elsewhere)
    if request.notebook_digest:
        code = replace(code, notebook=request.notebook_digest)
    started = datetime.now(UTC)
    folder = ledger.begin(record.begun(request, started, code, environment))
    _keep_diff(repository, code, folder, values)
    told = {
        "id": request.run_id,
        "notebook": request.notebook,
        "commit": code.commit,
        "environment": environment.installed,
    }
    is_by_widgets = parameters.has_widgets(notebook)
    ended = Executed(None, Status.INTERRUPTED, started, 0.0)
    try:
        with ledger.beating(request.run_id), lent(repository, notebook, request) as spark:
            where = "by Databricks Connect" if elsewhere else spark.told
            said = f"a Spark of its own: {spark.reason}" if spark.is_missed else ""
            ended = execute(
                node_of(notebook),
                cwd=repository.cwd_of(path),
                root=repository.root,
                parameters=(None if is_by_widgets else parameters.written(notebook, request.injected)) or None,
                timeout=request.timeout,
                cell_timeout=request.cell_timeout,
                memory=request.memory,
                is_prepared=True,
                python=elsewhere.path if elsewhere else None,
                cores=request.cores,
                secrets=values,
                stop=stop,
                loss=spark.loss,
                preamble=dbutils_of(notebook, request.injected if is_by_widgets else None) or None,
                on_cell=on_cell,
                environment={
                    "LAKE_ROOT": repository.lake_root,
                    "COMMONLIB_RUN": json.dumps(told),
                    "COMMONLIB_RUNNER": json.dumps(_runner(request)),
                    **spark.environment,
                },
                output_path=folder / EXECUTED,
                source=request.notebook,
            )
            if spark.told == WARM and ended.failure is not None:
                said = lost("") if _is_lost(ended.failure) else may_be_of_connect(ended.failure)
            if where and ended.spark:
                ended = replace(ended, spark={"where": where, **ended.spark})
    except Interrupted as interrupt:
        ended = interrupt.executed
        raise RunInterrupted(_close(repository, request, ended, code, environment)) from interrupt
    except NbpromoteError as error:
        ended = _failed(ended, type(error).__name__, str(error))
        _close(repository, request, ended, code, environment)
        raise
    except BaseException as error:
        ended = _failed(ended, type(error).__name__, f"{error} (in nbpromote, not in the notebook)")
        _close(repository, request, ended, code, environment)
        raise
    ran = _close(repository, request, ended, code, environment)
    return replace(ran, said="\n".join(filter(None, (said, ran.said))))


def _runner(request: RunRequest) -> list[str]:
    """The command by which a notebook of this run runs another, with its Spark in the same place."""
    return [sys.executable, "-m", "nbpromote.cli", "run", *(["--on", request.on] if request.on != HERE else [])]


def _is_lost(failure: Failure) -> bool:
    """Whether a cell itself failed for want of the server that it talked to (gRPC's status 14)."""
    return any(word in failure.message for word in ("UNAVAILABLE", "Connection refused", "Socket closed"))


def _failed(ended: Executed, name: str, message: str) -> Executed:
    seconds = (datetime.now(UTC) - ended.started).total_seconds()
    return replace(ended, status=Status.FAILED, failure=Failure("", 0, name, message), seconds=seconds)


def _keep_diff(repository: Repository, code: record.Code, folder: Path, values: Mapping[str, str]) -> None:
    """Keep what differs from the commit beside the record, without the secrets of this environment and of the run."""
    if code.dirty and (text := git.diff(repository.root, code.dirty)):
        write_whole(folder / DIFF, masked(text, find_secrets(os.environ) | secret_forms(values))[:_LONGEST_DIFF])


def refresh_index(repository: Repository) -> Path:
    """Make the page of all runs again; its path."""
    ledger = Ledger(repository.folder("runs"))  # what is known here
    path = ledger.folder / "index.html"
    write_whole(path, page.render_index(ledger.runs(limit=500), version=__version__))
    return path


def copy_out(ran: Ran, target: Path) -> None:
    """Copy the executed notebook to where somebody wants it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ran.folder / EXECUTED, target)


def _close(
    repository: Repository, request: RunRequest, ended: Executed, code: record.Code, environment: record.Environment
) -> Ran:
    ledger = ledger_of(repository)
    made = record.of(request, ended, code, environment)
    made = replace(made, digests=digests_of(repository, made))
    folder = ledger.folder_of(request.run_id)
    ledger.end(made)
    write_whole(folder / PAGE, page.render_run(made, ended.notebook, version=__version__))
    said = ended.preamble_output.strip()
    try:
        ledger.send(request.run_id)
    except PlaceFailed as error:  # what was run is not lost for that
        said = f"{said}\n{error}".strip()
    if not request.batch:
        refresh_index(repository)
    return Ran(made, folder, said)
