"""Running a notebook on a kernel of its own, by Papermill."""

import contextlib
import copy
import logging
import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import nbformat

from nbpromote.effects.kernels import bare_papermill as papermill
from nbpromote.effects.kernels.engine import NbpromoteEngine, write
from nbpromote.effects.kernels.hidden import spark_settings
from nbpromote.effects.kernels.session import HiddenCodeFailed, KernelSession
from nbpromote.effects.kernels.shown import number
from nbpromote.effects.kernels.starting import KernelNotStarted
from nbpromote.effects.kernels.stopping import Stop
from nbpromote.notebook import Notebook
from nbpromote.notebook.formats import ipynb
from nbpromote.running.executed import CellRun, CellStatus, Executed, Failure, Progress, Status
from nbpromote.running.kinds import Expression
from nbpromote.running.r_parameters import text

__all__ = ["CellRun", "CellStatus", "Executed", "Failure", "Interrupted", "Progress", "Status", "execute", "node_of"]

ENGINE = "nbpromote"
papermill.engines.papermill_engines.register(
    ENGINE, NbpromoteEngine
)  # also where the package is not installed, only on the path


class _R(papermill.translators.RTranslator):  # type: ignore[misc]
    """Papermill's R, in which code may stand for a value."""

    @classmethod
    def translate_str(cls, val: str) -> str:
        return str(val) if isinstance(val, Expression) else text(val)


class _Python(papermill.translators.PythonTranslator):  # type: ignore[misc]
    """Papermill's Python, in which code may stand for a value."""

    @classmethod
    def translate_str(cls, val: str) -> str:
        return str(val) if isinstance(val, Expression) else str(super().translate_str(val))


for _name in ("r", "R", "ir"):
    papermill.translators.papermill_translators.register(_name, _R)
papermill.translators.papermill_translators.register("python", _Python)

# Its inspector reads a cell by patterns; what a notebook declares is checked before, and better.
for _name in ("papermill", "papermill.translators"):
    logging.getLogger(_name).addFilter(
        lambda told: not str(told.msg).startswith(("Passed unknown", "Unable to parse line", "Translator for"))
    )
_SILENT = logging.getLogger("nbpromote.kernels")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False


class Interrupted(KeyboardInterrupt):
    """Ctrl-C came during a run. The kernel is gone; `executed` is how far it came."""

    def __init__(self, executed: Executed) -> None:
        self.executed = executed
        super().__init__("interrupted")


def node_of(notebook: Notebook) -> Any:
    """The notebook as nbformat's node, for Papermill."""
    return nbformat.from_dict(ipynb.to_document(notebook))  # type: ignore[no-untyped-call]


