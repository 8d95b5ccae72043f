"""What a run's record says of the code and the environment that it ran with."""

import os
import platform
import socket
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from nbpromote.effects import git
from nbpromote.effects.environment import databricks
from nbpromote.effects.environment.installed import distributions
from nbpromote.effects.environment.ran_with import Interpreter
from nbpromote.effects.files.repository import Repository
from nbpromote.effects.running.versions import versions
from nbpromote.environment import parse_pins
from nbpromote.environment.pins import versions_on
from nbpromote.errors import NbpromoteError
from nbpromote.running.record import Code, Environment

_NAMED = ("nbpromote", "pyspark", "pandas", "pyarrow", "numpy", "papermill", "ipykernel", "jupytext")
_LOCKS = ("requirements.lock", "conda-lock.yml")


def code(repository: Repository, notebook: Path) -> Code:
    """The commit, the branch, what differs from it (data and runs are no code), and the notebook's digest."""
    digest = sha256(notebook.read_bytes()).hexdigest() if notebook.is_file() else ""
    try:
        names = ("runs",) if repository.remote_lake is not None else ("lake", "runs")
        made = tuple(f"{repository.relative(repository.folder(name))}/" for name in names)
        dirty = tuple(
            path
            for path in git.dirty_paths(repository.root)
            if not path.startswith(made) and "__pycache__/" not in path and not path.endswith(".pyc")
        )
    except git.GitFailed:
        dirty = ()
    return Code(git.head(repository.root), git.branch(repository.root), dirty, digest, _commonlib(repository.root))


def _commonlib(root: Path) -> str:
    """One digest of every module of the repository's own `commonlib`, in Python and in R."""
    digest, folder = sha256(), root / "commonlib"
    for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.R")]):
        digest.update(f"{path.relative_to(root)}\0".encode())
        digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def environment(repository: Repository, kernel: Interpreter | None = None) -> Environment:
    """Versions, digests of what is installed and locked, and the machine.

    `kernel` is the interpreter of the environment that runs the notebook, where that is another than this one.
    """
    installed = dict(kernel.installed) if kernel else distributions()
    known = versions(_NAMED)
    if kernel:
        known = {"python": kernel.version, "nbpromote": known.get("nbpromote", "")}
        known |= {name: installed[name] for name in (databricks.CLIENT, *_NAMED) if name in installed}
    if (own := _commonlib_version(repository.root)) is not None:
        known["commonlib"] = own
    listing = "\n".join(f"{name}=={version}" for name, version in sorted(installed.items()))
    names = (databricks.LOCK,) if kernel else _LOCKS
    locks = [repository.root / name for name in names if (repository.root / name).is_file()]
    lock = sha256(b"".join(path.read_bytes() for path in locks)).hexdigest() if locks else None
    return Environment(
        versions=known,
        installed=sha256(listing.encode()).hexdigest(),
        lock=lock,
        apart=_apart(repository.root / names[0], installed),
        host=socket.gethostname(),
        platform=platform.platform(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0,
    )


def _apart(lock: Path, installed: Mapping[str, str]) -> tuple[str, ...]:
    """What is installed in another version than requirements.lock holds; what it holds and is not there, nobody ran."""
    try:
        pins = parse_pins(lock.read_text(encoding="utf-8"))
    except (OSError, ValueError, NbpromoteError):
        return ()
    return tuple(
        f"{name} {installed[name]} (locked: {version})"
        for name, version in sorted(versions_on(pins, {}).items())
        if installed.get(name, version) != version
    )


def _commonlib_version(root: Path) -> str | None:
    """The version that the repository's own `commonlib` states; read as text, for it is not ours to import."""
    try:
        lines = (root / "commonlib/__init__.py").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    stated = [line.partition("=")[2].strip().strip("\"'") for line in lines if line.startswith("__version__")]
    return stated[0] if stated else None
