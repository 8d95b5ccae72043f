"""Reads all that speaks of a repository's environment, and holds it together."""

import platform
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from nbpromote.effects.environment.installed import conda_packages, distributions
from nbpromote.effects.environment.using import find_users
from nbpromote.effects.environment.variants import find_variant_drift, locked_files
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
from nbpromote.environment.packages import normal_name, pypi_name, satisfies
from nbpromote.environment.pins import Pin

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
    found = [*find_drift(Environment(asked, conda, pins, _required(root)))]
    found += find_clash("conda-lock.yml", _locked_names(conda, None))
    found += find_clash("requirements.lock", _locked_names(None, pins))
    names = _locked_names(conda, pins)
    told = [*find_users(repository)]
    used = [one for one in told if isinstance(one, Used)]
    found += [one for one in told if isinstance(one, Drift)]
    found += find_usage_drift(asked, used, tool=_tool(), locked=names)
    found += find_kernel_drift(used, _kernels(), asked)
    found += find_variant_drift(root)
    checked = [*(name for name, text in texts.items() if text is not None), *locked_files(root)]
    checked.append(f"{len(used)} notebooks and modules")
    if with_installed:
        found += _installed(asked, conda, pins)
        checked.append(f"the Python {platform.python_version()} that runs this")
    return Report(tuple(checked), tuple(sorted(set(found))))


def _installed(asked: Asked, conda: CondaLock | None, pins: tuple[Pin, ...] | None) -> Iterator[Drift]:
    """The running interpreter against the locks: of conda where it is conda's, else of PyPI."""
    prefix = Path(sys.prefix)
    here = platform.python_version()
    python = next((ask for ask in asked.conda if ask.name == "python"), None)
    if python is not None and satisfies(here, python.spec) is False:
        what = f"this is Python {here}, environment.yml asks for {python.spec}"
        yield Drift("installed", what, "run nbpromote with the environment's own Python")
        return
    installed = distributions()
    yield from find_clash("installed", installed)
    of_conda = conda_packages(prefix)
    if of_conda and conda is not None:
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


def _kernels() -> set[str]:
    from jupyter_client.kernelspec import KernelSpecManager

    return {*KernelSpecManager().find_kernel_specs(), *_PYTHON}


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
    return tuple(str(one) for one in project.get("dependencies", ()))


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None
