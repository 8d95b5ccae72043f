"""A kernel that was forked of the process that stays, as jupyter_client takes a `subprocess.Popen`."""

import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nbpromote.effects.kernels.process import members
from nbpromote.effects.kernels.warm.circumstances import folder
from nbpromote.effects.kernels.warm.client import ask, for_kernels


@dataclass
class ForkedKernel:
    """A kernel that was forked, as jupyter_client takes a `subprocess.Popen`."""

    pid: int
    connection: socket.socket
    returncode: int | None = None
    stdin: None = None
    stdout: None = None
    stderr: None = None
    _heard: bytearray = field(default_factory=bytearray)

    def poll(self) -> int | None:
        """Its exit code, or None while it runs."""
        return self.returncode if self.returncode is not None else self._listen(0.0)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has ended. Raises TimeoutExpired."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            left = 60.0 if deadline is None else deadline - time.monotonic()
            if left <= 0:
                raise subprocess.TimeoutExpired("ipykernel_launcher", timeout or 0.0)
            self._listen(min(left, 60.0))
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def _listen(self, seconds: float) -> int | None:
        try:
            self.connection.settimeout(seconds)
            more = self.connection.recv(4096)
        except (BlockingIOError, TimeoutError):
            return None
        except OSError:
            if self.returncode is not None:  # another thread, which ends it, has heard how it ended
                return self.returncode
            more = b""
        self._heard += more
        if more and len(self._heard) < 4 + struct.unpack("!I", bytes(self._heard[:4]).ljust(4, b"\xff"))[0]:
            return None
        if more:
            self.returncode = json.loads(self._heard[4:])["exit"]
        else:  # who would tell us is dead; its kernels end with it
            for process in members(self.pid):
                with contextlib.suppress(Exception):
                    process.kill()
            self.returncode = -signal.SIGKILL
        self.connection.close()
        return self.returncode


def fork(
    argv: Sequence[str],
    *,
    cwd: str,
    env: Mapping[str, str],
    out: int,
    err: int,
    cores: Sequence[int] = (),
    imports: Sequence[str] = (),
) -> ForkedKernel:
    """A kernel that runs `python -m MODULE ...` (argv without the interpreter and its option).

    Raises:
        NotWarm: start it as ever.
    """
    given = {"argv": argv, "cwd": cwd, "env": dict(env), "cores": list(cores), "imports": list(imports)}
    connection, answer = ask(folder(env), {"ask": "kernel", **given}, (out, err), start=for_kernels(env))
    return ForkedKernel(answer["pid"], connection)
