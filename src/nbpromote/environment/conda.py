"""environment.yml, what is asked for, and conda-lock.yml, what is got."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from nbpromote.environment.pins import UnreadableLock

_SELECTOR = re.compile(r"#\s*\[(\w+)\]\s*$")
# conda-lock's selectors: https://conda.github.io/conda-lock/platforms/#platform-selectors
_SELECTED = {"linux": "linux-", "osx": "osx-", "win": "win-"}


@dataclass(frozen=True, slots=True)
class Ask:
    """One line of environment.yml: a package and the versions that would do; `selector` restricts it to platforms."""

    name: str
    spec: str
    selector: str | None = None

    def is_for(self, platform: str) -> bool:
        """Whether the line is meant for the platform."""
        if self.selector is None:
            return True
        if self.selector == "unix":
            return not platform.startswith("win-")
        return platform.startswith(_SELECTED.get(self.selector, self.selector))


@dataclass(frozen=True, slots=True)
class Asked:
    """environment.yml as a value."""

    channels: tuple[str, ...]
    platforms: tuple[str, ...]
    conda: tuple[Ask, ...]
    pip: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CondaPackage:
    """One package of conda-lock.yml on one platform. `needs` maps the names it depends on to their specs."""

    name: str
    version: str
    platform: str
    manager: str
    url: str
    md5: str
    sha256: str
    needs: tuple[tuple[str, str], ...]

    @property
    def is_python(self) -> bool:
        """Whether it holds Python modules; a C library may have a Python package's name (conda's tzdata)."""
        return any(name == "python" for name, _ in self.needs)


@dataclass(frozen=True, slots=True)
class CondaLock:
    """conda-lock.yml as a value."""

    platforms: tuple[str, ...]
    channels: tuple[str, ...]
    packages: tuple[CondaPackage, ...]

    def on(self, platform: str) -> dict[str, CondaPackage]:
        """Name -> package on one platform."""
        return {package.name: package for package in self.packages if package.platform == platform}


def parse_environment(text: str, path: str = "environment.yml") -> Asked:
    """Read environment.yml with conda-lock's platform selectors, `# [unix]` and their like."""
    document = _mapping(text, path)
    selectors = {
        line.partition("#")[0].strip().removeprefix("- ").strip("\"' "): match[1]
        for line in text.splitlines()
        if (match := _SELECTOR.search(line))
    }
    conda: list[Ask] = []
    pip: list[str] = []
    for item in document.get("dependencies") or ():
        if isinstance(item, str):
            name, spec = _split(item)
            conda.append(Ask(name, spec, selectors.get(item)))
        else:
            pip.extend(str(requirement) for requirement in item.get("pip") or ())
    return Asked(_texts(document.get("channels")), _texts(document.get("platforms")), tuple(conda), tuple(pip))


def without_pip(text: str) -> str:
    """environment.yml without its pip part, which requirements.lock locks."""
    kept: list[str] = []
    depth: int | None = None
    for line in text.splitlines(keepends=True):
        indent = len(line) - len(line.lstrip(" "))
        if depth is not None and (not line.strip() or indent > depth):
            continue
        depth = indent if re.match(r" *- pip:\s*(#.*)?$", line) else None
        if depth is None:
            kept.append(line)
    return "".join(kept)


def is_option(text: str) -> bool:
    """Whether a line of environment.yml's pip part is an option of pip's, such as `--extra-index-url`."""
    return text.startswith("-")


def parse_conda_lock(text: str, path: str = "conda-lock.yml") -> CondaLock:
    """Read a lock file as conda-lock writes it."""
    document = _mapping(text, path)
    try:
        metadata = document["metadata"]
        packages = tuple(
            CondaPackage(
                name=str(entry["name"]),
                version=str(entry["version"]),
                platform=str(entry["platform"]),
                manager=str(entry["manager"]),
                url=str(entry["url"]),
                md5=str(entry["hash"].get("md5") or ""),
                sha256=str(entry["hash"].get("sha256") or ""),
                needs=tuple((str(name), str(spec)) for name, spec in (entry.get("dependencies") or {}).items()),
            )
            for entry in document["package"]
        )
        channels = _texts([channel["url"] for channel in metadata["channels"]])
        return CondaLock(_texts(metadata["platforms"]), channels, packages)
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreadableLock(path, None, f"not as conda-lock writes it ({error!r})") from error


def _mapping(text: str, path: str) -> Mapping[str, Any]:
    try:
        # The C reader is ten times as quick, and conda-lock.yml has thousands of lines.
        document = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise UnreadableLock(path, mark.line + 1 if mark else None, "not YAML") from error
    if not isinstance(document, Mapping):
        raise UnreadableLock(path, None, "not a YAML mapping")
    return document


def _split(item: str) -> tuple[str, str]:
    match = re.fullmatch(r"\s*(?:[\w./-]+::)?([\w.-]+)\s*(.*)", item)
    name, spec = match.groups() if match else (item, "")
    return name.lower(), spec.strip()


def _texts(values: object) -> tuple[str, ...]:
    return tuple(str(value) for value in values) if isinstance(values, list) else ()
