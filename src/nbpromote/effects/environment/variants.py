"""Environments beside the common one: `environment-NAME.yml`, with locks of its own, of what it asks for."""

import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from nbpromote.effects.environment.locked import CONDA_LOCK, PYPI_LOCK
from nbpromote.effects.environment.relock import Relocked, relock
from nbpromote.effects.environment.solving import Movement
from nbpromote.environment import (
    Drift,
    Environment,
    find_clash,
    find_drift,
    parse_conda_lock,
    parse_environment,
    parse_pins,
)
from nbpromote.environment.packages import pypi_name
from nbpromote.errors import UsageError

_ASKED = "environment.yml"
_NAMES = (_ASKED, CONDA_LOCK, PYPI_LOCK)
_MADE = re.compile(r"Made from .*? by nbpromote env lock\.")


class NoSuchVariant(UsageError):
    """A name that no environment-NAME.yml has."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        there = f"there are {', '.join(known)}" if known else "there is none"
        super().__init__(f"environment-{name}.yml: is not there; {there}")


def file_of(name: str, common: str) -> str:
    """What a file of the common environment is called for a variant: environment.yml is environment-r.yml for r."""
    stem, _, suffix = common.rpartition(".")
    return f"{stem}-{name}.{suffix}"


def names(root: Path) -> tuple[str, ...]:
    """The variants that a repository has."""
    return tuple(sorted(path.stem.removeprefix("environment-") for path in root.glob("environment-*.yml")))


def locked_files(root: Path) -> tuple[str, ...]:
    """The files of the variants that are locked."""
    found = [[file for common in _NAMES if (root / (file := file_of(name, common))).is_file()] for name in names(root)]
    return tuple(file for files in found if len(files) > 1 for file in files)


def relock_variant(
    root: Path, name: str, movement: Movement, *, conda: str | None = None, say: Callable[[str], None]
) -> Relocked:
    """Make a variant's locks anew; nothing is written. It needs nothing of pyproject.toml, which is the tool's.

    Raises:
        NoSuchVariant, and whatever `relock` raises.
    """
    if name not in names(root):
        raise NoSuchVariant(name, names(root))
    with tempfile.TemporaryDirectory() as folder:
        for common in _NAMES:
            path = root / file_of(name, common)
            if path.is_file():
                (Path(folder) / common).write_bytes(path.read_bytes())
        made = relock(Path(folder), movement, conda=conda, say=say)
    edits = tuple(
        replace(edit, path=file_of(name, edit.path), after=_renamed(name, edit.path, edit.after)) for edit in made.edits
    )
    changes = tuple(replace(change, file=file_of(name, change.file)) for change in made.changes)
    return replace(made, edits=edits, changes=changes)


def find_variant_drift(root: Path) -> Iterator[Drift]:
    """Where a variant that is locked, and its locks, have drifted apart."""
    for name in names(root):
        texts = [_text(root / file_of(name, common)) for common in _NAMES]
        if texts[0] is None or (texts[1] is None and texts[2] is None):
            continue
        conda = parse_conda_lock(texts[1]) if texts[1] is not None else None
        pins = parse_pins(texts[2]) if texts[2] is not None else None
        found = [*find_drift(Environment(parse_environment(texts[0]), conda, pins, ()))]
        locked = {pypi_name(one.name) for one in conda.packages} if conda is not None else set()
        found += find_clash(file_of(name, PYPI_LOCK), locked | {pin.name for pin in pins or ()})
        for one in found:
            yield Drift(_told(name, one.where), _told(name, one.what), _told(name, one.hint), one.is_note)


def _told(name: str, text: str) -> str:
    text = text.replace("nbpromote env lock", f"nbpromote env lock --variant {name}")
    for common in _NAMES:
        text = text.replace(common, file_of(name, common))
    return text


def _renamed(name: str, path: str, content: bytes | None) -> bytes | None:
    if content is None or path != PYPI_LOCK:
        return content
    made = f"Made from {file_of(name, _ASKED)} and {file_of(name, CONDA_LOCK)} by nbpromote env lock --variant {name}."
    return _MADE.sub(made, content.decode(), count=1).encode()


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None
