"""Reads all that speaks of a repository's environment, and holds it together."""

import json
import platform
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from nbpromote.analysis import analyse
from nbpromote.analysis.facts import Facts
from nbpromote.effects.checking.settings import read_settings
from nbpromote.effects.files.notebook_files import find_notebooks
from nbpromote.effects.files.repository import Repository
from nbpromote.environment import (
    Drift,
    Environment,
    Used,
    find_clash,
    find_drift,
    find_installed_drift,
    find_kernel_drift,
    find_usage_drift,
    parse_conda_lock,
    parse_environment,
    parse_pins,
)
from nbpromote.environment.conda import Asked, CondaLock
from nbpromote.environment.needs import find_needs
from nbpromote.environment.packages import normal_name, pypi_name, satisfies
from nbpromote.environment.pins import Pin
from nbpromote.errors import UnreadableNotebook
from nbpromote.notebook import read
from nbpromote.notebook.model import Cell, CellKind, Format, Notebook

_PLATFORMS = {
    ("Linux", "x86_64"): "linux-64", ("Darwin", "arm64"): "osx-arm64", ("Darwin", "x86_64"): "osx-64",
    ("Windows", "AMD64"): "win-64",
}  # fmt: skip
_PYTHON = {"python", "python3"}


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at, in words, and every disagreement."""

    checked: tuple[str, ...]
    drift: tuple[Drift, ...]

    @property
    def is_drifted(self) -> bool:
        return any(not one.is_note for one in self.drift)


def check(repository: Repository, *, with_installed: bool = True) -> Report:
    """Hold environment.yml, both locks, pyproject.toml, the imports, and what is installed against each other.

    Raises:
        UnreadableLock: a file cannot be read as what it is.
    """
    root = repository.root
    texts = {name: _text(root / name) for name in ("environment.yml", "conda-lock.yml", "requirements.lock")}
    if (asked_text := texts["environment.yml"]) is None:
        hint = "write what the notebooks import into it: name, channels, platforms, dependencies"
        return Report(("environment.yml",), (Drift("environment.yml", "is not there", hint),))
    asked = parse_environment(asked_text)
    conda = parse_conda_lock(texts["conda-lock.yml"]) if texts["conda-lock.yml"] is not None else None
    pins = parse_pins(texts["requirements.lock"]) if texts["requirements.lock"] is not None else None
    found = [*_locked(root, asked, conda, pins)]
    names = _locked_names(conda, pins)
    told = [*_used(repository)]
    used = [one for one in told if isinstance(one, Used)]
    found += [one for one in told if isinstance(one, Drift)]
    found += find_usage_drift(asked, used, tool=_tool(), locked=names)
    found += find_kernel_drift(used, _kernels(), asked)
    checked = [name for name, text in texts.items() if text is not None]
    checked.append(f"{len(used)} notebooks and modules")
    if with_installed:
        found += _installed(asked, conda, pins)
        checked.append(f"the Python {platform.python_version()} that runs this")
    return Report(tuple(checked), tuple(sorted(set(found))))


def _locked(root: Path, asked: Asked, conda: CondaLock | None, pins: tuple[Pin, ...] | None) -> Iterator[Drift]:
    if conda is None:
        yield Drift("conda-lock.yml", "is not there", "make it: nbpromote env lock")
    if pins is None and asked.pip:
        yield Drift(
            "requirements.lock", "is not there, and environment.yml has a pip part", "make it: nbpromote env lock"
        )
    needed = pins if pins is not None else ()
    whole = conda if conda is not None else CondaLock(asked.platforms, asked.channels, ())
    drift = find_drift(Environment(asked, whole, needed, _required(root)))
    for one in drift:
        if (conda is None and one.where.startswith("conda-lock")) or (pins is None and one.where.startswith("require")):
            continue
        yield one
    for where, names in (
        ("conda-lock.yml", _locked_names(conda, None)),
        ("requirements.lock", _locked_names(None, pins)),
    ):
        yield from find_clash(where, names)


def _installed(asked: Asked, conda: CondaLock | None, pins: tuple[Pin, ...] | None) -> Iterator[Drift]:
    """The running interpreter against the locks: of conda where it is conda's, else of PyPI."""
    prefix = Path(sys.prefix)
    here = platform.python_version()
    python = next((ask for ask in asked.conda if ask.name == "python"), None)
    if python is not None and satisfies(here, python.spec) is False:
        what = f"this is Python {here}, environment.yml asks for {python.spec}"
        yield Drift("installed", what, "run nbpromote with the environment's own Python")
        return
    installed = {
        normal_name(one.metadata["Name"]): one.version for one in metadata.distributions() if one.metadata["Name"]
    }
    yield from find_clash("installed", installed)
    of_conda = {}
    if (prefix / "conda-meta").is_dir() and conda is not None:
        of_conda = _conda_installed(prefix)
        locked = conda.on(_PLATFORMS.get((platform.system(), platform.machine()), ""))
        for name, package in locked.items():
            version = of_conda.get(name)
            if version is None:
                what = f"{name} {package.version} is locked but not installed"
                yield Drift("installed", what, "install conda-lock.yml again")
            elif version != package.version:
                what = f"{name} {version} is installed, {package.version} is locked"
                yield Drift("installed", what, "install conda-lock.yml again")
    if pins is not None:
        shared = {pypi_name(name) for name in of_conda}
        yield from find_installed_drift(pins, installed, ours=["nbpromote", "pip", "setuptools", "wheel", *shared])


