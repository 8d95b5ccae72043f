"""Make conda-lock.yml and requirements.lock anew from environment.yml and pyproject.toml.

The conda part is solved first; what both locks hold is then pinned to the conda part's versions, so that pip leaves
those packages alone. What is locked stays where it fits, unless it is told to move.
"""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nbpromote.effects.environment.locked import CONDA_LOCK, PYPI_LOCK
from nbpromote.effects.environment.pypi_part import lock_pypi, required_names
from nbpromote.effects.environment.solvers import solvers_python
from nbpromote.effects.environment.solving import Movement, UnknownPackage, run_solver
from nbpromote.environment import holding, parse_conda_lock, parse_environment, parse_pins, solver
from nbpromote.environment.conda import CondaLock, without_pip
from nbpromote.environment.difference import Change, asked_names, find_conda_changes, find_pypi_changes
from nbpromote.environment.packages import pypi_name
from nbpromote.environment.pins import UnreadableLock
from nbpromote.errors import NbpromoteError
from nbpromote.promotion.plan import FileEdit

_CONDAS = ("conda", "mamba", "micromamba")


class NoEnvironmentFile(NbpromoteError):
    """There is nothing to lock."""

    def __init__(self, root: Path) -> None:
        super().__init__(
            f"{root / 'environment.yml'}: is not there; write what the notebooks import into it: name, channels, "
            "platforms, dependencies"
        )


@dataclass(frozen=True, slots=True)
class Relocked:
    """Both locks anew: the edits of the files, and the packages that differ. `solver` is what solved the conda part."""

    edits: tuple[FileEdit, ...]
    changes: tuple[Change, ...]
    solver: str


def relock(
    root: Path, movement: Movement, *, conda: str | None = None, say: Callable[[str], None] = lambda _: None
) -> Relocked:
    """Solve both parts; nothing is written.

    Args:
        root: The repository.
        movement: What may move.
        conda: The conda, mamba or micromamba that solves; None for the first on the PATH, else py-rattler.
        say: Told of each step.

    Raises:
        NoEnvironmentFile, UnreadableLock, UnknownPackage, NotLocked, NotInstalled
    """
    try:
        text = (root / "environment.yml").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NoEnvironmentFile(root) from None
    asked = parse_environment(text)
    if not asked.platforms or not asked.channels:
        raise UnreadableLock("environment.yml", None, "names no platforms, or no channels")
    old_conda, old_pypi = _bytes(root / CONDA_LOCK), _bytes(root / PYPI_LOCK)
    before = parse_conda_lock(old_conda.decode()) if old_conda is not None else None
    pins = parse_pins(old_pypi.decode()) if old_pypi is not None else ()
    known = {one.name for one in before.packages} if before else set()
    if unknown := movement.upgrade - {*map(pypi_name, known), *known, *(pin.name for pin in pins)}:
        raise UnknownPackage(sorted(unknown))
    python = solvers_python(say)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        real = find_conda(conda)
        say(f"solving the conda part for {', '.join(asked.platforms)} by {Path(real).name if real else 'py-rattler'}")
        made = _lock_conda(python, text, before, movement, real=real, work=work)
        after = parse_conda_lock(made)
        edits = [FileEdit(CONDA_LOCK, old_conda, made.encode())]
        changes = [*find_conda_changes(before, after, asked)]
        required = required_names(root)
        if asked.pip or required:
            say("solving the PyPI part by uv")
            text_pypi, needed_by = lock_pypi(python, root, asked, after, movement=movement, old=old_pypi, work=work)
            edits.append(FileEdit(PYPI_LOCK, old_pypi, text_pypi.encode()))
            names = asked_names(asked, required)
            changes += find_pypi_changes(pins, parse_pins(text_pypi), names, needed_by)
    if (root / "environment.yml").read_text(encoding="utf-8") != text:
        raise UnreadableLock("environment.yml", None, "was changed while it was being locked")
    return Relocked(tuple(edits), tuple(changes), Path(real).name if real else "py-rattler")


def find_conda(wanted: str | None) -> str | None:
    """The user's solver; a shell often knows conda or micromamba as a function, and their place by a variable."""
    if wanted is not None:
        return wanted
    if os.environ.get("CHANNEL_MIRRORS"):
        return None
    on_path = next((found for name in _CONDAS if (found := shutil.which(name))), None)
    return on_path or os.environ.get("CONDA_EXE") or os.environ.get("MAMBA_EXE") or None


def _lock_conda(
    python: Path, text: str, before: CondaLock | None, movement: Movement, *, real: str | None, work: Path
) -> str:
    (work / "environment.yml").write_text(without_pip(text), encoding="utf-8")
    # conda-lock asks the web for a map of names unless it is given one; without a pip part it needs none.
    (work / "names.json").write_text("{}")
    held = (
        {} if movement.everything or before is None else {one: _held(before, one, movement) for one in before.platforms}
    )
    (work / "held.json").write_text(json.dumps(held))
    # conda-lock tells micromamba by the program's name.
    program = work / (Path(real).name if real else "conda")
    source = Path((holding if real else solver).__file__ or "").read_text(encoding="utf-8")
    program.write_text(f"#!{python}\n{source}", encoding="utf-8")
    program.chmod(0o755)
    environ = {"HELD": str(work / "held.json"), "UPGRADE": " ".join(sorted(movement.conda_names(before)))}
    names = (work / "names.json").as_uri()
    call = [
        str(python),
        "-m",
        "conda_lock",
        "lock",
        "--conda",
        str(program),
        "--file",
        "environment.yml",
        "--without-cuda",
    ]
    options = ["--lockfile", CONDA_LOCK, "--pypi_to_conda_lookup_file", names]
    run_solver(CONDA_LOCK, [*call, *options], work, environ | ({"REAL_CONDA": real} if real else {}))
    return (work / CONDA_LOCK).read_text(encoding="utf-8")


def _held(before: CondaLock, platform: str, movement: Movement) -> list[dict[str, object]]:
    held: list[dict[str, object]] = []
    for one in before.on(platform).values():
        wanted = movement.prefer.get(pypi_name(one.name))
        file = one.url.rpartition("/")[2]
        build = re.sub(r"\.(conda|tar\.bz2)$", "", file).rpartition("-")[2]
        if wanted is not None and wanted != one.version:
            held.append({"name": one.name, "version": wanted, "needs": [name for name, _ in one.needs]})
        else:
            needs = [name for name, _ in one.needs]
            held.append({"name": one.name, "version": one.version, "file": file, "build": build, "needs": needs})
    return held


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
