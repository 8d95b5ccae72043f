"""A kernel that was started for one run: its process, its private folder, and how it ends."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from nbclient.exceptions import DeadKernelError

from nbpromote.effects.files.signals import held
from nbpromote.effects.files.temporary import Folder
from nbpromote.effects.kernels.process import (
    MemoryWatch,
    describe_end,
    end_all,
    members,
    out_of_memory_kills,
)
from nbpromote.effects.kernels.starting import EXIT_SECONDS, KernelNotStarted, Prepared, new_manager
from nbpromote.notebook.languages import named
from nbpromote.publish.sizes import bytes_text


class Kernel:
    """One kernel, with a folder of its own that goes with it.

    Args:
        name: of the kernel specification.
        memory: bytes that it and its children may hold together.
        python: another interpreter than this one.
        prepared: how to fork it of a process that stays, where that can be.
    """

    def __init__(
        self,
        name: str,
        *,
        memory: int | None,
        has_network: bool,
        prepared: Prepared | None,
        environment: Mapping[str, str],
        python: str | None,
    ) -> None:
        self._memory, self._environment = memory, environment
        self._held = Folder()
        self.folder = self._held.path
        self._oom_kills = out_of_memory_kills()
        try:
            self.manager = new_manager(name, self.folder, has_network=has_network, prepared=prepared, python=python)
        except BaseException:
            self._held.remove()
            raise
        self.watch: MemoryWatch | None = None

    def start(self, client: Any, cwd: Path) -> None:
        """Start the process in this folder. Raises KernelNotStarted."""
        client.km = self.manager
        with (self.folder / "kernel.log").open("wb") as log:
            try:
                with held():  # so that an interrupt finds either no process or one that it can end
                    client.start_new_kernel(cwd=str(cwd), env=self._whole(), stdout=log, stderr=log, stdin=None)
            except OSError as error:
                raise KernelNotStarted(f"{error.strerror}: {error.filename or cwd}") from error
            except NoSuchKernel as error:
                known = ", ".join(sorted(KernelSpecManager().find_kernel_specs())) or "none"
                reason = f"no kernel is called {error.name} (there are: {known}); install it or name another"
                raise KernelNotStarted(reason) from error
        if self.process is not None:  # None where somebody's own client starts kernels elsewhere
            self.watch = MemoryWatch(self.process.pid, limit=self._memory)
            self.watch.__enter__()

    def connect(self, client: Any) -> None:
        """Wait until it answers. Raises KernelNotStarted."""
        try:
            client.start_new_kernel_client()
        except (RuntimeError, DeadKernelError) as error:
            raise KernelNotStarted(f"{error}\n{self._log_tail()}".strip()) from error

    @property
    def is_python(self) -> bool:
        spec = self.manager.kernel_spec
        return spec is None or named(spec.language) == "python"

    @property
    def process(self) -> Any:
        """Its `subprocess.Popen`, whose pid is also that of its session; None when none was started."""
        return getattr(getattr(self.manager, "provisioner", None), "process", None)

    @property
    def is_over_memory(self) -> bool:
        return self._memory is not None and self.watch is not None and self.watch.is_exceeded

    def take_peak(self) -> int | None:
        """The most bytes that it held since this was last asked."""
        return self.watch.take_peak() if self.watch is not None else None

    def end(self, channels: Any) -> None:
        """Let it end by itself, and what it registered for its exit run.

        jupyter_client's manager would interrupt it first, and ask through a second socket of the same identity.
        """
        if self.process is None:
            return
        channels.session.send(channels.control_channel.socket, "shutdown_request", {"restart": False})
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(EXIT_SECONDS)
        end_all(members(self.process.pid), within_seconds=4)

    def kill(self) -> None:
        """End it and its children now."""
        process = self.process
        if process is None:
            return
        with held():
            process.kill()
            process.wait()
            end_all(members(process.pid), within_seconds=3)

    def close(self, client: Any) -> int | None:
        """Let go of channels and files; the most bytes that it ever held."""
        peak = None
        with held():
            if self.watch is not None:
                peak = self.watch.peak
                self.watch.__exit__(None, None, None)
            if client.kc is not None:
                client._cleanup_kernel()
            self._held.remove()
        return peak

    def describe_death(self) -> str:
        """What became of it, in words."""
        if self.is_over_memory:
            return f"the run used more than the {bytes_text(self._memory or 0)} that it was given"
        code = None if self.process is None else self.process.poll()
        text = describe_end(code, is_out_of_memory=out_of_memory_kills() > self._oom_kills)
        last = self._log_tail()
        return f"{text}\n{last}" if last and code not in (None, -9) else text

    def _whole(self) -> dict[str, str]:
        given = {**os.environ, **self._environment}
        # A developer's start-up files and history are no part of a production run.
        given["IPYTHONDIR"] = str(self.folder / "ipython")
        given["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
        if not self.is_python:  # R reaches the lake through it
            given.setdefault("RETICULATE_PYTHON", sys.executable)
        return given

    def _log_tail(self) -> str:
        try:
            lines = (self.folder / "kernel.log").read_text(errors="replace").strip().splitlines()
        except OSError:
            return ""
        return "\n".join(lines[-8:])
