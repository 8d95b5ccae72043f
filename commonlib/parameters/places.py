"""Where data lies: files to read, and datasets of the lake."""

import glob
import os
import re
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import unquote, urlsplit

from commonlib.errors import CommonlibError
from commonlib.lake.paths import ZONES, parse_dataset
from commonlib.parameters.problem import ParameterError, offer

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # two letters at least, so that no drive letter is one


def input_path(name: str, value: object) -> str:
    """A file or folder to read: it exists and holds something. `*` and `?` match as in the shell.

    An address elsewhere (`s3a://`, `https://`, `dbfs:/`) passes unseen.
    """
    fits = "give the path of a file or folder that holds data"
    given = os.fspath(value) if isinstance(value, os.PathLike) else value
    if not isinstance(given, str) or not given.strip():
        is_unset = given is None or (isinstance(given, str) and not given)
        raise ParameterError(name, value, "is not set" if is_unset else "is not a path", fits)
    try:
        return _found(name, value, given, fits)
    except (OSError, ValueError) as error:  # too long a name, a NUL in it, a folder that may not be read
        if isinstance(error, ParameterError):
            raise
        raise ParameterError(name, value, f"cannot be looked up ({error})"[:200], fits) from error


def dataset(name: str, value: object) -> str:
    """The name of a dataset in the lake, `zone/name`; whether it exists is not asked."""
    fits = "give zone/name, in lower-case letters, digits, _ and -, such as raw/purchases"
    if not isinstance(value, str):
        raise ParameterError(name, value, "is not set" if value is None else "is not the name of a dataset", fits)
    zone, slash, _ = value.partition("/")
    if slash and zone not in ZONES:
        raise ParameterError(name, value, f"has no zone of the lake ({zone!r})", offer(zone, ZONES))
    try:
        return str(parse_dataset(value))
    except CommonlibError as error:
        raise ParameterError(name, value, "is not the name of a dataset", fits) from error


def _found(name: str, value: object, given: str, fits: str) -> str:
    local = given
    if _URL.match(given) and not Path(given).exists():
        if not given.startswith("file:"):
            return given
        local = unquote(urlsplit(given).path)
    if glob.has_magic(local) and not Path(local).exists():
        if not any(_holds_data(Path(match)) for match in glob.iglob(local)):  # noqa: PTH207 - absolute patterns too
            raise ParameterError(name, value, f"matches no file with data, seen from {Path.cwd()}", fits)
        return given
    path = Path(local)
    if not path.exists():
        raise ParameterError(name, value, _absent(path), fits)
    if not os.access(path, os.R_OK):
        raise ParameterError(name, value, "may not be read by this user", fits)
    if not _holds_data(path):
        raise ParameterError(name, value, "is a folder without files" if path.is_dir() else "is an empty file", fits)
    return given


def _holds_data(path: Path) -> bool:
    if path.is_dir():
        return any(_holds_data(entry) for entry in path.iterdir())
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def _absent(path: Path) -> str:
    """What is missing: the first part of the path that does not exist, and what is there instead."""
    whole = path.absolute()
    parent = whole
    while not parent.parent.exists():
        parent = parent.parent
    if parent != whole:
        return f"does not exist, because there is no folder {parent}"
    if not parent.parent.is_dir():
        return f"does not exist, because {parent.parent} is a file"
    try:
        there = [entry.name for entry in parent.parent.iterdir()]
    except OSError:
        there = []
    near = get_close_matches(parent.name, there, n=1)
    return f"does not exist in {parent.parent}" + (f", but {near[0]} does" if near else "")
