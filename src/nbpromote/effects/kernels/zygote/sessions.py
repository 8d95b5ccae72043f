"""Processes that are ended together."""

import contextlib
import os
import signal


def kill_session(leader: int) -> None:
    """Kill the leader of a session (setsid(2)) and all its members."""
    with contextlib.suppress(OSError):
        os.kill(leader, signal.SIGKILL)
    for name in os.listdir("/proc"):  # noqa: PTH208
        with contextlib.suppress(OSError):
            if name.isdigit() and os.getsid(int(name)) == leader:
                os.kill(int(name), signal.SIGKILL)
