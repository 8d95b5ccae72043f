"""What the locks of a repository hold."""

from pathlib import Path

from nbpromote.environment import parse_conda_lock, parse_pins
from nbpromote.environment.packages import pypi_name
from nbpromote.environment.pins import versions_on

CONDA_LOCK, PYPI_LOCK = "conda-lock.yml", "requirements.lock"


def locked_versions(root: Path) -> dict[str, str]:
    """Name -> version of what both locks hold here: of conda's Python packages those of the first platform, and Python.

    Raises:
        UnreadableLock: one of them cannot be read.
    """
    found: dict[str, str] = {}
    if (root / CONDA_LOCK).is_file():
        lock = parse_conda_lock((root / CONDA_LOCK).read_text(encoding="utf-8"))
        packages = lock.on(lock.platforms[0]).values() if lock.platforms else ()
        found = {pypi_name(one.name): one.version for one in packages if one.is_python or one.name == "python"}
    if (root / PYPI_LOCK).is_file():
        found |= versions_on(parse_pins((root / PYPI_LOCK).read_text(encoding="utf-8")), {})
    return found