def _conda_installed(prefix: Path) -> dict[str, str]:
    found = {}
    for path in (prefix / "conda-meta").glob("*.json"):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        found[str(record.get("name"))] = str(record.get("version"))
    return found


def _used(repository: Repository) -> Iterator[Used | Drift]:
    """Production notebooks, and the modules of the repository's commonlib, each with its needs; or what is unread."""
    installed = metadata.packages_distributions()
    specifications = read_settings(repository.root).specifications
    own = own_modules(repository.root)
    for path in find_notebooks([repository.folder("production")]) if repository.folder("production").is_dir() else ():
        name = repository.relative(path)
        try:
            notebook = read(path, name=name)
        except UnreadableNotebook as error:
            yield Drift(name, f"what it imports is not known: {error.reason}", error.hint)
            continue
        facts = analyse(notebook, specifications=specifications)
        yield Used(name, find_needs(facts, installed, own=own), _kernel(notebook))
    for path in sorted((repository.root / "commonlib").rglob("*.py")):
        if "__pycache__" not in path.parts:
            name = repository.relative(path)
            yield Used(name, find_needs(_facts_of_module(path, name), installed, own=own))


def _facts_of_module(path: Path, name: str) -> Facts:
    cell = Cell("module", 1, CellKind.CODE, path.read_text(encoding="utf-8", errors="replace"))
    return analyse(Notebook(name, Format.TEXT, "python", (cell,), {}))


def _kernel(notebook: Notebook) -> str:
    spec = notebook.metadata.get("kernelspec")
    name = spec.get("name") if isinstance(spec, dict) else None
    return str(name) if name else "python3"


def _kernels() -> set[str]:
    from jupyter_client.kernelspec import KernelSpecManager

    return {*KernelSpecManager().find_kernel_specs(), *_PYTHON}


def own_modules(root: Path) -> set[str]:
    """The modules that lie in the repository, and are installed from nowhere."""
    found = {path.stem for path in (*root.glob("*.py"), *root.glob("src/*.py"))}
    return found | {path.parent.name for path in (*root.glob("*/__init__.py"), *root.glob("src/*/__init__.py"))}


def _tool() -> set[str]:
    """What nbpromote and its extras need: it runs the notebooks, and imports what they need not."""
    try:
        texts = metadata.requires("nbpromote") or []
    except metadata.PackageNotFoundError:
        texts = []
    return {normal_name(Requirement(text).name) for text in texts}


def _locked_names(conda: CondaLock | None, pins: Sequence[Pin] | None) -> set[str]:
    names = {pypi_name(package.name) for package in conda.packages} if conda is not None else set()
    return names | {pin.name for pin in pins or ()}


def _required(root: Path) -> tuple[str, ...]:
    """What pyproject.toml states that the project needs."""
    text = _text(root / "pyproject.toml")
    try:
        project = tomllib.loads(text or "").get("project", {})
    except tomllib.TOMLDecodeError:
        return ()
    return tuple(one for one in project.get("dependencies", ()) if isinstance(one, str) and _is_requirement(one))


def _is_requirement(text: str) -> bool:
    try:
        Requirement(text)
    except InvalidRequirement:
        return False
    return True


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None
