"""What `pyproject.toml` says of checks, under `[tool.nbpromote.check]`."""

import difflib
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbpromote.effects.files import repository
from nbpromote.effects.files.repository import BadConfiguration, Repository

_KEYS = ("select", "ignore", "exclude", "per-file-ignores", "specifications")


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """The settings of a repository's checks. `exclude` and the patterns of `per_file_ignores` are paths from the root;
    `specifications` are absolute folders."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    specifications: tuple[Path, ...] = ()


def repository_of(paths: Sequence[Path]) -> Repository:
    """The repository that holds these paths: the one of the folder that they have in common."""
    places = [os.path.abspath(path) for path in paths]  # noqa: PTH100
    try:
        common = os.path.commonpath(places)
    except ValueError:  # different drives
        common = places[0]
    return repository.find(Path(common))


def read_settings(root: Path) -> CheckSettings:
    """The settings in the `pyproject.toml` of this root; the defaults, when it says nothing.

    Raises:
        BadConfiguration: it says something unknown, or names a folder that is not there.
    """
    path = root / "pyproject.toml"
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        return CheckSettings()
    except ValueError as error:
        raise BadConfiguration(str(path), f"is not TOML ({error})") from error
    table: object = document
    for key in ("tool", "nbpromote", "check"):
        table = table.get(key) if isinstance(table, Mapping) else None
    if table is None:
        return CheckSettings()
    if not isinstance(table, Mapping):
        raise BadConfiguration(str(path), "[tool.nbpromote.check] must be a table")
    for key in table:
        if key not in _KEYS:
            near = difflib.get_close_matches(key, _KEYS, 1) or _KEYS
            raise BadConfiguration(str(path), f"[tool.nbpromote.check] knows no {key!r}; did you mean {near[0]}?")
    by_file = table.get("per-file-ignores", {})
    if not isinstance(by_file, Mapping):
        raise BadConfiguration(str(path), "[tool.nbpromote.check] per-file-ignores must be a table: pattern = [codes]")
    return CheckSettings(
        _texts(path, table, "select"),
        _texts(path, table, "ignore"),
        _texts(path, table, "exclude"),
        tuple((pattern, _texts(path, by_file, pattern)) for pattern in by_file),
        tuple(_folder(path, root / name) for name in _texts(path, table, "specifications")),
    )


def _texts(path: Path, table: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(each, str) and each for each in values):
        raise BadConfiguration(str(path), f"[tool.nbpromote.check] {key} must be a list of texts")
    return tuple(values)


def _folder(path: Path, folder: Path) -> Path:
    """A folder of specifications, all of which can be read."""
    from nbpromote.analysis.library.broken import find_broken

    if not folder.is_dir():
        raise BadConfiguration(str(path), f"[tool.nbpromote.check] specifications: there is no folder {folder}")
    for broken, reason in find_broken(folder):
        raise BadConfiguration(str(broken), f"is no specification of a library: {reason}")
    return folder.resolve()
