"""Where the files that describe the environment, and what is installed, have drifted apart."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement

from nbpromote.environment.conda import Asked, CondaLock, CondaPackage, is_option
from nbpromote.environment.packages import normal_name, pypi_name, satisfies
from nbpromote.environment.pins import PLATFORMS, Pin, versions_on

RELOCK = "make the locks anew: nbpromote env lock"
_MAKE = "make it: nbpromote env lock"


@dataclass(frozen=True, slots=True, order=True)
class Drift:
    """One disagreement: where it shows, what it is, what to do about it. A note is worth a look and breaks nothing."""

    where: str
    what: str
    hint: str
    is_note: bool = False

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.hint}"


@dataclass(frozen=True, slots=True)
class Environment:
    """What a repository says about its environment: environment.yml, both locks (None where there is no such file),
    and the requirements that pyproject.toml states."""

    asked: Asked
    conda: CondaLock | None
    pins: tuple[Pin, ...] | None
    required: tuple[str, ...]


def find_drift(environment: Environment) -> tuple[Drift, ...]:
    """Every disagreement between the files, sorted."""
    asked, conda, pins = environment.asked, environment.conda, environment.pins
    found = {
        *_unreadable("environment.yml", asked.pip),
        *_unreadable("pyproject.toml", environment.required),
    }
    if conda is None:
        found.add(Drift("conda-lock.yml", "is not there", _MAKE))
    else:
        found |= {*_asked_and_locked(asked, conda), *_whole(conda)}
    if pins is not None:
        for where, requirements in (("environment.yml", asked.pip), ("pyproject.toml", environment.required)):
            found |= {*_pinned(where, requirements, pins, asked.platforms)}
        found |= {*_well_formed(pins), *(_both_locks(conda, pins) if conda is not None else ())}
    elif asked.pip:
        found.add(Drift("requirements.lock", "is not there, and environment.yml has a pip part", _MAKE))
    return tuple(sorted(found))


def find_installed_drift(
    pins: Sequence[Pin], installed: Mapping[str, str], *, ours: Sequence[str]
) -> tuple[Drift, ...]:
    """Where the installed distributions (name -> version) are not the locked ones; `ours` need no lock."""
    locked = versions_on(pins, {})
    found = []
    for name, version in locked.items():
        if name not in installed:
            found.append(Drift("installed", f"{name} {version} is locked but not installed", "run make environment"))
        elif installed[name] != version:
            what = f"{name} {installed[name]} is installed, {version} is locked"
            found.append(Drift("installed", what, "run make environment"))
    for name in installed.keys() - locked.keys() - set(ours):
        what = f"{name} {installed[name]} is installed but not locked"
        found.append(
            Drift("installed", what, "ask for it in pyproject.toml and make the locks anew, or remove it", is_note=True)
        )
    return tuple(sorted(found))


def _asked_and_locked(asked: Asked, lock: CondaLock) -> Iterator[Drift]:
    for platform in asked.platforms:
        if platform not in lock.platforms:
            yield Drift("conda-lock.yml", f"does not lock {platform}, which environment.yml names", RELOCK)
            continue
        locked = lock.on(platform)
        for ask in asked.conda:
            if not ask.is_for(platform):
                continue
            package = locked.get(ask.name)
            if package is None:
                yield Drift("conda-lock.yml", f"{platform} lacks {ask.name}, which environment.yml asks for", RELOCK)
            elif satisfies(package.version, ask.spec) is False:
                what = f"{platform} has {ask.name} {package.version}, environment.yml asks for {ask.spec}"
                yield Drift("conda-lock.yml", what, RELOCK)
    if asked.channels != lock.channels:
        what = f"locks from {', '.join(lock.channels)}, environment.yml names {', '.join(asked.channels)}"
        yield Drift("conda-lock.yml", what, RELOCK)


def _whole(lock: CondaLock) -> Iterator[Drift]:
    """Each platform holds all that its packages need, each package once, with hashes, from where its name says."""
    for platform in lock.platforms:
        locked = lock.on(platform)
        for package in locked.values():
            yield from _needs_met(package, locked)
    seen = set()
    for package in lock.packages:
        place = f"{package.platform} {package.name}"
        if place in seen:
            yield Drift("conda-lock.yml", f"{place} is locked twice", RELOCK)
        seen.add(place)
        if package.platform not in lock.platforms:
            yield Drift("conda-lock.yml", f"{place} is for a platform that the file does not list", RELOCK)
        if package.manager != "conda":
            continue
        if not re.fullmatch("[0-9a-f]{32}", package.md5) or not re.fullmatch("[0-9a-f]{64}", package.sha256):
            yield Drift("conda-lock.yml", f"{place} has no well-formed md5 and sha256", RELOCK)
        file = rf"(https?|file)://.+/({package.platform}|noarch)/{re.escape(f'{package.name}-{package.version}-')}"
        if not re.fullmatch(file + r"[\w.]+\.(conda|tar\.bz2)", package.url):
            yield Drift("conda-lock.yml", f"{place} {package.version} has another's address: {package.url}", RELOCK)


def _needs_met(package: CondaPackage, locked: Mapping[str, CondaPackage]) -> Iterator[Drift]:
    for name, spec in package.needs:
        if name.startswith("__"):
            continue
        place = f"{package.platform} {package.name}"
        if name not in locked:
            yield Drift("conda-lock.yml", f"{place} needs {name}, which is not locked", RELOCK)
        elif satisfies(locked[name].version, spec) is False:
            yield Drift("conda-lock.yml", f"{place} needs {name} {spec}, locked is {locked[name].version}", RELOCK)


def _unreadable(where: str, requirements: Sequence[str]) -> Iterator[Drift]:
    for text in requirements:
        if _requirement(text) is None and not is_option(text):
            yield Drift(where, f"not a requirement: {text}", "write it as name>=version")


def _requirement(text: str) -> Requirement | None:
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


def _pinned(where: str, requirements: Sequence[str], pins: Sequence[Pin], platforms: Sequence[str]) -> Iterator[Drift]:
    for text in requirements:
        requirement = _requirement(text)
        if requirement is None:
            continue
        name = normal_name(requirement.name)
        for platform, values in PLATFORMS.items():
            if platform not in platforms:
                continue
            if requirement.marker and not requirement.marker.evaluate(dict(values)):
                continue
            version = versions_on(pins, values).get(name)
            if version is None:
                yield Drift("requirements.lock", f"lacks {name} on {platform}, which {where} asks for", RELOCK)
            elif not requirement.specifier.contains(version, prereleases=True):
                yield Drift(
                    "requirements.lock", f"has {name} {version}, {where} asks for {requirement.specifier}", RELOCK
                )


def _well_formed(pins: Sequence[Pin]) -> Iterator[Drift]:
    seen: dict[str, Pin] = {}
    for pin in pins:
        if not pin.hashes or not all(re.fullmatch("sha256:[0-9a-f]{64}", value) for value in pin.hashes):
            yield Drift(f"requirements.lock:{pin.line}", f"{pin.name} has no well-formed sha256", RELOCK)
        twin = seen.setdefault(pin.name, pin)
        if twin is not pin and any(pin.applies(values) and twin.applies(values) for values in PLATFORMS.values()):
            yield Drift(f"requirements.lock:{pin.line}", f"{pin.name} is locked twice for one platform", RELOCK)


def _both_locks(lock: CondaLock, pins: Sequence[Pin]) -> Iterator[Drift]:
    for platform in lock.platforms:
        pinned = versions_on(pins, PLATFORMS.get(platform, {}))
        for package in lock.on(platform).values():
            other = pinned.get(pypi_name(package.name)) if package.is_python else None
            if other is not None and satisfies(package.version, f"=={other}") is not True:
                what = f"{platform} has {package.name} {package.version}, requirements.lock has {other}"
                yield Drift("conda-lock.yml", what, RELOCK)
