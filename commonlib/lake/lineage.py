"""Which versions this process has read so far: the inputs of whatever it writes next. Standard library only.

A notebook's kernel is one process, so what it has read before a write is what the write can depend on.
"""

from commonlib.lake.logs import Version
from commonlib.lake.manifest import Input

_read: dict[Input, None] = {}


def note(version: Version) -> None:
    """Remember that this version was read."""
    _read[Input(version.dataset, version.number)] = None


def inputs() -> tuple[Input, ...]:
    """Every version read so far, in the order of first reading."""
    return tuple(_read)
