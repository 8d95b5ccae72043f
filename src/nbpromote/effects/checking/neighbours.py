"""The modules that lie beside a notebook: those of its imports that a production notebook would not find."""

import re
from functools import cache
from pathlib import Path

_IMPORTS = re.compile(rb"\b(?:import|from)[ \t]+([\w.,\t ]{1,200})")


def neighbours_of(data: bytes, path: Path) -> frozenset[str]:
    """The modules in the notebook's folder whose names stand in its imports, or in what looks like one.

    A package ends with a slash.
    """
    beside = _modules_in(path.parent)
    if not beside:
        return frozenset()
    words = {word.decode() for found in _IMPORTS.findall(data) for word in re.findall(rb"[A-Za-z_]\w*", found)}
    return frozenset(name for name in beside if name.rstrip("/") in words)


@cache
def _modules_in(folder: Path) -> frozenset[str]:
    try:
        scripts = {path.stem for path in folder.glob("*.py") if path.is_file()}
        return frozenset(scripts | {f"{path.parent.name}/" for path in folder.glob("*/__init__.py") if path.is_file()})
    except OSError:
        return frozenset()
