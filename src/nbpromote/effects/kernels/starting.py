"""How a kernel is started: on a connection of its own, with this interpreter."""

import os
import sys
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from nbpromote.effects.kernels import offline
from nbpromote.errors import NbpromoteError

EXIT_SECONDS = 10.0
_SOCKET_PATH_LIMIT = 90  # of the 107 bytes that a Unix socket's path may have (unix(7)), room for the name


class KernelNotStarted(NbpromoteError):
    """There is no kernel to run the notebook on."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the kernel did not start: {reason}")


def new_manager(kernel_name: str, folder: Path, *, has_network: bool) -> AsyncKernelManager:
    """A manager whose kernel talks through sockets in a private folder, not through ports that others can take."""
    sockets = folder / "socket"
    is_short = len(os.fsencode(sockets)) <= _SOCKET_PATH_LIMIT
    where = {"transport": "ipc", "ip": str(sockets)} if is_short else {}
    if not has_network and (not is_short or kernel_name != "python3"):
        reason = f"a folder with a shorter name than {folder}, by TMPDIR" if not is_short else "a Python notebook"
        raise KernelNotStarted(f"without a network it takes {reason}")
    manager = AsyncKernelManager(kernel_name=kernel_name, connection_file=str(folder / "kernel.json"), **where)
    manager.shutdown_wait_time = EXIT_SECONDS
    if kernel_name == "python3":
        # This interpreter, whatever a kernel specification in somebody's home says of "python3".
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        if not has_network:
            argv = [sys.executable, "-S", offline.__file__, *argv]
        manager._kernel_spec = KernelSpec(argv=argv, display_name="Python 3", language="python")
    return manager
