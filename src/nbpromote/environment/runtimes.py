"""What a Databricks runtime ships, held against what is locked and what notebooks import."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from nbpromote.environment.packages import normal_name
from nbpromote.environment.usage import Used
from nbpromote.errors import UsageError

_DATA = Path(__file__).with_name("databricks_runtimes.yml")


class UnknownRuntime(UsageError):
    """A runtime of which nothing is known here."""

    def __init__(self, version: str, known: Sequence[str]) -> None:
        self.version = version
        super().__init__(
            f"Databricks runtime {version} is not known here ({', '.join(known)} are); "
            "give what it has: in a notebook there, %pip freeze, and --listing FILE"
        )


@dataclass(frozen=True, slots=True)
class Runtime:
    """A runtime: name -> version of what it ships, where that is told, and whether all of it is listed."""

    name: str
    python: str | None
    packages: Mapping[str, str]
    source: str
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Meeting:
    """A package that a notebook meets in another version there, or not at all (`there` is None).

    `notebooks` are those that import it, or the modules of commonlib that do; `is_known` is false where the runtime's
    list does not tell of it.
    """

    package: str
    locked: str
    there: str | None
    notebooks: tuple[str, ...]
    is_known: bool = True

    @property
    def is_major(self) -> bool:
        """Whether the first number differs, or for a package below 1 the second."""
        first, second = (version.split(".") for version in (self.locked, self.there or self.locked))
        return first[0] != second[0] or (first[0] == "0" and first[1:2] != second[1:2])


def read_runtime(version: str) -> Runtime:
    """What is known of a runtime, named as 16.4, 16.4 LTS or 16.4.x-scala2.12.

    Raises:
        UnknownRuntime: nothing is.
    """
    data = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    known = data["runtimes"]
    wanted = re.match(r"(\d+\.\d+)(\.x\S*|\s*LTS)?$", version.strip(), re.IGNORECASE)
    name = next((one for one in known if wanted and one.split()[0] == wanted[1]), None)
    if name is None:
        raise UnknownRuntime(version, tuple(known))
    packages = {normal_name(package): str(number) for package, number in known[name]["packages"].items()}
    return Runtime(name, known[name]["python"], packages, f"{data['source']}; see {known[name]['notes']}")


def parse_listing(text: str, version: str, path: str) -> Runtime:
    """A runtime as `pip freeze` on it lists what it has."""
    packages = {}
    for line in text.splitlines():
        match = re.match(r"([A-Za-z0-9][\w.-]*)==(\S+)", line.strip())
        if match:
            packages[normal_name(match[1])] = match[2]
    return Runtime(version, None, packages, path, is_whole=True)


def find_meetings(runtime: Runtime, locked: Mapping[str, str], used: Sequence[Used]) -> tuple[Meeting, ...]:
    """Where production notebooks and commonlib would meet another version on the runtime than the locked one."""
    importing: dict[str, list[str]] = {}
    for one in used:
        for need in one.needs:
            if need.modules and not need.is_lazy:
                importing.setdefault(need.distribution, []).append(one.path)
    found = []
    for package, paths in sorted(importing.items()):
        version = locked.get(package)
        there = runtime.packages.get(package)
        if version is not None and there != version:
            is_known = there is not None or runtime.is_whole
            found.append(Meeting(package, version, there, tuple(paths), is_known))
    return tuple(found)
