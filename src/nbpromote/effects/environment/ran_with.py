"""Which packages the kernel of a notebook has."""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbpromote.environment.packages import normal_name
from nbpromote.errors import NbpromoteError
from nbpromote.notebook.languages import named

_SECONDS = 60.0
# Runs in a Python that may have nothing installed, and may be old.
_LISTING = """\
import json, sys
from importlib import metadata
found, modules = {}, {}
for one in metadata.distributions():
    name = one.metadata["Name"]
    if name:
        found.setdefault(name, one.version)
        files = [str(path) for path in (one.files or ())]
        for path in files:
            root = path.replace("\\\\", "/").split("/")[0]
            root = root[:-3] if root.endswith(".py") else root
            if root.isidentifier() and path.endswith((".py", ".so", ".pyd")):
                modules.setdefault(root.split(".")[0], []).append(name)
modules = {root: sorted(set(names)) for root, names in modules.items()}
print(json.dumps({"python": "%d.%d.%d" % sys.version_info[:3], "found": found, "modules": modules}))
"""


class UnknownKernel(NbpromoteError):
    """What a notebook ran with cannot be found out."""

    def __init__(self, notebook: str, reason: str) -> None:
        super().__init__(f"{notebook}: {reason}; name the Python that it ran with: --python PATH")


class NoAnswer(NbpromoteError):
    """An interpreter that does not tell what is installed in it."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A kernel's Python: name -> version of what it has installed, and import name -> distributions."""

    path: str
    version: str
    installed: Mapping[str, str]
    modules: Mapping[str, Sequence[str]]


def interpreter_of(name: str, kernel: str, python: str | None) -> Interpreter:
    """The Python that the notebook's kernel is, with what is installed in it.

    Args:
        name: The notebook, for messages.
        kernel: The name of the kernel that it asks for.
        python: An interpreter, or a folder of an environment, that is taken instead.

    Raises:
        UnknownKernel: no such kernel, one of another language, or an interpreter that does not answer.
    """
    path = python_in(Path(python)) if python is not None else _of_kernel(name, kernel)
    if path is None:
        raise UnknownKernel(name, f"{python} is no Python")
    try:
        return ask(path)
    except NoAnswer as error:
        raise UnknownKernel(name, str(error)) from error


def ask(path: str) -> Interpreter:
    """What an interpreter has installed.

    Raises:
        NoAnswer: it does not tell.
    """
    try:
        done = subprocess.run(
            [path, "-c", _LISTING], capture_output=True, text=True, check=True, timeout=_SECONDS, cwd=Path(path).anchor
        )
        told = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise NoAnswer(f"{path} does not tell what is installed in it ({error})") from error
    installed = {normal_name(key): str(value) for key, value in told["found"].items()}
    return Interpreter(path, str(told["python"]), installed, told["modules"])


def python_in(place: Path) -> str | None:
    """The interpreter that this is, or that an environment in this folder has."""
    if place.is_dir():
        return next((str(one) for one in (place / "bin/python", place / "python.exe") if one.exists()), None)
    return shutil.which(place)


def _of_kernel(name: str, kernel: str) -> str | None:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    if kernel == "python3":
        found = KernelSpecManager().find_kernel_specs()
        if "python3" not in found or Path(found["python3"]).is_relative_to(sys.prefix):
            return sys.executable
    try:
        spec = KernelSpecManager().get_kernel_spec(kernel)
    except NoSuchKernel:
        raise UnknownKernel(name, f"its kernel {kernel} is not known here") from None
    if named(spec.language) != "python":
        raise UnknownKernel(name, f"its kernel {kernel} is one of {spec.language}")
    return shutil.which(spec.argv[0])
