"""One kernel for one run: started clean, watched, and gone afterwards."""

import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat.v4
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from nbpromote.effects.kernels import hidden
from nbpromote.effects.kernels.allowed import Allowed
from nbpromote.effects.kernels.kernel import Kernel
from nbpromote.effects.kernels.masking import mask_outputs, masked
from nbpromote.effects.kernels.process import keep_to
from nbpromote.effects.kernels.shown import is_exit, is_run, number, rows_written
from nbpromote.effects.kernels.starting import KernelNotStarted, Prepared, prepared_imports
from nbpromote.errors import NbpromoteError
from nbpromote.proof.observer import secrets
from nbpromote.running.executed import INJECTED, CellRun, CellStatus, Failure, Progress, Status

_v4: Any = nbformat.v4  # has no types
LOST = "SparkLost"


class HiddenCodeFailed(NbpromoteError):
    """Code that the tool itself runs in the kernel raised."""

    def __init__(self, which: str, reason: str, status: Status = Status.FAILED) -> None:
        self.which, self.reason, self.status = which, reason, status
        super().__init__(f"the run's {which} failed in the kernel: {reason}")


@dataclass
class KernelSession:
    """What a run asks for, and, as it goes on, what became of it. The engine drives it; it holds the kernel."""

    cwd: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    preamble: str | None = None
    epilogue: str | None = None
    allow_errors_in: frozenset[str] = frozenset()
    on_cell: Callable[[Progress], None] | None = None
    timeout: float | None = None
    cell_timeout: float | None = None
    startup_timeout: float = 120.0
    memory: int | None = None
    has_network: bool = True
    is_prepared: bool = False
    python: str | None = None
    cores: tuple[int, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    output_path: Path | None = None
    logger: logging.Logger | None = None
    keeps_exits: bool = False  # the `SystemExit` of a cell that ended the run on purpose stays in its outputs

    notebook: Any = None
    status: Status = Status.INTERRUPTED
    failure: Failure | None = None
    is_over: bool = False
    cells: list[CellRun] = field(default_factory=list)
    peak_memory: int | None = None
    preamble_output: str = ""
    epilogue_output: str = ""
    end_output: str = ""
    is_stopped: bool = False
    loss: str = ""  # what ended that the run cannot go on without
    seconds: float = 0.0
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self._begun = time.monotonic()
        self._kernel: Kernel | None = None
        self.allowed = Allowed(self.startup_timeout, self.timeout, self.cell_timeout)
        self._rows = 0
        self._masks = secrets.longest_first(
            secrets.find({**os.environ, **self.environment}) | secrets.forms(self.secrets)
        )

    def start(self, client: Any, kernel_name: str) -> None:
        """Start the kernel in its folder, with its own IPython settings, and run the preamble."""
        self._client = client
        prepared = None
        if self.is_prepared:
            prepared = Prepared(self.cores, prepared_imports([cell.source for cell in self.notebook.cells]))
        self._kernel = kernel = Kernel(
            kernel_name,
            memory=self.memory,
            has_network=self.has_network,
            prepared=prepared,
            environment=self.environment,
            python=self.python,
        )
        kernel.start(client, self.cwd)
        if self.is_stopped:
            raise KernelNotStarted("it was stopped")
        if self.loss:
            raise KernelNotStarted(self.loss)
        if self.cores and kernel.process is not None:
            keep_to(kernel.process.pid, self.cores)
        kernel.connect(client)
        # What the tool prepares is Python's; a kernel of another language runs as it is.
        self._is_python = kernel.is_python
        if self._is_python:
            self.preamble_output = self._run_hidden("preparation", hidden.PREPARE)
        elif str(self.notebook.metadata.get("kernelspec", {}).get("language")).lower() == "r":
            self._run_hidden("preparation", hidden.PREPARE_R)
        kernel.take_peak()
        if self.preamble:
            self.preamble_output += self._run_hidden("preamble", self.preamble)
        self._total = sum(1 for cell in self.notebook.cells if is_run(cell))
        self.status = Status.DONE
        self.allowed.begin()

    def stop(self, reason: str = "") -> None:
        """End the run now, from any thread; with a reason it has failed for it."""
        if reason:
            self.loss = reason
        else:
            self.is_stopped = True
        if self._kernel is not None and (process := self._kernel.process) is not None:
            process.kill()

    def hand_over_secrets(self, cell: Any) -> None:
        """After the injected cell, which holds references, put the secrets themselves in their places.

        They go through the kernel's private socket, in no cell and into no file.
        """
        if self.secrets and INJECTED in cell.metadata.get("tags", []) and not self.is_over:
            code = hidden.hand_over(self.secrets, is_python=self._is_python)
            self._run_hidden("secrets", code, is_first=False)

    def cell_started(self, cell: Any, index: int) -> None:
        self._cell_begun = time.monotonic()
        self._cell_status = CellStatus.COMPLETED
        self._report(cell, index)

    def cell_raised(self, cell: Any, error: CellExecutionError) -> None:
        """A cell raised: by intent, with leave, or the run has failed."""
        if is_exit(cell, error):
            self.status, self.is_over = Status.EXITED, True
            if self.keeps_exits:
                return
            cell["outputs"] = [output for output in cell.outputs if output.output_type != "error"]
            return
        self._cell_status = CellStatus.FAILED
        if cell.get("id") in self.allow_errors_in:
            return
        name, message, traceback = error.ename or "", error.evalue or "", error.traceback or ""
        # Raised while the value was shown: IPython's reply has lost which error it was.
        if name in {"", "NoneType"} and self._failed_by_what_it_shows(cell):
            return
        self._fail(Status.FAILED, cell, name or "Error", message, traceback)

    def _failed_by_what_it_shows(self, cell: Any) -> bool:
        """Whether the cell shows an error, which is then the run's, as with Papermill.

        IPython replies that all is well when a figure cannot be drawn (matplotlib-inline 0.2, `flush_figures`).
        """
        shown = next((one for one in cell.get("outputs", ()) if one.output_type == "error"), None)
        if shown is None:
            return False
        self._cell_status = CellStatus.FAILED
        self._fail(Status.FAILED, cell, shown.ename, shown.evalue, "\n".join(shown.traceback))
        return True

    def kernel_lost(self, cell: Any, error: CellTimeoutError | DeadKernelError) -> None:
        """The kernel died under a cell, or took too long for it."""
        if self.is_stopped:
            self.interrupted(cell)
            return
        self._cell_status = CellStatus.FAILED
        if isinstance(error, DeadKernelError):
            assert self._kernel is not None
            status, name, message = self._death(self._kernel.describe_death())
        else:
            status, name, message = Status.TIMED_OUT, "Timeout", self.allowed.overrun()
            if "IOPub" in str(error):
                message = "the kernel finished the cell, but its output did not come"
        self._fail(status, cell, name, message, "")
        shown = _v4.new_output("error", ename=name, evalue=message, traceback=[f"{name}: {message}"])
        cell.setdefault("outputs", []).append(shown)
        self.kill()

    def _death(self, described: str) -> tuple[Status, str, str]:
        """What a dead kernel makes of its run, under which name, and why."""
        if self.loss:
            return Status.FAILED, LOST, self.loss
        is_over = self._kernel is not None and self._kernel.is_over_memory
        return Status.DEAD, "MemoryLimit" if is_over else "DeadKernel", described

    def interrupted(self, cell: Any) -> None:
        self._cell_status = CellStatus.FAILED
        self._fail(Status.INTERRUPTED, cell, "Interrupted", "", "")

    def cell_ended(self, cell: Any, index: int) -> None:
        seconds = time.monotonic() - self._cell_begun
        self.mask(cell)
        if not is_run(cell):
            return
        may_raise = cell.get("id") in self.allow_errors_in or "raises-exception" in cell.metadata.get("tags", ())
        if not may_raise and not self.is_over:
            self._failed_by_what_it_shows(cell)
        self._rows += rows_written(cell)
        peak = self._kernel.take_peak() if self._kernel is not None else None
        run = CellRun(cell.get("id", ""), number(self.notebook, index), self._cell_status, seconds, peak)
        self.cells.append(run)
        self._report(cell, index, seconds)

    def mask(self, cell: Any) -> None:
        """Take secrets out of what the cell has shown."""
        mask_outputs(cell, self._masks)

    def finish(self, client: Any) -> None:
        """Run the epilogue and let the kernel go in peace, when it is alive."""
        if self.status in (Status.DEAD, Status.TIMED_OUT) or (self.failure is not None and self.failure.name == LOST):
            return
        self.allowed.end()
        if self.epilogue:
            self.epilogue_output = self._run_hidden("epilogue", self.epilogue)
        try:
            self.end_output = self._run_hidden("end", hidden.FINISH) if self._is_python else ""
        except HiddenCodeFailed as error:  # what all cells did stays known
            ran = [cell for cell in self.notebook.cells if is_run(cell)]
            if error.status is Status.FAILED or self.is_stopped or not ran:
                raise
            timed_out = (error.status, "Timeout", error.reason)
            status, name, message = self._death(error.reason) if error.status is Status.DEAD else timed_out
            self._fail(status, ran[-1], name, f"after this cell, the last one: {message}", "")
            self.kill()
            return
        reply = client.wait_for_reply(client.kc.kernel_info())
        if reply:
            client.nb.metadata["language_info"] = reply["content"]["language_info"]
        client.set_widgets_metadata()
        assert self._kernel is not None
        self._kernel.end(client.kc)
        client._cleanup_kernel()

    def kill(self) -> None:
        """End the kernel and its children now."""
        if self._kernel is not None:
            self._kernel.kill()

    def close(self) -> None:
        """Let go of the kernel."""
        self.seconds = time.monotonic() - self._begun
        if self._kernel is not None:
            self.peak_memory = self._kernel.close(self._client)

    def _run_hidden(self, which: str, code: str, *, is_first: bool = True) -> str:
        """Run code outside of the notebook; what it printed, on stderr too."""
        client, notebook = self._client, self._client.nb
        client.nb = _v4.new_notebook(cells=[_v4.new_code_cell(code)])
        (cell,) = client.nb.cells
        try:
            client.execute_cell(cell, 0, store_history=False)
        except CellExecutionError as error:
            raise HiddenCodeFailed(which, masked(f"{error.ename}: {error.evalue}", self._masks)) from error
        except DeadKernelError as error:
            assert self._kernel is not None
            raise HiddenCodeFailed(which, self.loss or self._kernel.describe_death(), Status.DEAD) from error
        except CellTimeoutError as error:
            raise HiddenCodeFailed(which, "it took too long", Status.TIMED_OUT) from error
        finally:
            client.nb = notebook
            if is_first:
                client.reset_execution_trackers()
        said = "".join(output.text for output in cell.outputs if output.output_type == "stream")
        return masked(said, self._masks)

    def _fail(self, status: Status, cell: Any, name: str, message: str, traceback: str) -> None:
        self.status, self.is_over = status, True
        place = number(self.notebook, self.notebook.cells.index(cell))
        message, traceback = (masked(text, self._masks) for text in (message, traceback))
        self.failure = Failure(cell.get("id", ""), place, name, message, traceback, cell.source)

    def _report(self, cell: Any, index: int, seconds: float | None = None) -> None:
        if self.on_cell is None or not is_run(cell):
            return
        position = len(self.cells) + (seconds is None)
        status = None if seconds is None else self._cell_status
        self.on_cell(
            Progress(
                cell.get("id", ""),
                number(self.notebook, index),
                position,
                self._total,
                cell.source,
                seconds,
                status,
                self._rows,
            )
        )
