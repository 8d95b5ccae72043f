"""How a solver is called, what it may move, and how its refusal reads."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nbpromote.effects.environment.installing import index_environ
from nbpromote.environment.conda import CondaLock
from nbpromote.environment.packages import pypi_name
from nbpromote.errors import NbpromoteError, UsageError


class NotLocked(NbpromoteError):
    """A solver found no environment."""

    def __init__(self, file: str, reason: str) -> None:
        self.file, self.reason = file, reason
        super().__init__(f"{file}: no environment satisfies what is asked for; both locks stay as they were:\n{reason}")


class UnknownPackage(UsageError):
    """A package is to move that no lock holds."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            f"{', '.join(names)}: no lock holds that; write it into environment.yml to have it, then nbpromote env lock"
        )


@dataclass(frozen=True, slots=True)
class Movement:
    """What a re-lock may move beyond what it must: everything, or the packages named, as far as they can.

    `prefer` are versions (by PyPI name) that are taken in place of the locked ones where they fit.
    """

    everything: bool = False
    upgrade: frozenset[str] = frozenset()
    prefer: Mapping[str, str] = field(default_factory=dict)

    def conda_names(self, before: CondaLock | None) -> set[str]:
        """The conda packages that are to move."""
        packages = before.packages if before is not None else ()
        return {one.name for one in packages if {one.name, pypi_name(one.name)} & self.upgrade}


def run_solver(file: str, command: Sequence[str], cwd: Path, environ: Mapping[str, str] | None = None) -> None:
    """Run a solver; NotLocked, with its reason, when it finds nothing."""
    whole = index_environ() | dict(environ or {})
    done = subprocess.run(command, cwd=cwd, env=whole, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotLocked(file, reason_of(done.stderr.strip() or done.stdout.strip()))


def reason_of(output: str) -> str:
    """What a solver gave as its reason, out of what conda-lock printed around it."""
    match = re.search(r"Could not lock the environment for platform (\S+)\n(.*?)\n\s+Command: ", output, re.DOTALL)
    return f"on {match[1]}: {match[2].strip()}" if match else output
