"""Which versions of packages are installed."""

import platform
from collections.abc import Iterable
from functools import cache
from importlib import metadata


def versions(names: Iterable[str]) -> dict[str, str]:
    """The installed versions of these packages, and Python's."""
    found = {name: version for name in names if (version := _version(name)) is not None}
    return {"python": platform.python_version(), **found}


@cache
def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
