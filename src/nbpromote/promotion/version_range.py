"""The version that commonlib states, and the range of them that a notebook needs."""

import re

VERSION_FILE = "commonlib/__init__.py"
STATED = re.compile(r'^(__version__ = ")(\d+)\.(\d+)\.(\d+)(")', re.MULTILINE)

Version = tuple[int, int, int]


def version_of(init: bytes | None) -> Version | None:
    """The version that commonlib's `__init__.py` states."""
    found = STATED.search((init or b"").decode("utf-8", "replace"))
    return (int(found[2]), int(found[3]), int(found[4])) if found else None


def range_for(version: Version) -> str:
    """The versions of commonlib that do for a notebook made with this one: all until callers must follow."""
    return f">={version[0]}.{version[1]},<{version[0] + 1}"


def is_in_range(version: Version, wanted: str) -> bool:
    """Whether this version is in a range as `range_for` makes them, or in another of plain comparisons."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return text_of(version) in SpecifierSet(wanted)
    except InvalidSpecifier:
        return False


def text_of(version: Version) -> str:
    """A version as people write it."""
    return ".".join(map(str, version))
