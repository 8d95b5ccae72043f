"""How a kernel is started: on a connection of its own, with this interpreter."""

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from nbpromote.effects.kernels import offline
from nbpromote.effects.kernels.channels import Channels
from nbpromote.effects.kernels.warm.circumstances import NotWarm
from nbpromote.effects.kernels.warm.forked import fork
from nbpromote.effects.kernels.zygote.becoming import ON_REQUEST
from nbpromote.errors import NbpromoteError
from nbpromote.running.spark_modes import uses_spark

EXIT_SECONDS = 10.0
_SOCKET_PATH_LIMIT = 90  # of the 107 bytes that a Unix socket's path may have (unix(7)), room for the name

_IMPORT = re.compile(r"^[ \t]*(?:import|from)[ \t]+(\w+)", re.MULTILINE)


class KernelNotStarted(NbpromoteError):
    """There is no kernel to run the notebook on."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the kernel did not start: {reason}")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A kernel that may be forked of a process that stays: the cores it keeps to, and packages to import before."""

    cores: Sequence[int] = ()
    imports: Sequence[str] = ()


class PreparedManager(AsyncKernelManager):
    """Takes a kernel that is forked of a prepared process, and starts one where there is none."""

    def __init__(self, prepared: "Prepared", **kw: Any) -> None:
        super().__init__(**kw)
        self.prepared = prepared

    async def _async_launch_kernel(self, kernel_cmd: list[str], **kw: Any) -> None:
        out, err = kw["stdout"].fileno(), kw["stderr"].fileno()
        try:
            cores, imports = self.prepared.cores, self.prepared.imports
            argv, cwd, env = kernel_cmd[2:], kw["cwd"], kw["env"]
            kernel = fork(argv, cwd=cwd, env=env, out=out, err=err, cores=cores, imports=imports)
        except NotWarm:
            await super()._async_launch_kernel(kernel_cmd, **kw)
            return
        # jupyter_client's provisioner drives what is like a Popen; the kernel leads a session, and so a group.
        local: Any = self.provisioner
        local.process, local.pid, local.pgid = kernel, kernel.pid, kernel.pid
        self._reconcile_connection_info(local.connection_info)


def new_manager(
    kernel_name: str, folder: Path, *, has_network: bool, prepared: Prepared | None = None, python: str | None = None
) -> AsyncKernelManager:
    """A manager whose kernel talks through sockets in a private folder, not through ports that others can take.

    With `prepared` the kernel is forked of a process that stays, where that can be. `python` is an interpreter of
    another environment.
    """
    sockets = folder / "socket"
    is_short = len(os.fsencode(sockets)) <= _SOCKET_PATH_LIMIT
    where = {"transport": "ipc", "ip": str(sockets)} if is_short else {}
    if not has_network and (not is_short or kernel_name != "python3"):
        reason = f"a folder with a shorter name than {folder}, by TMPDIR" if not is_short else "a Python notebook"
        raise KernelNotStarted(f"without a network it takes {reason}")
    where = {"kernel_name": kernel_name, "connection_file": str(folder / "kernel.json"), **where}
    is_forked = has_network and is_short and kernel_name == "python3" and python is None
    manager = PreparedManager(prepared, **where) if prepared and is_forked else AsyncKernelManager(**where)
    manager.client_factory = Channels
    manager.shutdown_wait_time = EXIT_SECONDS
    if kernel_name == "python3":
        # This interpreter, whatever a kernel specification in somebody's home says of "python3".
        argv = [python or sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        if not has_network:
            argv = [sys.executable, "-S", offline.__file__, *argv]
        manager._kernel_spec = KernelSpec(argv=argv, display_name="Python 3", language="python")
    return manager


def prepared_imports(sources: Sequence[str]) -> tuple[str, ...]:
    """Which packages that a prepared process imports on request these cells import, themselves or by commonlib."""
    found = {match[1] for source in sources for match in _IMPORT.finditer(source)}
    if "commonlib" in found and uses_spark(sources):
        found.add("pyspark")
    return tuple(sorted(found & ON_REQUEST.keys()))
