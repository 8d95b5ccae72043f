"""Papermill's engine `nbpromote`: strict about what became of every cell, and quick to see a dead kernel.

Papermill 2.7 marks every cell completed when a kernel dies or a cell times out, writes the notebook twice a cell, and
leaves kernels to `~/.ipython` and to random ports. Import `papermill` before this module: it loads its engines as its
own import ends.
"""

import asyncio
import time
from pathlib import Path
from typing import Any

import nbformat
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

# Not `import papermill.engines`: Papermill loads this file by entry point in the midst of its own import.
from papermill import engines

from nbpromote.effects.files.whole_file import write_whole
from nbpromote.effects.kernels.session import KernelSession
from nbpromote.running.executed import INJECTED, Status

_SAVE_EVERY_SECONDS = 5.0


class Manager(engines.NotebookExecutionManager):  # type: ignore[misc]  # papermill has no types
    """Papermill's bookkeeping of one run, which believes only what it saw."""

    session: KernelSession
    is_due = False

    def autosave_cell(self) -> None:
        """What Papermill saves while a cell runs is as often as its caller asks for."""
        self.is_due = True
        super().autosave_cell()
        self.is_due = False

    def save(self, **kwargs: Any) -> None:
        """Write the notebook in one step; cells that follow each other quickly share a write."""
        now = time.monotonic()
        last = getattr(self, "last_write", float("-inf"))
        if self.output_path and (self.end_time is not None or self.is_due or now - last >= _SAVE_EVERY_SECONDS):
            self.last_write = now
            for cell in self.nb.cells:
                if cell.metadata.get("papermill", {}).get("status") == self.RUNNING:
                    self.session.mask(cell)
            if self.session.output_path is None:  # Papermill's caller said where, which may be a store
                super().save(**kwargs)
            else:
                write(self.nb, Path(self.output_path))
        self.last_save_time = self.now()

    def notebook_complete(self, **kwargs: Any) -> None:
        """End the run; what was not reached stays pending."""
        pending = [cell for cell in self.nb.cells if cell.metadata.papermill["status"] == self.PENDING]
        status = self.session.status
        if status is not Status.DONE:
            for cell in pending:  # hidden from Papermill, which would call them completed
                cell.metadata.papermill["status"] = "not reached"
        super().notebook_complete(**kwargs)
        for cell in pending if status is not Status.DONE else ():
            cell.metadata.papermill["status"] = self.PENDING


class NbpromoteEngine(engines.Engine):  # type: ignore[misc]
    """Runs a notebook on one fresh kernel that is gone afterwards, however the run ends."""

    @classmethod
    def execute_notebook(  # noqa: PLR0917  Papermill's signature
        cls,
        nb: Any,
        kernel_name: str,
        output_path: str | None = None,
        progress_bar: bool | dict[str, object] = True,
        log_output: bool = False,
        autosave_cell_every: int = 30,
        session: KernelSession | None = None,
        **kwargs: Any,
    ) -> Any:
        session = session or KernelSession(
            cwd=Path.cwd(),
            cell_timeout=kwargs.get("execution_timeout"),
            startup_timeout=kwargs.get("start_timeout", 120),
            keeps_exits=True,
        )
        _name_injected_cells(nb)
        saved_to = session.output_path or output_path
        manager = Manager(nb, saved_to, log_output, progress_bar, autosave_cell_every)
        manager.session = session
        session.notebook = nb
        manager.notebook_start()
        try:
            cls.execute_managed_notebook(manager, kernel_name, log_output=log_output, session=session, **kwargs)
        finally:
            manager.cleanup_pbar()
            manager.notebook_complete()
        return manager.nb

    @classmethod
    def execute_managed_notebook(cls, nb_man: Manager, kernel_name: str, **kwargs: Any) -> None:
        session: KernelSession = kwargs["session"]
        # By its name in papermill.engines, as Papermill's own engine makes it: whoever replaces it there, and
        # Papermill's tests do, is heard.
        client = engines.PapermillNotebookClient(
            nb_man,
            timeout=session.cell_timeout,
            timeout_func=session.allowed.left,
            startup_timeout=session.startup_timeout,
            iopub_timeout=60,  # nbclient's 4 s fail good cells on a machine that is busy
            kernel_name=kernel_name,
            log=session.logger or engines.logger,
            log_output=kwargs.get("log_output", False),
            stdout_file=kwargs.get("stdout_file"),
            stderr_file=kwargs.get("stderr_file"),
        )
        client.reset_execution_trackers()
        try:
            session.start(client, kernel_name)
            _execute_cells(client, nb_man, session)
            session.finish(client)
        except BaseException:
            session.kill()
            raise
        finally:
            _cancel_leftovers()
            session.close()


def _execute_cells(client: Any, manager: Manager, session: KernelSession) -> None:
    for index, cell in enumerate(manager.nb.cells):
        manager.cell_start(cell, index)
        session.cell_started(cell, index)
        try:
            client.execute_cell(cell, index)
        except CellExecutionError as error:
            session.cell_raised(cell, error)
            if session.status is not Status.EXITED:
                manager.cell_exception(cell, cell_index=index, exception=error)
        except (CellTimeoutError, DeadKernelError) as error:
            manager.cell_exception(cell, cell_index=index, exception=error)
            session.kernel_lost(cell, error)
        except BaseException:
            manager.cell_exception(cell, cell_index=index)
            session.interrupted(cell)
            raise
        finally:
            session.cell_ended(cell, index)
            manager.cell_complete(cell, cell_index=index)
        session.hand_over_secrets(cell)
        if session.is_over:
            return


def _name_injected_cells(nb: Any) -> None:
    """Give the cell that Papermill injected an id that is the same in every run."""
    taken = {cell.get("id") for cell in nb.cells}
    for cell in nb.cells:
        if INJECTED in cell.metadata.get("tags", []) and INJECTED not in taken:
            cell["id"] = INJECTED
            return


def _cancel_leftovers() -> None:
    """Cancel what an interrupt left waiting on the event loop, which would complain when the process ends."""
    loop = ensure_event_loop()
    if loop.is_running() or loop.is_closed():
        return
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))


def write(notebook: Any, path: Path) -> None:
    """Write a notebook to a file in one step."""
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    write_whole(path, text + "\n")
