"""Installs distributions by uv where there is one, else by venv and pip."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from nbpromote.errors import NbpromoteError


class NotInstalled(NbpromoteError):
    """An environment could not be built."""

    def __init__(self, what: str, reason: str) -> None:
        self.what, self.reason = what, reason
        super().__init__(f"cannot install {what}:\n{reason}")


def make_venv(folder: Path, python: str) -> Path:
    """An empty environment in this folder with that Python; the path of its interpreter.

    Raises:
        NotInstalled: no such Python, or no venv module.
    """
    uv = _uv()
    if uv is not None:
        _run(f"Python {python}", [*uv, "venv", "--quiet", "--python", python, str(folder)])
    else:
        _run(f"Python {python}", [python, "-m", "venv", str(folder)])
    return folder / "bin" / "python"


def install(python: Path, arguments: Sequence[str], what: str, *, cwd: Path | None = None) -> None:
    """Install into the environment of this interpreter, from the index that pip or uv is set up to use.

    Raises:
        NotInstalled: with what pip or uv said.
    """
    uv = _uv()
    if uv is not None:
        _run(what, [*uv, "pip", "install", "--quiet", "--python", str(python), *arguments], cwd)
    else:
        _run(what, [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments], cwd)


def index_environ() -> dict[str, str]:
    """uv's environment variables: a company's mirror that pip is told of serves uv too."""
    environ = {**os.environ, "UV_NO_PROGRESS": "1"}
    if not any(name in environ for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL")):
        question = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
        asked = subprocess.run(question, capture_output=True, text=True, check=False)
        index = environ.get("PIP_INDEX_URL") or asked.stdout.strip()
        if index:
            environ["UV_DEFAULT_INDEX"] = index
    return environ


def _uv() -> list[str] | None:
    if importlib.util.find_spec("uv") is not None:
        return [sys.executable, "-m", "uv"]
    found = shutil.which("uv")
    return [found] if found else None


def _run(what: str, command: Sequence[str], cwd: Path | None = None) -> None:
    # A virtual environment that is active in the shell is not the one that is meant.
    environ = {name: value for name, value in index_environ().items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotInstalled(what, (done.stderr or done.stdout).strip())
