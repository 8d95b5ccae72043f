"""A line that asks for a package, changed as little as lets a version in."""

import re
from collections.abc import Sequence

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from nbpromote.environment.packages import satisfies

_CLAUSE = re.compile(r"(===|==|>=|<=|!=|~=|=|>|<)?\s*([\w.+!]+?)(\.?\*)?")


def admitting(line: str, version: str) -> str:
    """The line of environment.yml or pyproject.toml with as little changed as lets this version in."""
    match = re.match(r"\s*(?:[\w./-]+::)?[\w.-]+(\[[^]]*\])?\s*", line)
    name = match[0] if match else ""
    spec, semicolon, marker = line[len(name) :].partition(";")
    if not spec.strip() or _admits(spec, version):
        return line
    clauses = [_admit(clause.strip(), version) for clause in spec.split(",")]
    kept = ",".join(clause for clause in clauses if clause)
    return f"{name}{kept}{' ;' + marker if semicolon else ''}".rstrip()


def _admits(spec: str, version: str) -> bool:
    if satisfies(version, spec) is not None:
        return satisfies(version, spec) is True
    try:
        return SpecifierSet(spec, prereleases=True).contains(version)
    except InvalidSpecifier:
        return True  # an address: nothing to widen


def _admit(clause: str, version: str) -> str:
    """The clause, widened to let the version in; empty where it can only go."""
    match = _CLAUSE.fullmatch(clause)
    if match is None or satisfies(version, clause) is True:
        return clause if match is not None else ""
    operator, number, star = match.groups()
    parts = version.split("+", maxsplit=1)[0].split(".")
    length = len(number.split("."))
    if operator in ("<", "<="):
        return f"<{_next(parts, length)}"
    if operator in ("!=", ">", ">="):
        return f">={version}" if operator != "!=" else ""
    begins_alike = star or operator in ("=", "~=", None)
    return f"{operator or ''}{'.'.join(parts[:length])}{star or ''}" if begins_alike else f"{operator}{version}"


def _next(parts: Sequence[str], length: int) -> str:
    """The first version behind all that begin like this, as long as the old bound was."""
    digits = [int(match[0]) if (match := re.match(r"\d+", part)) else 0 for part in parts]
    at = min(length, len(digits)) - 1
    bound = [*digits[:at], digits[at] + 1]
    return ".".join(map(str, bound))
