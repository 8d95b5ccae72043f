"""How a kernel is spoken to: as by jupyter_client, which waits half a second more for each to be ready."""

import time
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient

_RETRY_MILLISECONDS = 10  # ZeroMQ waits 100 before it tries again to reach a socket that is not there yet
_SILENCE_SECONDS = 0.2


class Channels(AsyncKernelClient):
    """The channels to one kernel."""

    def start_channels(self, *args: Any, **kwargs: Any) -> None:
        """Open them, also before the kernel listens."""
        self.context.reconnect_ivl = _RETRY_MILLISECONDS  # of all its sockets
        super().start_channels(*args, **kwargs)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers, and is heard on both of its channels.

        jupyter_client 8.10 reads what the kernel publishes until nothing comes for 0.2 s; a kernel that says that it
        is idle, after it was asked, has published all.

        Raises:
            RuntimeError: it died, or does not answer in time.
        """
        deadline = time.monotonic() + (float("inf") if timeout is None else timeout)
        while True:
            asked = self.kernel_info()
            try:
                reply = await self.get_shell_msg(timeout=1)
            except Empty:
                pass
            else:
                if reply["msg_type"] == "kernel_info_reply" and await self._is_heard(asked):
                    self._handle_kernel_info_reply(reply)
                    return
            if not await self._async_is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > deadline:
                raise RuntimeError(f"Kernel didn't respond in {timeout:g} seconds")

    async def _is_heard(self, asked: str) -> bool:
        """Whether anything that it publishes comes; read until it is idle again."""
        is_heard = False
        try:
            while True:
                heard = await self.get_iopub_msg(timeout=_SILENCE_SECONDS)
                is_heard = True
                is_ours = heard["parent_header"].get("msg_id") == asked
                if is_ours and heard["content"].get("execution_state") == "idle":
                    return True
        except Empty:
            return is_heard
