"""The PyPI part of the environment, locked by uv with hashes, held to the conda part's versions."""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from nbpromote.effects.environment.solving import Movement, run_solver
from nbpromote.environment.conda import Asked, CondaLock, is_option
from nbpromote.environment.packages import normal_name, pypi_name
from nbpromote.environment.pins import PLATFORMS, tidy

_MARKERS = {
    "linux-64": "sys_platform == 'linux'",
    "osx-arm64": "sys_platform == 'darwin' and platform_machine == 'arm64'",
    "osx-64": "sys_platform == 'darwin' and platform_machine == 'x86_64'",
    "win-64": "sys_platform == 'win32'",
}
_VIA = re.compile(r"^    # +(?:via +)?([a-z0-9][a-z0-9._-]*)(?: \(.*\))?$")


def lock_pypi(
    python: Path, root: Path, asked: Asked, conda: CondaLock, *, movement: Movement, old: bytes | None, work: Path
) -> tuple[str, Mapping[str, Sequence[str]]]:
    """The text of requirements.lock, and for each package the packages that need it.

    Args:
        python: The interpreter that has uv.
        root: The repository: what its pyproject.toml requires, and the groups there, are locked too.
        asked: environment.yml.
        conda: The conda part, already solved.
        movement: What may move.
        old: The lock as it is; None for none.
        work: A folder for files of the solver.

    Raises:
        NotLocked: with uv's reason.
    """
    (work / "shared.txt").write_text("".join(_shared(conda)), encoding="utf-8")
    (work / "environment.in").write_text("".join(f"{line}\n" for line in asked.pip), encoding="utf-8")
    made = work / "requirements.lock"
    if old is not None:
        made.write_text(_preferring(old.decode(), movement.prefer), encoding="utf-8")
    version = python_version(conda)
    project = _project(root)
    inputs = ["environment.in"]
    if "dependencies" in project.get("project", {}):
        inputs.append(str(root / "pyproject.toml"))
    groups = [f"--group={root / 'pyproject.toml'}:{name}" for name in project.get("dependency-groups", {})]
    settings = project.get("tool", {}).get("uv")
    if settings is None:
        listed = json.dumps(_environments(asked, version))
        (work / "pyproject.toml").write_text(f"[tool.uv]\nenvironments = {listed}\n", encoding="utf-8")
    options = ["--universal", "--python-version", version, "--generate-hashes", "--no-header", "--quiet"]
    with_addresses = any(map(is_option, asked.pip))
    options += ["--emit-index-url"] if with_addresses else []
    options += (
        ["--upgrade"] if movement.everything else [f"--upgrade-package={name}" for name in sorted(movement.upgrade)]
    )
    call = [str(python), "-m", "uv", "pip", "compile", *(str(work / one) if "/" not in one else one for one in inputs)]
    command = [*call, *groups, *options, "--constraint", str(work / "shared.txt"), "-o", str(made)]
    # uv reads its settings where it runs: the project's, else those that name the platforms.
    run_solver("requirements.lock", command, root if settings is not None else work)
    text = made.read_text(encoding="utf-8")
    return _header(asked, version) + tidy(text, version, with_addresses=with_addresses), _needed_by(text)


def required_names(root: Path) -> tuple[str, ...]:
    """The distributions that pyproject.toml names, in its dependencies and its groups."""
    project = _project(root)
    groups = project.get("dependency-groups", {}).values()
    texts = [*project.get("project", {}).get("dependencies", ()), *(one for group in groups for one in group)]
    found = []
    for text in texts:
        try:
            found.append(normal_name(Requirement(str(text)).name))
        except InvalidRequirement:
            continue
    return tuple(found)


def python_version(conda: CondaLock) -> str:
    """The Python that is locked, as 3.11."""
    version = next((one.version for one in conda.packages if one.name == "python"), "3.11")
    return ".".join(version.split(".")[:2])


def _project(root: Path) -> dict[str, Any]:
    try:
        return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _shared(conda: CondaLock) -> list[str]:
    """What conda installs, as constraints; on the platforms where it is that version, when they differ."""
    versions: dict[str, dict[str, list[str]]] = {}
    for package in conda.packages:
        if package.is_python:
            versions.setdefault(pypi_name(package.name), {}).setdefault(package.version, []).append(package.platform)
    lines = []
    for name, found in sorted(versions.items()):
        for version, platforms in sorted(found.items()):
            only = " or ".join(f"({_MARKERS[one]})" for one in platforms if one in _MARKERS)
            lines.append(f"{name}=={version}\n" if len(found) == 1 or not only else f"{name}=={version} ; {only}\n")
    return lines


def _preferring(text: str, versions: Mapping[str, str]) -> str:
    """The lock with other versions for these packages, from which uv starts."""
    kept, is_kept = [], True
    for line in text.splitlines():
        match = re.match(r"([A-Za-z0-9][\w.-]*)(\[[^]]*\])?==", line)
        if match:
            is_kept = normal_name(match[1]) not in versions
        if is_kept or line.startswith("#"):
            kept.append(line)
    return "\n".join([*kept, *(f"{name}=={version}" for name, version in sorted(versions.items())), ""])


def _needed_by(text: str) -> dict[str, list[str]]:
    """Name -> the packages that need it, of uv's annotations."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        pin = re.match(r"([A-Za-z0-9][\w.-]*)==", line)
        if pin:
            name = normal_name(pin[1])
        elif (via := _VIA.match(line)) and via[1] not in ("via", "nbpromote") and "(" not in line:
            found.setdefault(name, []).append(via[1])
    return found


def _environments(asked: Asked, version: str) -> list[str]:
    python = f"python_version == '{version}' and implementation_name == 'cpython'"
    systems = dict.fromkeys(PLATFORMS[one]["sys_platform"] for one in asked.platforms if one in PLATFORMS)
    return [f"sys_platform == '{system}' and {python}" for system in systems]


def _header(asked: Asked, python: str) -> str:
    return (
        f"# Every PyPI package of the environment, for CPython {python} on {', '.join(asked.platforms)}, by version\n"
        "# and sha256. Made from environment.yml, pyproject.toml and conda-lock.yml by nbpromote env lock.\n"
    )
