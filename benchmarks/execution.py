"""Cells run in a process of their own, in a copy of their folder, and what every name holds afterwards."""

import hashlib
import importlib
import io
import multiprocessing
import os
import pickle
import shutil
import sys
import tempfile
import types
import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

# Imported once, before the fork, so that each run need not import them again.
_HEAVY = ("numpy", "pandas", "matplotlib.pyplot", "scipy.stats", "sklearn.linear_model", "sklearn.ensemble")
_MOST_COPIED = 30_000_000
_DEEPEST = 4
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many cells ran, the values of all names that can be told apart, and why the next cell did not run."""

    cells: int = 0
    values: dict[str, str] = field(default_factory=dict)
    error: str = ""


def run(sources: Sequence[str], folder: Path, seconds: float) -> Outcome:
    """Run these sources one after the other in a fresh process, and kill it when its time is over."""
    _preload()
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    with tempfile.TemporaryDirectory(prefix="slices-", ignore_cleanup_errors=True) as place:
        work = Path(place, "work")
        _copy(folder, work)
        process = context.Process(target=_child, args=(list(sources), work, there))
        process.start()
        there.close()
        try:
            outcome = here.recv() if here.poll(seconds) else Outcome(error="out of time")
        except (EOFError, OSError, pickle.UnpicklingError):
            outcome = Outcome(error="the process died")
        finally:
            here.close()
            process.kill()
            process.join()
    return outcome


def _preload() -> None:
    os.environ["MPLBACKEND"] = "Agg"
    for name in _HEAVY:
        with suppress(ImportError):
            importlib.import_module(name)


def _copy(folder: Path, work: Path) -> None:
    """The notebook's folder, if it is small; a run must not find what another has left, nor change the user's files."""
    size = 0
    for path in folder.rglob("*"):
        size += 0 if path.suffix == ".ipynb" else path.lstat().st_size
        if size > _MOST_COPIED:
            work.mkdir()
            return
    shutil.copytree(folder, work, symlinks=True, ignore=shutil.ignore_patterns("*.ipynb", ".git"))


def _child(sources: list[str], work: Path, there: Connection) -> None:
    os.chdir(work)
    sys.stdout = sys.stderr = io.StringIO()
    warnings.simplefilter("ignore")
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    space = vars(module)
    space.update(get_ipython=_Shell, display=_nothing)
    done, error = 0, ""
    for source in sources:
        try:
            exec(compile(source, "cell", "exec"), space)
            done += 1
            if "matplotlib.pyplot" in sys.modules:
                sys.modules["matplotlib.pyplot"].close("all")
        except BaseException as problem:  # what a cell raises, SystemExit too, is an outcome
            error = f"{type(problem).__name__}: {problem}"[:200]
            break
    values = {name: told for name, value in list(space.items()) if (told := told_apart(value)) is not None}
    there.send(Outcome(done, values, error))
    there.close()
    os._exit(0)


class _Shell:
    def __getattr__(self, name: str) -> object:
        return _nothing


def _nothing(*given: object, **named: object) -> None:
    """What the shell does here, whatever is asked of it."""


def told_apart(value: object, depth: int = 0) -> str | None:
    """A text that is the same for equal values; None for what cannot be compared between two processes."""
    try:
        return _told_apart(value, depth)
    except Exception:
        return None


def _told_apart(value: object, depth: int) -> str | None:  # noqa: PLR0911
    kind = type(value)
    origin = kind.__module__.partition(".")[0]
    if isinstance(value, types.ModuleType | types.FunctionType | types.BuiltinFunctionType | type):
        return None
    if isinstance(value, int | float | complex | str | bytes | bool | None) or (origin == "numpy" and not value.shape):
        return repr(value)
    if origin == "numpy":
        data = repr(value).encode() if value.dtype == object else value.tobytes()
        return f"{value.dtype}{value.shape}{hashlib.sha256(data).hexdigest()}"
    if origin == "pandas" and hasattr(value, "to_string"):
        shown = value if len(value) < _LONGEST else value.head(_LONGEST)
        told = f"{kind.__name__}{value.shape}{getattr(value, 'dtypes', '')}{shown.to_string()}"
        return hashlib.sha256(told.encode()).hexdigest()
    if isinstance(value, set | frozenset):
        return f"set{sorted(map(repr, value))}"
    parts: dict[str, object] | None = None
    if isinstance(value, list | tuple) and len(value) < _LONGEST:
        parts = {str(index): each for index, each in enumerate(value)}
    elif isinstance(value, dict):
        parts = {repr(key): each for key, each in value.items()}
    elif hasattr(value, "__dict__"):
        parts = vars(value)
    if parts is not None and depth < _DEEPEST:
        told_parts = {name: told_apart(each, depth + 1) for name, each in parts.items()}
        return None if None in told_parts.values() else f"{kind.__name__}{told_parts}"
    text = repr(value)
    return None if " at 0x" in text or parts is not None else text
