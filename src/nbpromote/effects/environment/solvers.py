"""The programs that make locks, in an environment of their own.

conda-lock alone brings sixty distributions, none of which a notebook needs: they would hold back what is locked.
They are installed once, by hash (`solvers.lock`), into the user's cache folder.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from nbpromote.effects.environment.installing import install, make_venv

_LOCK = Path(__file__).with_name("solvers.lock")


def solvers_python(say: Callable[[str], None]) -> Path:
    """The interpreter that has conda-lock, py-rattler and uv; installed now unless an earlier call did.

    Raises:
        NotInstalled: no package index can be reached, or a package has another hash.
    """
    digest = sha256(_LOCK.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = cache_folder() / f"solvers-{digest}"
    python = folder / "bin" / "python"
    if not python.exists():
        say(f"installing conda-lock, py-rattler and uv into {folder} (once)")
        folder.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            made = make_venv(new / "made", sys.executable)
            install(made, ["--require-hashes", "--requirement", str(_LOCK)], "what makes the locks")
            if not python.exists():
                (new / "made").rename(folder)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    return python


def cache_folder() -> Path:
    """Where the tool keeps what can be made again, for all repositories of the user."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "nbpromote"
