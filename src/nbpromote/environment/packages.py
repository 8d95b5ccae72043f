"""The names and versions of packages: how they are compared between PyPI and conda."""

import re

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

# conda package -> PyPI distribution, where the names differ.
CONDA_NAMES = {
    "matplotlib-base": "matplotlib",
    "msgpack-python": "msgpack",
    "pyarrow-core": "pyarrow",
    "python-build": "build",
    "python-librt": "librt",
    "python-tzdata": "tzdata",
    "python-xxhash": "xxhash",
    "ruamel.yaml": "ruamel-yaml",
}


def normal_name(name: str) -> str:
    """The one spelling of a distribution's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pypi_name(conda_name: str) -> str:
    """The PyPI distribution that a conda package with Python modules is."""
    return CONDA_NAMES.get(conda_name, normal_name(conda_name))


def satisfies(version: str, spec: str) -> bool | None:
    """Whether a version is one that the spec asks for, in PyPI's or conda's writing; None where that cannot be told.

    Conda's forms that are read: `17.*`, `=17`, `>=2.3,<3`, `3.11.* *_cpython`, `1.2|1.3.*`, and none at all.
    """
    alternatives = [_specifiers(part) for part in spec.split("|")]
    try:
        parsed = Version(version)
        answers = [SpecifierSet(part, prereleases=True).contains(parsed) for part in alternatives if part is not None]
    except (InvalidSpecifier, InvalidVersion):
        return None
    if any(answers):
        return True
    return False if len(answers) == len(alternatives) else None


def _specifiers(conda: str) -> str | None:
    """One alternative of a conda spec in PyPI's writing, without its build; None where there is no such writing."""
    words = re.sub(r"([<>=!~,])\s+", r"\1", conda.strip()).split()
    parts = []
    for part in (words[0] if words else "*").split(","):
        if part in ("", "*"):
            continue
        match = re.fullmatch(r"(==|>=|<=|!=|~=|=|>|<)?([\w.+!]+?)(\.?\*)?", part)
        if match is None:
            return None
        operator, number, star = match.groups()
        if operator == "=" or (operator is None and star):
            parts.append(f"=={number}.*")
        elif operator in (">=", "<=", ">", "<"):
            parts.append(f"{operator}{number}")
        else:
            parts.append(f"{operator or '=='}{number}{'.*' if star else ''}")
    return ",".join(parts)
