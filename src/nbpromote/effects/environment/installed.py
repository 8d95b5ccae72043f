"""What is installed: the distributions of an interpreter, and the packages of a conda environment."""

import json
from importlib import metadata
from pathlib import Path

from nbpromote.environment.packages import normal_name


def distributions() -> dict[str, str]:
    """Name -> version of every distribution that this interpreter finds; of two the one that it imports."""
    found: dict[str, str] = {}
    for one in metadata.distributions():
        if one.metadata["Name"]:
            found.setdefault(normal_name(one.metadata["Name"]), one.version)
    return found


def conda_packages(prefix: Path) -> dict[str, str]:
    """Name -> version of the conda packages in the environment at this prefix; none where conda did not make it."""
    found = {}
    for path in (prefix / "conda-meta").glob("*.json"):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        found[str(record.get("name"))] = str(record.get("version"))
    return found
