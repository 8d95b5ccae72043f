"""What a fork takes over from who asked for it; what a kernel finds imported, and how a fork becomes one."""

import atexit
import contextlib
import ctypes
import gc
import importlib.util
import io
import logging
import os
import sys
import threading
import time
import types
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

# Each is imported if it is there. None starts a thread that a fork would miss: OpenBLAS and Arrow mend theirs.
HEAVY = (
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.debugger", "IPython", "IPython.core.completerlib",
    "IPython.extensions.storemagic", "sqlite3", "configparser", "numpy", "pandas", "pyarrow", "pyarrow.parquet",
)  # fmt: skip
# Imported when the first notebook that imports the package comes. Not the backend of ipykernel: as it is imported, in a
# kernel, it begins to show figures.
ON_REQUEST = {
    "matplotlib": (
        "matplotlib.pyplot",
        "matplotlib.figure",
        "matplotlib.backends.backend_agg",
        "IPython.core.pylabtools",
    ),
    "scipy": ("scipy.stats", "scipy.optimize"),
    "pyspark": ("py4j.java_gateway", "pyspark.sql", "pyspark.sql.functions", "pyspark.sql.connect.session"),
}
# What ipykernel sets as it starts, where nothing else is, and matplotlib reads as it is imported.
_SHOWN_BY = ("MPLBACKEND", "module://matplotlib_inline.backend_inline")
_set_by_imports: "dict[str, str]" = {}


@dataclass
class Forked:
    """In the child alone: what to become."""

    request: "dict[str, Any]"
    fds: "list[int]"
    parent: int


class Kernels:
    """Forks that become kernels."""

    asked = "kernel"

    def __init__(self, packages: "Iterable[str]") -> None:
        self._packages = packages

    def begin(self) -> None:
        """Import what each of them needs, and what the first one is known to."""
        load(HEAVY)
        for package in self._packages:
            load(ON_REQUEST.get(package, ()))

    def refusal(self, request: "dict[str, Any]") -> "str | None":
        """Why no fork can be what is asked for; where it can, what only some of them need is imported."""
        reason = in_the_way(request)
        for package in request.get("imports", ()) if reason is None else ():
            load(ON_REQUEST.get(package, ()))
        return reason

    def become(self, forked: Forked) -> None:
        """Be what `python -m ipykernel_launcher` would be in this folder and environment; comes back when it ends."""
        _become_kernel(forked)


def in_the_way(request: "dict[str, Any]") -> "str | None":
    """What in the folders that the kernel imports from first is called like a module that is imported here already."""
    known = {name for name in sys.modules if "." not in name} - {"__main__", "__mp_main__"}
    for folder in first_folders(request):
        try:
            found = os.listdir(folder)  # noqa: PTH208
        except OSError:
            continue
        for name in found:
            stem, dot, _ = name.partition(".")
            is_package = stem in known and os.path.exists(os.path.join(folder, name, "__init__.py"))  # noqa: PTH110, PTH118
            is_module = stem in known and bool(dot) and name.endswith((".py", ".so"))
            if is_package or is_module or name in {"sitecustomize.py", "usercustomize.py", "matplotlibrc"}:
                return f"{folder} has {name}"
    return None


def first_folders(request: "dict[str, Any]") -> "list[str]":
    """The folder that it works in, and those of its PYTHONPATH."""
    given = [one for one in request["env"].get("PYTHONPATH", "").split(os.pathsep) if one]
    return [request["cwd"], *(os.path.join(request["cwd"], one) for one in given)]  # noqa: PTH118


def load(modules: "tuple[str, ...]") -> None:
    """Import what is there of these."""
    before, collects = dict(os.environ), gc.isenabled()
    os.environ.setdefault(*_SHOWN_BY)
    gc.disable()
    for name in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    if collects:
        gc.enable()
    if _SHOWN_BY[0] not in before:
        del os.environ[_SHOWN_BY[0]]
    _set_by_imports.update({name: value for name, value in os.environ.items() if before.get(name) != value})


def take_over(request: "dict[str, Any]", fds: "list[int]") -> None:
    """Lead a session of one's own, with these files as the first ones, and have what the request says of a process."""
    os.setsid()
    for place, fd in enumerate(fds):
        os.dup2(fd, place)
    for fd in fds:
        os.close(fd)
    os.environ.clear()
    os.environ.update(_set_by_imports | request["env"])
    time.tzset()
    os.chdir(request["cwd"])
    if cores := request.get("cores"):
        os.sched_setaffinity(0, cores)
    importlib.invalidate_caches()
    import random
    import tempfile

    random.seed()
    tempfile.tempdir = None


def _become_kernel(forked: Forked) -> None:
    request = forked.request
    known = frozenset(sys.modules)
    take_over(request, [os.open(os.devnull, os.O_RDONLY), *forked.fds])
    sys.path[:0] = first_folders(request)[1:]  # IPython puts the folder itself before them
    package = __name__.partition(".")[0]
    for name in [one for one in sys.modules if one.partition(".")[0] == package]:
        del sys.modules[name]
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    program = importlib.util.find_spec("ipykernel_launcher")
    path = program.origin if program is not None and program.origin else request["argv"][0]
    sys.argv = [path, *request["argv"][1:], f"--IPKernelApp.parent_handle={forked.parent}"]
    from ipykernel import kernelapp

    silent = [one for one in logging.root.manager.loggerDict.values() if getattr(one, "disabled", False)]
    kernel: Any = kernelapp.IPKernelApp.instance()
    kernel.initialize()
    for one in silent:  # its configuration of logging lets speak what libraries had silenced as they were imported
        one.disabled = True  # type: ignore[union-attr]
    kernel.start()
    end(known)


def end(known: "frozenset[str]", code: int = 0) -> None:
    """End as Python does, but let the modules that were there before the fork be: to take them apart would write to,
    and so copy, most of the pages shared with the parent (0.13 s, and as much again for the system)."""
    with contextlib.suppress(KeyboardInterrupt):
        threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()  # IPython's lets go of the notebook's names
    gc.collect()
    for module in [one for name, one in sys.modules.items() if name not in known]:
        names = vars(module) if isinstance(module, types.ModuleType) else {}
        for name in list(names):
            if name != "__builtins__":
                names[name] = None
    gc.collect()
    for one in gc.get_objects():
        if isinstance(one, io.BufferedWriter | io.BufferedRandom | io.TextIOWrapper) and not one.closed:
            with contextlib.suppress(Exception):
                one.flush()
    ctypes.PyDLL(None).exit(code)  # what libraries in C have registered runs
