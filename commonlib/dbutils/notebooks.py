"""Ending a run, and running another notebook."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from commonlib import receipts
from commonlib.ending import exit_run
from commonlib.errors import CommonlibError

_SUFFIXES = ("", ".py", ".ipynb", ".sql", ".r", ".scala")


class RunFailed(CommonlibError, RuntimeError):
    """The other notebook failed, or could not be begun."""

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        super().__init__(f"dbutils.notebook.run: {path}: {reason}")


class Notebook:
    """`dbutils.notebook`."""

    exit = staticmethod(exit_run)

    def run(
        self,
        path: str,
        timeout_seconds: int = 0,
        arguments: Mapping[str, object] | None = None,
    ) -> str:
        """Run another notebook as a run of its own, with these parameters, and give what it exits with.

        Raises:
            RunFailed: it failed, took too long, or is not there.
        """
        places = [Path(f"{folder / path}{one}") for folder in (Path(), _beside()) for one in _SUFFIXES]
        file = next((place for place in places if place.is_file()), None)
        if file is None:
            raise RunFailed(path, f"is not there, seen from {Path.cwd()} and from {_beside()}; promote it, too")
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "executed.ipynb"
            words = [*_runner(), str(file), "--output", str(made)]
            words += ["--timeout", str(timeout_seconds)] if timeout_seconds else []
            for name, value in (arguments or {}).items():
                words += ["-p", f"{name}={value}"]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            if done.returncode:
                raise RunFailed(path, (done.stderr.strip() or done.stdout.strip())[-2000:] or "failed")
            return _exit_of(json.loads(made.read_text(encoding="utf-8")))

    def __getattr__(self, name: str) -> object:
        from commonlib.dbutils.elsewhere import NotOnDatabricks

        if name.startswith("__"):
            raise AttributeError(name)
        raise NotOnDatabricks(f"notebook.{name}")


def _beside() -> Path:
    """Where the notebook of this run lies, seen from the root, in which production notebooks run."""
    told = json.loads(os.environ.get("COMMONLIB_RUN") or "{}")
    return Path(told.get("notebook") or "notebooks/production/_").parent


def _runner() -> list[str]:
    """The command that runs a notebook: what runs this one, whose interpreter may be another than this kernel's."""
    told = os.environ.get("COMMONLIB_RUNNER")
    return list(json.loads(told)) if told else [sys.executable, "-m", "nbpromote.cli", "run"]


def _exit_of(executed: Mapping[str, object]) -> str:
    """The value that an executed notebook exited with, as text; empty when it ran to its end."""
    cells = executed.get("cells")
    for cell in cells if isinstance(cells, list) else []:
        for output in cell.get("outputs", ()):
            held = output.get("data", {}).get(receipts.MIME)
            if held and (receipt := receipts.from_json(held)).kind == "exit":
                value = receipt.details.get("value")
                return "" if value is None else str(value)
    return ""
