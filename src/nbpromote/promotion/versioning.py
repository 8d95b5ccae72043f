"""commonlib's version and changelog, which move with what a promotion changes for those who import it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import ndiff

from nbpromote.promotion.changelog import Line, grouped, with_lines
from nbpromote.promotion.draft import Snapshot
from nbpromote.promotion.interface import Change, Size, find_changes
from nbpromote.promotion.plan import Decision, DecisionKind, FileEdit
from nbpromote.promotion.read_header import header_of
from nbpromote.promotion.version_range import STATED, VERSION_FILE, Version, is_in_range, range_for, text_of, version_of

CHANGELOG_FILE = "commonlib/CHANGELOG.md"
FILES = frozenset({VERSION_FILE, CHANGELOG_FILE})
_HARMLESS = ("is new", "says other things of itself")
_GROUPS = {Size.MINOR: "Added", Size.MAJOR: "Changed", Size.PATCH: "Changed"}


@dataclass(frozen=True, slots=True)
class Release:
    """What becomes of commonlib's version. `requires` is the range that a notebook needs that was made with it."""

    requires: str
    edits: tuple[FileEdit, ...] = ()
    decisions: tuple[Decision, ...] = ()


def release(modules: Sequence[FileEdit], source: str, target: str, snapshot: Snapshot) -> Release | None:
    """The release that these edits of commonlib's modules make; None where commonlib has no version.

    Args:
        source: the ad-hoc notebook that they come from, for the changelog.
        target: its production notebook, which follows by itself; others that call what has changed are named.
    """
    held = snapshot.read_bytes(VERSION_FILE)
    before = version_of(held)
    if held is None or before is None:
        return None
    changes = [change for edit in modules for change in _changes(edit)]
    if not changes:
        return Release(range_for(before))
    size = max(change.size for change in changes)
    after = moved(before, size)
    callers = _callers([change for change in changes if change.what not in _HARMLESS], target, snapshot)
    lines = _lines(changes, source, callers)
    edits = [FileEdit(VERSION_FILE, held, with_version(held, after))]
    log = snapshot.read_bytes(CHANGELOG_FILE)
    if log is not None:
        edits.append(
            FileEdit(CHANGELOG_FILE, log, with_lines(log.decode("utf-8", "replace"), text_of(after), lines).encode())
        )
    told = [change for change in changes if change.size is size]
    why = "; ".join(f"{change.name} {change.what}" for change in told[:6])
    if callers:
        why += f". Others call it: {', '.join(callers)}; test them, by nbpromote test"
    what = f"version {text_of(before)} becomes {text_of(after)}"
    decision = Decision(DecisionKind.VERSION, "commonlib", what, why, doubt=bool(callers))
    return Release(range_for(after), tuple(edits), (decision,))


def without_version(init: bytes) -> bytes:
    """commonlib's `__init__.py` but for the version that it states."""
    return STATED.sub("", init.decode("utf-8", "replace")).encode()


def held_range(snapshot: Snapshot, target: str) -> str | None:
    """The range that a production notebook states; None when it states none."""
    found = header_of(snapshot.read_bytes(target)).get("commonlib")
    return str(found) if found else None


def does(snapshot: Snapshot, wanted: str | None) -> bool:
    """Whether the commonlib that is there is in this range."""
    version = version_of(snapshot.read_bytes(VERSION_FILE))
    return wanted is None or version is None or is_in_range(version, wanted)


def caught_up(edits: Iterable[FileEdit], snapshot: Snapshot) -> tuple[FileEdit, ...]:
    """The edits with those of version and changelog on what is there by now, when another promotion landed meanwhile.

    Both are then of one version, as those of two branches that are merged.
    """
    made = []
    for edit in edits:
        now = snapshot.read_bytes(edit.path)
        if edit.path in FILES and now is not None and edit.after is not None and now != edit.before:
            after = _raised(now, edit.after) if edit.path == VERSION_FILE else _told_too(now, edit)
            made.append(FileEdit(edit.path, now, after))
        else:
            made.append(edit)
    return tuple(made)


def _raised(now: bytes, after: bytes) -> bytes:
    there, wanted = version_of(now), version_of(after)
    return now if there is None or wanted is None or there >= wanted else with_version(now, wanted)


def _told_too(now: bytes, edit: FileEdit) -> bytes:
    before, after = ((one or b"").decode("utf-8", "replace").splitlines() for one in (edit.before, edit.after))
    new = [line[2:] for line in ndiff(before, after) if line.startswith("+ ")]
    version = next((line.strip("# []") for line in new if line.startswith("## ")), "")
    lines = [(group, line) for group, line in grouped(new) if line.startswith("- ")]
    return with_lines(now.decode("utf-8", "replace"), version, lines).encode() if version else now


def with_version(init: bytes, version: Version) -> bytes:
    """commonlib's `__init__.py` with this version."""
    return STATED.sub(rf"\g<1>{text_of(version)}\g<5>", init.decode("utf-8", "replace"), count=1).encode()


def _changes(edit: FileEdit) -> tuple[Change, ...]:
    module = edit.path.removeprefix("commonlib/").removesuffix(".py").replace("/", ".")
    before = edit.before.decode("utf-8", "replace") if edit.before is not None else None
    return find_changes(module, before, (edit.after or b"").decode("utf-8", "replace"))


def _lines(changes: Sequence[Change], source: str, callers: Sequence[str]) -> list[Line]:
    found = []
    new = [f"`{change.name}`" for change in changes if change.what == "is new"]
    if new:
        found.append(("Added", f"- {', '.join(new)}, from {source}."))
    for change in changes:
        if change.what != "is new":
            called = f" Called by {', '.join(callers)}." if callers and change.what not in _HARMLESS else ""
            found.append((_GROUPS[change.size], f"- `{change.name}` {change.what}, from {source}.{called}"))
    return found


def _callers(changes: Sequence[Change], target: str, snapshot: Snapshot) -> tuple[str, ...]:
    """The other production notebooks that import what has changed."""
    found = []
    for path in snapshot.files("notebooks/production"):
        if path == target or not path.endswith((".py", ".ipynb")) or not changes:
            continue
        text = (snapshot.read_bytes(path) or b"").decode("utf-8", "replace")
        if any(_is_imported(change, text) for change in changes):
            found.append(path)
    return tuple(found)


def _is_imported(change: Change, text: str) -> bool:
    """Whether a notebook imports what has changed, or its module."""
    module, _, name = change.name.partition(".")
    name = name.split(".")[0]
    parts = rf"from commonlib\.{module} import (\([^)]*\)|[^\n]*)", r"from commonlib import (\([^)]*\)|[^\n]*)"
    names = [{name}, {module}]
    return any(
        set(re.findall(r"\w+", found)) & wanted
        for part, wanted in zip(parts, names, strict=True)
        for found in re.findall(part, text)
    )


def moved(version: Version, size: Size) -> Version:
    """The version after a change of this size."""
    major, minor, patch = version
    if size is Size.MAJOR:
        return major + 1, 0, 0
    return (major, minor + 1, 0) if size is Size.MINOR else (major, minor, patch + 1)
