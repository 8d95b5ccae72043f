"""A name for the whole content of an object that nothing else is known of: the hash of its pickle."""

import hashlib
import pickle
from typing import Any

from .objects import HANDLES

_MOST_BYTES = 200_000_000


class TooLarge(Exception):
    """The pickle is larger than it is worth."""


class _Hash:
    """A file to pickle into, which keeps no byte of it."""

    def __init__(self) -> None:
        self.hash = hashlib.sha256()
        self.size = 0

    def write(self, part: Any) -> int:
        self.hash.update(part)
        self.size += len(part)
        if self.size > _MOST_BYTES:
            raise TooLarge
        return len(part)


def digest(value: Any) -> str:
    """The hash of the value's pickle; empty where it has none. Equal hashes prove equal content, others nothing."""
    if type(value).__module__.split(".")[0] in HANDLES:
        return ""
    file = _Hash()
    try:
        pickle.Pickler(file, protocol=4).dump(value)
    except Exception:  # whatever a stranger's object does when it is pickled
        return ""
    return file.hash.hexdigest()
