"""Files that are there whole, or as they were before."""

import contextlib
import os
import secrets
from pathlib import Path

from nbpromote.errors import NbpromoteError


class NotKept(NbpromoteError):
    """What is known of a run cannot be written."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(
            f"{path}: {reason}; make room there, or keep runs elsewhere (runs under [tool.nbpromote], or RUNS_ROOT)"
        )


def write_whole(path: Path, text: str) -> None:
    """Write a file in one step.

    Raises:
        NotKept: there is no room for it, or no right to.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise NotKept(path, error.strerror or str(error)) from error
    finally:
        with contextlib.suppress(OSError):  # where nothing may be written
            beside.unlink()
