"""Servers that several runs share, each started when the first asks for it."""

import contextlib
import glob
import hashlib
import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import tempfile
from dataclasses import dataclass, field
from typing import Any

from .becoming import Forked
from .messages import tell
from .programs import ForkedProgram, begin
from .sessions import kill_session

_END_SECONDS = 8.0  # Spark removes its folders
_OUT_OF_MEMORY = (3, 52)  # Java's own exit code for it (ExitOnOutOfMemoryError), and Spark's (SparkExitCode.OOM)
_SIGNALLED = 128  # a shell's exit code for who was killed by a signal is this and its number


@dataclass
class Server:
    """A program that says one line of JSON when it is ready, and ends when its standard input is closed.

    It is told of users who leave, and may say that it is worn: then nobody new comes, and it ends with its last user.
    """

    process: "subprocess.Popen[bytes] | ForkedProgram"
    work: str
    secret: str
    said: bytes = b""
    answer: "dict[str, object] | None" = None
    users: "dict[socket.socket, str]" = field(default_factory=dict)
    is_worn: bool = False


class Servers:
    """Those that run."""

    def __init__(self, folder: str, selector: selectors.BaseSelector) -> None:
        self.folder, self.selector = folder, selector
        self.running: dict[str, Server] = {}

    def share(self, connection: socket.socket, request: "dict[str, Any]") -> "Forked | None":
        """Count the connection a user of the server that the request names, and start that if there is none.

        Comes back in a fork that is to become it, too.
        """
        name = request["name"]
        server = self.running.get(name)
        if server is not None and (server.is_worn or not os.path.isdir(server.work)):  # noqa: PTH112  somebody cleared it
            server.is_worn = True
            self.running[f"{name}, worn ({server.process.pid})"] = self.running.pop(name)
            self._end_if_worn(server)
            server = None
        if server is None:
            for other, one in list(self.running.items()):
                if not one.users and len(self.running) >= request["most"]:
                    self._end(one)
                    self.running.pop(other, None)
            if len(self.running) >= request["most"]:
                raise RuntimeError(f"{len(self.running)} servers are in use")
            if not os.path.isdir(tempfile.gettempdir()):  # noqa: PTH112
                tempfile.tempdir = None  # that of a job, which is over
            # All that it keeps on the disk is here, and goes with it, however it ends.
            work = tempfile.mkdtemp(prefix=work_prefix(self.folder))
            asked = request["env"].get("JAVA_TOOL_OPTIONS", "")
            java = f"{asked} {_quoted(f'-Djava.io.tmpdir={work}')}".strip()
            own = {"TMPDIR": work, "SPARK_LOCAL_DIRS": work, "JAVA_TOOL_OPTIONS": java}
            given = {**request, "env": {**request["env"], **own}}
            process = begin(given, os.path.join(work, "log"))  # noqa: PTH118
            if isinstance(process, Forked):
                return process
            server = self.running[name] = Server(process, work, request["secret"])
            assert process.stdout is not None
            assert process.stdin is not None
            for pipe in (process.stdin, process.stdout):
                os.set_blocking(pipe.fileno(), False)
            self.selector.register(process.stdout, selectors.EVENT_READ, lambda _: self._hear(server))
        server.users[connection] = request["user"]
        if server.answer is not None:
            tell(connection, server.answer)
        return None

    def _hear(self, server: Server) -> None:
        assert server.process.stdout is not None
        heard = server.process.stdout.read(65536)
        if not heard:
            self._lost(server)
            return
        *lines, server.said = (server.said + heard).split(b"\n")
        for line in lines:
            said = json.loads(line) if line.startswith(b'{"') else {}
            if server.answer is None and said:
                server.answer = {**said, "secret": server.secret, "pid": server.process.pid}
                for user in server.users:
                    tell(user, server.answer)
            elif "worn" in said:
                server.is_worn = True
                self._end_if_worn(server)

    def _lost(self, server: Server) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.process.wait(1.0)  # before it is ended here, for how it ended by itself
        code, said = server.process.returncode, ""
        with contextlib.suppress(OSError), open(os.path.join(server.work, "log"), errors="replace") as file:  # noqa: PTH118, PTH123
            said = file.read()[-2000:].strip()
        self._end(server, within=0.0)
        self._forget(server)
        for user in list(server.users):
            if server.answer is None:
                tell(user, {"refused": f"the server did not start: {said}"})
            else:
                tell(user, {"lost": why(code, said)})

    def _end(self, server: Server, *, within: float = _END_SECONDS) -> None:
        process = server.process
        assert process.stdout is not None
        assert process.stdin is not None
        if not process.stdout.closed:
            with contextlib.suppress(KeyError, ValueError):
                self.selector.unregister(process.stdout)
            process.stdout.close()
            with contextlib.suppress(OSError):
                process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(within)
        kill_session(process.pid)
        process.wait()
        shutil.rmtree(server.work, ignore_errors=True)

    def told(self) -> "list[dict[str, object]]":
        """What runs, for who asks."""
        return [
            {"name": name, "pid": one.process.pid, "users": len(one.users), "is_ready": one.answer is not None}
            for name, one in self.running.items()
        ]

    def let_go(self, connection: socket.socket) -> None:
        """The connection is no user of a server any more; what it had there goes."""
        for server in list(self.running.values()):
            user = server.users.pop(connection, None)
            if user is not None and server.answer is not None:
                assert server.process.stdin is not None
                with contextlib.suppress(OSError, ValueError):  # it is about to end, or does not listen
                    os.write(server.process.stdin.fileno(), json.dumps({"release": user}).encode() + b"\n")
                self._end_if_worn(server)

    def _end_if_worn(self, server: Server) -> None:
        if server.is_worn and not server.users:
            self._end(server)
            self._forget(server)

    def _forget(self, server: Server) -> None:
        for name in [name for name, one in self.running.items() if one is server]:
            del self.running[name]

    def reap(self) -> None:
        """Notice which have ended."""
        for server in list(self.running.values()):
            if server.process.poll() is not None:
                self._lost(server)

    def end(self) -> None:
        """End them all."""
        for server in list(self.running.values()):
            self._end(server)

    def leave(self) -> None:
        """In a fork: close the pipes, which are the parent's."""
        for server in self.running.values():
            for pipe in (server.process.stdin, server.process.stdout):
                if pipe is not None:
                    pipe.close()
            server.process.returncode = 0  # not ours to wait for


