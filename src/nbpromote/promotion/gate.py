"""Whether commonlib's version and changelog tell what has changed for its callers since the last release."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from nbpromote.promotion.interface import Change, Size, find_changes
from nbpromote.promotion.version_range import Version, text_of, version_of
from nbpromote.promotion.versioning import moved

_HEADING = re.compile(r"^## \[?(\d+)\.(\d+)\.(\d+)\b[^\n]*\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
INIT, CHANGELOG = "commonlib/__init__.py", "commonlib/CHANGELOG.md"


@dataclass(frozen=True, slots=True)
class Gate:
    """What changed since the release, and what is wrong with how it is told; nothing wrong opens the gate.

    `released` is None before the first release.
    """

    released: Version | None
    version: Version | None
    changes: tuple[Change, ...]
    faults: tuple[str, ...]


def judge(before: Mapping[str, str] | None, after: Mapping[str, str]) -> Gate:
    """Judge a commonlib against its last release.

    Args:
        before: path -> text of the released modules and changelog; None when there is no release.
        after: the same of what is there now.
    """
    version = version_of(after.get(INIT, "").encode())
    if version is None:
        return Gate(None, None, (), (f"{INIT}: states no __version__",))
    faults = []
    top = next(((tuple(map(int, found[:3])), found[3]) for found in _HEADING.findall(after.get(CHANGELOG, ""))), None)
    if top is None:
        faults.append(f"{CHANGELOG}: has no heading with a version; write ## [{text_of(version)}]")
    elif top[0] != version:
        shown = ".".join(map(str, top[0]))
        faults.append(f"{CHANGELOG}: its newest version is {shown}, and {INIT} states {text_of(version)}")
    if before is None:
        return Gate(None, version, (), tuple(faults))
    released = version_of(before.get(INIT, "").encode())
    changes = _changes(before, after)
    size = max((one.size for one in changes), default=None)
    if released is not None and size is not None:
        wanted = moved(released, size)
        if version < wanted:
            what = {Size.MAJOR: "breaks callers", Size.MINOR: "adds to the interface"}.get(size, "changes code")
            faults.append(
                f"{INIT}: is {text_of(version)} after the release {text_of(released)}, and what changed {what}; "
                f"make it {text_of(wanted)}"
            )
        if top is not None and top[0] == version and not re.search(r"^\s*[-*] ", top[1], re.MULTILINE):
            faults.append(f"{CHANGELOG}: says nothing of {text_of(version)}")
    if released is not None and version < released:
        faults.append(f"{INIT}: {text_of(version)} is older than the release {text_of(released)}")
    return Gate(released, version, changes, tuple(faults))


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    found: list[Change] = []
    for path in sorted({*before, *after}):
        module = path.removeprefix("commonlib/").removesuffix(".py").replace("/", ".")
        if not path.endswith(".py") or any(part.startswith("_") for part in module.split(".")):
            continue
        if path not in after:
            found.append(Change(Size.MAJOR, module, "is gone"))
        elif before.get(path) != after[path]:
            found += find_changes(module, before.get(path), after[path])
    return tuple(found)
