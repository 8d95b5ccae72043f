"""Where pyarrow finds what a lake calls a location."""

from typing import Any

import pyarrow.fs


def at(location: str) -> tuple[Any, str]:
    """The file system of a file or folder in a lake, and its path there."""
    if "://" not in location:
        return pyarrow.fs.LocalFileSystem(), location
    from commonlib.lake import buckets

    scheme, _, path = location.partition("://")
    return buckets.filesystem(scheme), path