def execute(
    notebook: Any,
    *,
    cwd: Path,
    root: Path,
    parameters: Mapping[str, object] | None = None,
    timeout: float | None = None,
    cell_timeout: float | None = None,
    memory: int | None = None,
    has_network: bool = True,
    is_prepared: bool = False,
    python: str | None = None,
    cores: tuple[int, ...] = (),
    secrets: Mapping[str, str] | None = None,
    stop: Stop | None = None,
    loss: Stop | None = None,
    preamble: str | None = None,
    epilogue: str | None = None,
    allow_errors_in: Collection[str] = (),
    on_cell: Callable[[Progress], None] | None = None,
    environment: Mapping[str, str] | None = None,
    output_path: Path | None = None,
    source: str = "",
) -> Executed:
    """Run a notebook on a fresh kernel; the kernel is gone when this returns or raises.

    A production notebook runs in the repository's root, an ad-hoc one in its own folder: `cwd` says which. The kernel
    imports from `root` first. It reads no IPython start-up files and keeps no history.

    Args:
        notebook: nbformat's node; it is not changed.
        parameters: values for Papermill to inject after the cell tagged `parameters`; None injects nothing.
        timeout: seconds for all cells; `cell_timeout`: seconds for one cell.
        memory: bytes that the kernel and its children may hold together.
        has_network: whether they reach more than the loopback.
        is_prepared: whether the kernel may be forked of a process that stays, with the heavy imports done.
        python: an interpreter of another environment that is the kernel's, in place of this one.
        cores: the cores that they are kept to; all when none is given.
        secrets: texts by the name of the parameter whose place they take after the injected cell, in memory alone.
        stop: lets another thread end the run, which then is as one that Ctrl-C came in.
        loss: lets another thread end the run as one that has failed, for the reason that it gives.
        preamble: code that runs first in the kernel, and is not in the notebook; `epilogue`: the same, last, when the
            kernel is alive. What they print is in the result.
        allow_errors_in: ids of cells that may raise; the run goes on after them.
        on_cell: called as each cell begins and ends.
        environment: variables for the kernel, beside those of this process.
        output_path: where to save the executed notebook, while it runs and at the end, in whole writes.
        source: where the notebook is from, for its metadata.

    Raises:
        KernelNotStarted, HiddenCodeFailed: the notebook could not be begun, or the epilogue failed.
        Interrupted: Ctrl-C (a KeyboardInterrupt that holds what there is).
    """
    session = KernelSession(
        cwd=cwd,
        environment={**(environment or {}), "PYTHONPATH": _python_path(root, environment or {})},
        preamble=preamble,
        epilogue=epilogue,
        allow_errors_in=frozenset(allow_errors_in),
        on_cell=on_cell,
        timeout=timeout,
        cell_timeout=cell_timeout,
        memory=memory,
        has_network=has_network,
        is_prepared=is_prepared,
        python=python,
        cores=cores,
        secrets=secrets or {},
        output_path=output_path,
        logger=_SILENT,
    )
    node = copy.deepcopy(notebook)
    node.nbformat, node.nbformat_minor = 4, max(5, node.nbformat_minor)  # from 4.5 on cells keep their ids
    language = _language(node)
    interrupt: KeyboardInterrupt | None = None
    try:
        # Status is the session's; Papermill's exception says less, and also comes for cells that may raise.
        with (
            contextlib.suppress(papermill.exceptions.PapermillExecutionError),
            (stop or Stop()).reaching(session),
            (loss or Stop()).reaching(session),
        ):
            papermill.execute.execute_notebook(
                node,
                None,
                parameters=dict(parameters) if parameters is not None else None,
                engine_name=ENGINE,
                kernel_name="python3" if language == "python" else None,
                language=language,
                progress_bar=False,
                session=session,
            )
    except KeyboardInterrupt as error:
        interrupt = error
        session.status = Status.INTERRUPTED
    except (KernelNotStarted, HiddenCodeFailed) as error:
        if not session.is_stopped:
            if isinstance(error, KernelNotStarted) and session.loss:
                raise KernelNotStarted(session.loss) from error
            raise
    if session.is_stopped and session.status is not Status.DONE:
        interrupt, session.status = interrupt or KeyboardInterrupt(), Status.INTERRUPTED
    executed = _result(session, source)
    if output_path is not None and session.notebook is not None:
        write(executed.notebook, output_path)
    if interrupt is not None:
        raise Interrupted(executed) from interrupt
    return executed


def _result(session: KernelSession, source: str) -> Executed:
    notebook = session.notebook
    if notebook is not None:
        notebook = papermill.execute.remove_error_markers(notebook)
        # Papermill copies the whole notebook into its own metadata when it is given one as a value.
        notebook.metadata.get("papermill", {}).pop("input_path", None)
        if source:
            notebook.metadata.setdefault("papermill", {})["input_path"] = source
    reached = {cell.cell_id for cell in session.cells}
    numbers = range(len(notebook.cells)) if notebook is not None else ()
    missed = tuple(
        CellRun(cell.get("id", ""), number(session.notebook, index), CellStatus.NOT_REACHED)
        for index in numbers
        if (cell := notebook.cells[index]).cell_type == "code" and cell.source.strip() and cell.get("id") not in reached
    )
    return Executed(
        notebook=notebook,
        status=session.status,
        started=session.started,
        seconds=session.seconds,
        failure=session.failure,
        cells=(*session.cells, *missed),
        peak_memory=session.peak_memory,
        preamble_output=session.preamble_output,
        epilogue_output=session.epilogue_output,
        spark=spark_settings(session.end_output),
    )


def _language(notebook: Any) -> str:
    kernel = notebook.metadata.get("kernelspec", {}).get("language")
    return str(kernel or notebook.metadata.get("language_info", {}).get("name") or "python").lower()


def _python_path(root: Path, environment: Mapping[str, str]) -> str:
    given = environment.get("PYTHONPATH", os.environ.get("PYTHONPATH", ""))
    return os.pathsep.join(filter(None, (str(root.resolve()), given)))
