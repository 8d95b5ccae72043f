"""What is installed: the distributions of an interpreter, and the packages of a conda environment."""

import json
import re
from importlib import metadata
from pathlib import Path

from nbpromote.environment.packages import normal_name

_FIELD = re.compile(r"^(Name|Version):[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)


def distributions() -> dict[str, str]:
    """Name -> version of every distribution that this interpreter finds; of two the one that it imports."""
    found: dict[str, str] = {}
    for one in metadata.distributions():
        # Not `one.metadata`, which parses the whole description: half a second for an environment with Spark.
        text = (one.read_text("METADATA") or one.read_text("PKG-INFO") or "").partition("\n\n")[0]
        said = {key.lower(): value for key, value in _FIELD.findall(text)}
        if "name" in said and "version" in said:
            found.setdefault(normal_name(said["name"]), said["version"])
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