def _quoted(option: str) -> str:
    """As Java reads a word of JAVA_TOOL_OPTIONS, whatever is in it."""
    return '"' + option.replace('"', '"\'"\'"') + '"'


def why(code: "int | None", said: str) -> str:
    """What became of a server that was not meant to end, by its exit code and the end of its log."""
    number = -code if code is not None and code < 0 else (code or 0) - _SIGNALLED
    if "OutOfMemoryError" in said or code in _OUT_OF_MEMORY:
        return "it was out of memory"
    if number == signal.SIGKILL:
        return "it was killed (SIGKILL; most often the system was out of memory)"
    if number in set(signal.Signals):
        return f"it was killed ({signal.Signals(number).name})"
    return "it stopped answering" if code is None else f"it ended itself (exit code {code})"


def work_prefix(folder: str) -> str:
    """How the folders begin that the servers of the process in this folder work in."""
    whole = hashlib.sha256(folder.encode()).hexdigest()[:12]  # not its last name alone: who sweeps must hold its lock
    return os.path.join(tempfile.gettempdir(), f"nbpromote-spark-{os.getuid()}-{whole}-")  # noqa: PTH118


def sweep(folder: str) -> None:
    """Remove what servers of a process left that was killed."""
    for work in glob.glob(f"{glob.escape(work_prefix(folder))}*"):  # noqa: PTH207
        shutil.rmtree(work, ignore_errors=True)
