"""Asks the process that stays for a kernel or a server, and starts that process where there is none.

Whatever stands in the way, the answer is a reason, and the caller starts afresh what it wanted: a run never fails for
want of something warm.
"""

import contextlib
import json
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbpromote.effects.kernels.warm.circumstances import PROGRAM, NotWarm, base, folder, idle_seconds, start_environment
from nbpromote.effects.kernels.zygote.messages import receive

_START_SECONDS = 30.0
_BEGIN = "import sys; sys.path[0] = sys.argv.pop(1); from zygote.main import main; del sys.path[0]; main(*sys.argv[1:])"


@dataclass(frozen=True, slots=True)
class Start:
    """How the process is started: with this environment, to stay so long without use.

    `words` are further ones for its program, `options` the interpreter's.
    """

    environment: Mapping[str, str]
    idle: float
    words: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    def now(self, place: Path) -> "subprocess.Popen[bytes]":
        """Start it. Raises NotWarm."""
        program = [str(PROGRAM.parent), str(place), str(self.idle), *self.words]
        try:
            with (place / "log").open("ab") as log:
                return subprocess.Popen(
                    [sys.executable, *self.options, "-c", _BEGIN, *program],
                    cwd="/", env=dict(self.environment), start_new_session=True,
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                )  # fmt: skip
        except OSError as error:
            raise NotWarm(str(error)) from error


def for_kernels(environment: Mapping[str, str], packages: Sequence[str] = ()) -> Start:
    """How that is started which kernels with such an environment are forked of, the first one with these packages."""
    return Start(start_environment(environment), idle_seconds(environment), ("", "", ",".join(packages)))


def share(
    name: str,
    command: Sequence[str],
    *,
    user: str,
    cwd: str,
    env: Mapping[str, str],
    secret: str,
    most: int = 2,
    environment: Mapping[str, str] = os.environ,
) -> tuple[dict[str, Any], socket.socket]:
    """What a server that several share said as it was ready, and what to close when it is no longer needed.

    Its `secret` is in the answer, which is the one of who asked first. At most so many servers stay at once. `user` is
    what the server calls who asks, to whom it is told to release what he had there. It is held by the process that
    stays for this `environment`.

    Raises:
        NotWarm: it did not start.
    """
    given: dict[str, object] = {"name": name, "command": list(command), "cwd": cwd, "env": dict(env)}
    request = {"ask": "server", **given, "user": user, "secret": secret, "most": most}
    connection, answer = ask(folder(environment), request, (), start=for_kernels(environment), within=120.0)
    return answer, connection


def status(*, stop: bool = False) -> list[dict[str, Any]]:
    """What each process of this user that stays says of itself; with `stop`, before it ends."""
    found = []
    for one in sorted(base().glob("*/socket")):
        with contextlib.suppress(NotWarm):
            connection, answer = ask(one.parent, {"ask": "stop" if stop else "status"}, (), within=10.0)
            connection.close()
            found.append(answer)
    return found


def ask(
    place: Path,
    request: Mapping[str, object],
    fds: Sequence[int],
    *,
    start: Start | None = None,
    within: float = _START_SECONDS,
) -> tuple[socket.socket, dict[str, Any]]:
    """What it answers a request, and the connection, which holds what was asked for until it is closed.

    Args:
        place: the folder where it is found.
        fds: files to hand over.
        start: how to start it where there is none; it is not started without.

    Raises:
        NotWarm: it is not there, does not answer, or refuses.
    """
    body = json.dumps(request).encode()
    deadline = time.monotonic() + within
    for _ in range(2):  # once more when it was just about to end
        connection = _connected(place) if start is None else _connect(place, deadline, start)
        if connection is None:
            break
        try:
            connection.settimeout(max(0.1, deadline - time.monotonic()))
            socket.send_fds(connection, [struct.pack("!I", len(body))], fds)
            connection.sendall(body)
            answer, _none = receive(connection)
        except TimeoutError as error:
            connection.close()
            raise NotWarm("it does not answer") from error
        except (OSError, ValueError, struct.error):
            connection.close()
            continue
        if "refused" in answer:
            connection.close()
            raise NotWarm(str(answer["refused"]))
        return connection, answer
    raise NotWarm("it is not there")


def _connect(place: Path, deadline: float, start: Start) -> socket.socket | None:
    starter: subprocess.Popen[bytes] | None = None
    while time.monotonic() < deadline:
        if (connection := _connected(place)) is not None:
            return connection
        if starter is None:
            starter = start.now(place)
        elif starter.poll() not in (None, 0):
            raise NotWarm(f"it ended as it began, see {place / 'log'}")
        time.sleep(0.01)
    return None


def _connected(place: Path) -> socket.socket | None:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(str(place / "socket"))
    except OSError:
        connection.close()
        return None
    return connection
