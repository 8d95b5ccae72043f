"""What an ad-hoc notebook ran with, held against the common environment, and the smallest change that admits it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from nbpromote.environment.conda import Asked
from nbpromote.environment.needs import Need, parse_requirement
from nbpromote.environment.packages import normal_name, pypi_name
from nbpromote.environment.widening import admitting


@dataclass(frozen=True, slots=True)
class Move:
    """One package that the common environment would take from the notebook.

    `ran` is the version that the notebook ran with, None where that is not known; `locked` the common one, None where
    there is none; `line` is what environment.yml asks for now, and `becomes` what it would ask for: the same where the
    line admits the version already, None before where the package is new.
    """

    name: str
    ran: str | None
    locked: str | None
    line: str | None
    becomes: str

    def __str__(self) -> str:
        ran = self.ran or "of a version that is not known"
        if self.line is None:
            return f"{self.name} {ran} is new"
        return f"{self.name} {self.locked or 'not locked'} -> {ran}"


@dataclass(frozen=True, slots=True)
class Adoption:
    """What the common environment would take from a notebook, and what is only worth a word."""

    moves: tuple[Move, ...]
    notes: tuple[str, ...]

    @property
    def versions(self) -> dict[str, str]:
        """The versions to take, by name."""
        return {one.name: one.ran for one in self.moves if one.ran is not None}


def find_adoption(needs: Sequence[Need], ran: Mapping[str, str], locked: Mapping[str, str], asked: Asked) -> Adoption:
    """What the notebook has that the common environment does not.

    Args:
        needs: What the notebook imports, and asks pip for.
        ran: Name -> version of what its kernel has installed.
        locked: Name -> version of what is locked.
        asked: environment.yml.
    """
    moves, notes = [], []
    declared = _declared(asked)
    for need in needs:
        if need.is_optional and need.distribution not in ran:
            continue
        if not need.modules:
            notes.append(f"{need.distribution} is installed by the notebook, and imported by no cell of it")
            continue
        version = _ran_with(need, ran)
        line = declared.get(need.distribution)
        now = locked.get(need.distribution)
        if line is None:
            becomes = f"{need.distribution}>={_floor(version)}" if version else need.distribution
            moves.append(Move(need.distribution, version, now, None, becomes))
        elif version is None or version == now:
            continue
        elif now is not None and _is_older(version, now):
            notes.append(
                f"{need.distribution}: the notebook ran with {version}, the common environment has {now}, which is "
                "newer and stays; the promotion's proof shows whether results differ"
            )
        else:
            moves.append(Move(need.distribution, version, now, line, admitting(line, version)))
    return Adoption(tuple(moves), tuple(notes))


def _declared(asked: Asked) -> dict[str, str]:
    """Name -> the line of environment.yml, as it is written there."""
    found = {pypi_name(ask.name): f"{ask.name} {ask.spec}".strip() for ask in asked.conda}
    for text in asked.pip:
        try:
            found[normal_name(Requirement(text).name)] = text
        except InvalidRequirement:
            continue
    return found


def _ran_with(need: Need, ran: Mapping[str, str]) -> str | None:
    """The version that the notebook ran with: what one of its cells installs, else what its kernel has."""
    for text in need.asked:
        parsed = parse_requirement(text)
        exact = re.fullmatch(r"={1,3}\s*([\w.+!]+)", parsed.spec) if parsed else None
        if exact:
            return exact[1]
    return ran.get(need.distribution)


def _is_older(version: str, than: str) -> bool:
    try:
        return Version(version) < Version(than)
    except InvalidVersion:
        return False


def _floor(version: str) -> str:
    """Major and minor version: what a person would write."""
    return ".".join(version.split("+", maxsplit=1)[0].split(".")[:2])
