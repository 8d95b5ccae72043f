"""What goes over the socket: a length in four bytes, JSON, and files beside it."""

import contextlib
import json
import os
import socket
import struct
from typing import Any

_MOST_BYTES = 16_000_000


def receive(connection: socket.socket) -> "tuple[dict[str, Any], list[int]]":
    """One message, and the files that came with it."""
    head, fds, _, _ = socket.recv_fds(connection, 4, 4)
    try:
        size = struct.unpack("!I", head)[0]
        if size > _MOST_BYTES:
            raise ValueError("too long")
        body = bytearray()
        while len(body) < size:
            more = connection.recv(min(65536, size - len(body)))
            if not more:
                raise ValueError("cut short")
            body += more
        return json.loads(body), fds
    except BaseException:
        for fd in fds:
            os.close(fd)
        raise


def tell(connection: socket.socket, message: "dict[str, object]") -> None:
    """Send a message, if anybody still listens."""
    body = json.dumps(message).encode()
    with contextlib.suppress(OSError):  # nobody listens any more
        connection.sendall(struct.pack("!I", len(body)) + body)
