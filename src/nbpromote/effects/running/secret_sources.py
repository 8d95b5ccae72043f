"""Where secrets come from: environment variables, files, a command, the system's keyring."""

import os
import shlex
import subprocess
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

from nbpromote.effects.files.repository import BadConfiguration
from nbpromote.errors import UsageError
from nbpromote.proof.observer.secrets import SHORTEST_GIVEN
from nbpromote.running.secret import Reference

_COMMAND_SECONDS = 60
_KEYS = {"environment": "prefix", "file": "path", "command": "command", "keyring": "service"}


class NoSuchSecret(UsageError):
    """A reference that leads to no secret. The message never holds one."""

    def __init__(self, parameter: str, reference: Reference, reason: str) -> None:
        self.parameter, self.reference, self.reason = parameter, reference, reason
        super().__init__(f"parameter {parameter}: {reference} leads to no secret: {reason}; nothing was begun")


def resolve(root: Path, references: Mapping[str, Reference]) -> dict[str, str]:
    """The secrets themselves, by parameter.

    Raises:
        NoSuchSecret: a source does not have one, or it is too short to be kept out of what a notebook shows.
        BadConfiguration: `[tool.nbpromote.secrets]` says something unknown.
    """
    sources = read_sources(root) if references else {}
    found = {}
    for parameter, reference in references.items():
        source = sources.get(reference.scope)
        if source is None and reference.scope != "env":
            known = ", ".join(sorted({*sources, "env"}))
            reason = f"no source is called {reference.scope} under [tool.nbpromote.secrets]; there are {known}"
            raise NoSuchSecret(parameter, reference, reason)
        try:
            value = (
                _ASK[source["source"]](source, reference.key, root) if source else _environment({}, reference.key, root)
            )
        except _Absent as error:
            raise NoSuchSecret(parameter, reference, str(error)) from None
        if len(value.strip()) < SHORTEST_GIVEN:
            reason = f"it is shorter than {SHORTEST_GIVEN} characters, and could not be told from other text"
            raise NoSuchSecret(parameter, reference, reason)
        found[parameter] = value
    return found


def read_sources(root: Path) -> dict[str, dict[str, str]]:
    """The sources by scope, as `[tool.nbpromote.secrets]` of this root's `pyproject.toml` says.

    Raises:
        BadConfiguration: one of them is none.
    """
    path = root / "pyproject.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {}).get("nbpromote", {}).get("secrets", {})
    except OSError:
        return {}
    except ValueError as error:
        raise BadConfiguration(str(path), f"is not TOML ({error})") from error
    found = {}
    for scope, source in table.items() if isinstance(table, dict) else ():
        where = f"[tool.nbpromote.secrets] {scope}"
        if not isinstance(source, dict) or source.get("source") not in _KEYS:
            raise BadConfiguration(str(path), f"{where} needs a source, one of {', '.join(sorted(_KEYS))}")
        own = _KEYS[source["source"]]
        if unknown := sorted(source.keys() - {"source", own}):
            raise BadConfiguration(str(path), f"{where} knows no {unknown[0]!r}; it may have {own}")
        if source["source"] in {"file", "command"} and not source.get(own):
            raise BadConfiguration(str(path), f"{where} needs a {own}")
        found[scope] = {
            key: shlex.join(map(str, value)) if isinstance(value, list) else str(value) for key, value in source.items()
        }
    return found


class _Absent(Exception):
    """Why a source has no such secret."""


def _environment(source: Mapping[str, str], key: str, _root: Path) -> str:
    name = f"{source.get('prefix', '')}{key}"
    if name not in os.environ:
        raise _Absent(f"the environment variable {name} is not set")
    return os.environ[name]


def _file(source: Mapping[str, str], key: str, root: Path) -> str:
    """A file of its own for each key (`/run/secrets/{key}`), or one of lines `KEY=value`."""
    place = source["path"]
    path = root / Path(place.replace("{key}", key)).expanduser()
    if "{key}" in place and ".." in Path(key).parts:
        raise _Absent("a key names no folder above")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _Absent(f"{path}: {getattr(error, 'strerror', None) or 'is no text'}") from None
    if "{key}" in place:
        return text.rstrip("\r\n")
    for line in text.splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and name.strip() == key:
            return value.strip().strip("'\"")
    raise _Absent(f"{path} has no line {key}=...")


def _command(source: Mapping[str, str], key: str, root: Path) -> str:
    words = [word.replace("{key}", key) for word in shlex.split(source["command"])]
    try:
        done = subprocess.run(
            words, cwd=root, stdin=subprocess.DEVNULL, capture_output=True, timeout=_COMMAND_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = getattr(error, "strerror", None) or f"took longer than {_COMMAND_SECONDS} s"
        raise _Absent(f"the command {words[0]}: {reason}") from None
    if done.returncode:
        raise _Absent(f"the command {words[0]} ended with exit code {done.returncode}")
    return done.stdout.decode(errors="replace").rstrip("\r\n")


def _keyring(source: Mapping[str, str], key: str, _root: Path) -> str:
    try:
        import keyring  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise _Absent("the package keyring is not installed") from None
    try:
        value = keyring.get_password(source.get("service", "nbpromote"), key)
    except Exception as error:  # its backends raise errors of their own
        raise _Absent(f"the keyring says: {type(error).__name__}") from None
    if value is None:
        raise _Absent(f"the keyring has no {key} of the service {source.get('service', 'nbpromote')}")
    return str(value)


_ASK: Mapping[str, Callable[[Mapping[str, str], str, Path], str]] = {
    "environment": _environment,
    "file": _file,
    "command": _command,
    "keyring": _keyring,
}
