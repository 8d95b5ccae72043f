"""Giving a finished file its name, unless something has the name already: one atomic step. Standard library only."""

import ctypes
import errno
import os
import sys
from pathlib import Path

from commonlib.lake.errors import StorageFailed

# What link(2) and renameat2(2) say where the file system (FAT, exFAT, many network and FUSE mounts) cannot do it.
_CANNOT = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL, errno.EMLINK}
_AT_FDCWD = -100
_RENAME_NOREPLACE = 1  # linux/fs.h
_RENAME_EXCL = 4  # macOS, sys/stdio.h


def publish(draft: Path, target: Path) -> None:
    """Let the draft appear at the target, whole. Raises FileExistsError, and StorageFailed where no way is safe.

    By a hard link, which never replaces a file, and where there are none by a rename that is told not to. A plain
    rename replaces what is there, and a file that is created exclusively is seen before it is whole: neither will do.
    """
    try:
        os.link(draft, target)
        return
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
    try:
        _rename_to_new(draft, target)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
        raise StorageFailed(
            str(target.parent),
            "this file system has neither hard links nor a rename that replaces nothing, so that two writers could "
            "destroy each other's work; keep the lake on another disk, or in S3",
        ) from error


def _rename_to_new(draft: Path, target: Path) -> None:
    if os.name == "nt":
        draft.rename(target)  # there it never replaces
        return
    system = ctypes.CDLL(None, use_errno=True)
    source, goal = os.fsencode(draft), os.fsencode(target)
    try:
        if sys.platform == "darwin":
            failed = system.renamex_np(source, goal, _RENAME_EXCL)
        else:
            failed = system.renameat2(_AT_FDCWD, source, _AT_FDCWD, goal, _RENAME_NOREPLACE)
    except AttributeError:
        raise OSError(errno.ENOSYS, "no such call") from None
    if failed:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), str(target))
