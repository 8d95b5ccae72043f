"""Runs a command without a network but for the loopback: `python offline.py COMMAND...`.

A file of its own, started by its path, so that the command starts as quickly as without it: it imports nothing of ours.
The process moves to a network namespace (network_namespaces(7)), brings up the loopback there, and becomes the command.
"""

import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # CLONE_NEWUSER, CLONE_NEWNET of sched.h
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1  # SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP (netdevice(7))


def leave() -> None:
    """Leave the network. OSError where the system does not let this user do so."""
    if not sys.platform.startswith("linux"):
        raise OSError(f"{sys.platform} has no network namespaces")
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or libc.unshare(_NEW_NETWORK) != 0:
        user, group = os.geteuid(), os.getegid()
        if libc.unshare(_NEW_USER | _NEW_NETWORK) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:  # noqa: PTH123
                file.write(text)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        asked = struct.pack("16sh", b"lo", 0)
        (flags,) = struct.unpack("16xh", fcntl.ioctl(control, _GET_FLAGS, asked)[:18])
        fcntl.ioctl(control, _SET_FLAGS, struct.pack("16sh", b"lo", flags | _UP))


def why_not() -> str | None:
    """Why this machine cannot run a command without the network; None when it can. It is tried out."""
    command = [sys.executable, "-S", __file__, sys.executable, "-S", "-c", ""]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr.strip() or None if done.returncode else None


if __name__ == "__main__":
    try:
        leave()
    except OSError as error:
        sys.exit(error.strerror or str(error))
    os.execv(sys.argv[1], sys.argv[1:])
