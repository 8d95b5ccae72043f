"""requirements.lock: every PyPI package by version and sha256."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from packaging.markers import InvalidMarker, Marker, default_environment

from nbpromote.environment.packages import normal_name
from nbpromote.errors import NbpromoteError

_HASH = re.compile(r"--hash=(\S+)")
_PIN = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)(\[[^]]*\])?==(?P<version>[^\s;]+)\s*(;(?P<marker>.*))?")
# The parts of a marker that are true wherever this lock is meant for (`tool.uv.environments` in pyproject.toml).
_ALWAYS = (
    "implementation_name == 'cpython'",
    "platform_python_implementation != 'PyPy'",
    "(sys_platform == 'darwin' or sys_platform == 'linux' or sys_platform == 'win32')",
)
# What a marker is asked on each platform that the environment is locked for.
PLATFORMS: dict[str, dict[str, str]] = {
    "linux-64": {"sys_platform": "linux", "platform_machine": "x86_64", "platform_system": "Linux", "os_name": "posix"},
    "osx-arm64": {
        "sys_platform": "darwin",
        "platform_machine": "arm64",
        "platform_system": "Darwin",
        "os_name": "posix",
    },
    "osx-64": {"sys_platform": "darwin", "platform_machine": "x86_64", "platform_system": "Darwin", "os_name": "posix"},
    "win-64": {"sys_platform": "win32", "platform_machine": "AMD64", "platform_system": "Windows", "os_name": "nt"},
}


class UnreadableLock(NbpromoteError):
    """A lock that does not read as one."""

    def __init__(self, path: str, line: int | None, what: str) -> None:
        self.path, self.line, self.what = path, line, what
        place = path if line is None else f"{path}:{line}"
        super().__init__(f"{place}: {what}; take the file as it was committed, or make it anew (docs/environment.md)")


@dataclass(frozen=True, slots=True)
class Pin:
    """One locked PyPI package; `line` is where it stands."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]
    line: int

    def applies(self, environment: Mapping[str, str] | None = None) -> bool:
        """Whether the package is installed there; `environment` holds what differs from this interpreter's."""
        if not self.marker:
            return True
        values = {**default_environment(), **(environment or {})}
        return Marker(self.marker).evaluate({key: str(value) for key, value in values.items()})


def parse_pins(text: str, path: str = "requirements.lock") -> tuple[Pin, ...]:
    """The pins of a hash-pinned requirements file, in order; UnreadableLock says which line is none."""
    pins = []
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        start = number
        whole = lines[number]
        while whole.endswith("\\") and number + 1 < len(lines):
            number += 1
            whole = whole[:-1] + " " + lines[number].strip()
        number += 1
        if not whole.strip() or whole.startswith(("#", "--")):
            continue
        match = _PIN.fullmatch(_HASH.sub("", whole).strip())
        if match is None:
            raise UnreadableLock(path, start + 1, f"not a package with its version: {whole.split()[0]}")
        marker = (match["marker"] or "").strip()
        try:
            Marker(marker or "os_name != ''")
        except InvalidMarker as error:
            raise UnreadableLock(path, start + 1, f"the marker does not read: {marker}") from error
        hashes = tuple(_HASH.findall(whole))
        pins.append(Pin(normal_name(match["name"]), match["version"], marker, hashes, start + 1))
    return tuple(pins)


def versions_on(pins: Sequence[Pin], environment: Mapping[str, str]) -> dict[str, str]:
    """Name -> version of what the lock installs there."""
    return {pin.name: pin.version for pin in pins if pin.applies(environment)}


def tidy(text: str, python: str = "3.11", *, with_addresses: bool = False) -> str:
    """What uv wrote, without the conditions that hold wherever the lock is used, nor comments.

    Args:
        text: The output of `uv pip compile`.
        python: The Python that the lock is for.
        with_addresses: Keep the addresses of indexes, which environment.yml asks for.
    """
    major, minor = python.split(".")
    always = {*_ALWAYS, f"python_full_version < '{major}.{int(minor) + 1}'", f"python_full_version >= '{python}'"}
    kept = []
    for line in text.splitlines():
        is_address = re.match(r"--(extra-)?index-url|--find-links|-i |-f ", line) is not None
        if re.match(r"\s*#", line) or (is_address and not with_addresses):
            continue
        pin, semicolon, marker = line.partition(" ; ")
        if semicolon:
            end = " \\" if marker.endswith("\\") else ""
            parts = [part for part in marker.removesuffix("\\").strip().split(" and ") if part not in always]
            line = f"{pin} ; {' and '.join(parts)}{end}" if parts else f"{pin}{end}"  # noqa: PLW2901
        kept.append(line)
    return "\n".join(kept) + "\n"
