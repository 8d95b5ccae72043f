"""The one thread: who asks for what, and who holds what."""

import contextlib
import gc
import os
import selectors
import signal
import socket
import struct
import time
from typing import Any, Protocol

from .becoming import Forked
from .messages import receive, tell
from .servers import Servers
from .sessions import kill_session

_REQUEST_SECONDS = 5.0


class Kind(Protocol):
    """What forks become."""

    @property
    def asked(self) -> str: ...
    def begin(self) -> None: ...
    def refusal(self, request: "dict[str, Any]") -> "str | None": ...
    def become(self, forked: Forked) -> None: ...


class Keeper:
    """What it holds for whom."""

    def __init__(self, folder: str, lock: int, listener: socket.socket, idle: float, kind: Kind) -> None:
        self.folder, self.lock, self.listener, self.idle, self.kind = folder, lock, listener, idle, kind
        self.forks: dict[int, socket.socket] = {}
        self.connections: set[socket.socket] = set()
        self.forked = 0
        self.is_ending = False
        self.selector = selectors.DefaultSelector()
        self.servers = Servers(folder, self.selector)
        self.selector.register(listener, selectors.EVENT_READ, self._accept)
        self.wakes, self.wake = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self.selector.register(self.wakes, selectors.EVENT_READ, self._reap)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for runs
        signal.signal(signal.SIGTERM, self._end)
        signal.set_wakeup_fd(self.wake)

    def serve(self) -> "Forked | None":
        """Answer until nobody has wanted anything for long. Comes back in each child too, with what it is to be."""
        last = time.monotonic()
        while not self.is_ending:
            if self.connections:
                last = time.monotonic()
            left = 60.0 if self.connections else min(60.0, last + self.idle - time.monotonic())
            events = self.selector.select(max(0.0, left))
            if not events and not self.connections and time.monotonic() >= last + self.idle:
                break
            for key, _ in events:
                if key.fd not in self.selector.get_map():  # one before it in this round has closed it
                    continue
                forked = key.data(key.fileobj)
                if forked is not None:
                    return forked  # type: ignore[no-any-return]
            if not self.connections and not holds(self.folder, self.lock):
                break  # somebody has cleared the folder: nobody finds this any more
        self.servers.end()
        for connection in list(self.connections):
            self._let_go(connection)
        return None

    def _end(self, *_: object) -> None:
        self.is_ending = True

    def _accept(self, listener: socket.socket) -> "Forked | None":
        try:
            connection = listener.accept()[0]
        except OSError:
            return None
        try:
            connection.settimeout(_REQUEST_SECONDS)
            request, fds = receive(connection)
        except (OSError, ValueError, struct.error):
            connection.close()
            return None
        try:
            return self._answer(connection, request, fds)
        except Exception as error:
            tell(connection, {"refused": f"{type(error).__name__}: {error}"})
            connection.close()
            return None
        finally:
            if not self.is_child:
                for fd in fds:
                    os.close(fd)

    is_child = False

    def _answer(self, connection: socket.socket, request: "dict[str, Any]", fds: "list[int]") -> "Forked | None":
        asked = request.get("ask")
        if asked == self.kind.asked:
            if (reason := self.kind.refusal(request)) is not None:
                tell(connection, {"refused": reason})
                connection.close()
                return None
            gc.freeze()  # so that collections in the child leave the pages shared
            parent = os.getpid()
            pid = os.fork()
            if pid == 0:
                self._forget(connection)
                return Forked(request, fds, parent)
            self.forked += 1
            self.forks[pid] = connection
            self._keep(connection)
            tell(connection, {"pid": pid})
        elif asked == "server":
            forked = self.servers.share(connection, request)
            if forked is not None:
                self._forget(connection)
                return forked
            self._keep(connection)
        else:
            if asked == "stop":  # when the last run has ended; who comes meanwhile finds nothing
                self.idle = 0.0
                self.selector.unregister(self.listener)
                os.unlink(os.path.join(self.folder, "socket"))  # noqa: PTH108, PTH118
            tell(connection, self._status())
            connection.close()
        return None

    def _status(self) -> "dict[str, object]":
        return {
            "pid": os.getpid(),
            "for": self.kind.asked,
            "in_use": len(self.forks),
            "forked": self.forked,
            "servers": self.servers.told(),
        }

    def _keep(self, connection: socket.socket) -> None:
        self.connections.add(connection)
        self.selector.register(connection, selectors.EVENT_READ, self._let_go)

    def _let_go(self, connection: socket.socket) -> None:
        """The other side has closed, or died: end its fork, and no longer count it a user of a server."""
        self.selector.unregister(connection)
        self.connections.discard(connection)
        connection.close()
        for pid, owner in list(self.forks.items()):
            if owner is connection:
                kill_session(pid)
        self.servers.let_go(connection)

    def _reap(self, wakes: int) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(wakes, 4096)
        for pid, connection in list(self.forks.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self.forks[pid]
                if connection in self.connections:
                    tell(connection, {"exit": os.waitstatus_to_exitcode(status)})
        self.servers.reap()

    def _forget(self, connection: socket.socket) -> None:
        """In the child: close what is the parent's, by the objects that hold it, lest they close later what is not."""
        self.is_child = True
        signal.set_wakeup_fd(-1)
        for name in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(name, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self.selector.close()
        self.listener.close()
        for one in (*self.connections, connection):
            one.close()
        self.servers.leave()
        for fd in (self.wakes, self.wake, self.lock):
            os.close(fd)


def holds(folder: str, lock: int) -> bool:
    """Whether this lock is still that of the folder."""
    try:
        return os.stat(os.path.join(folder, "lock")).st_ino == os.fstat(lock).st_ino  # noqa: PTH116, PTH118
    except OSError:
        return False
