"""Programs that run as long as the process that stays: in a fork of it, which has imported what they import."""

import contextlib
import gc
import io
import os
import runpy
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass
from typing import Any

from .becoming import ON_REQUEST, Forked, end, first_folders, in_the_way, load, take_over

_WAIT_SECONDS = 0.02


@dataclass
class ForkedProgram:
    """What `subprocess.Popen` is for who started a program, of one that was forked."""

    pid: int
    stdin: io.BufferedWriter
    stdout: io.BufferedReader
    returncode: "int | None" = None

    def poll(self) -> "int | None":
        """Its exit code, or None while it runs."""
        if self.returncode is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if ended else None
        return self.returncode

    def wait(self, timeout: "float | None" = None) -> int:
        """Its exit code, once it has ended. Raises subprocess.TimeoutExpired."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired("program", timeout or 0.0)
            time.sleep(_WAIT_SECONDS)
        return code


def begin(request: "dict[str, Any]", log: str) -> "subprocess.Popen[bytes] | ForkedProgram | Forked":
    """Start the request's command in its folder and environment; in a fork, what to become.

    It is forked where it is `python -m MODULE` of this Python, and nothing is in the way.
    """
    command = request["command"]
    with open(log, "wb") as errors:  # noqa: PTH123
        if command[:2] != [sys.executable, "-m"] or in_the_way(request) is not None:
            return subprocess.Popen(
                command, cwd=request["cwd"], env=request["env"], start_new_session=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
            )  # fmt: skip
        load(ON_REQUEST["pyspark"])
        heard, told = os.pipe()
        read, said = os.pipe()
        gc.freeze()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            os.close(told)
            os.close(read)
            return Forked(request, [heard, said, os.dup(errors.fileno())], parent)
        os.close(heard)
        os.close(said)
        return ForkedProgram(pid, os.fdopen(told, "wb"), os.fdopen(read, "rb"))


def become(forked: Forked) -> None:
    """Run the module as `python -m` would; does not come back."""
    request = forked.request
    known = frozenset(sys.modules)
    take_over(request, forked.fds)
    sys.path[:0] = first_folders(request)
    sys.argv = list(request["command"][2:])
    code: object = 0
    try:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    except SystemExit as error:
        code = error.code
    except BaseException:
        traceback.print_exc()
        code = 1
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    end(known, code if isinstance(code, int) else int(code is not None))
