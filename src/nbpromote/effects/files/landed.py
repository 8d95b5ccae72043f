"""Which datasets of the lake hold what a file holds."""

import hashlib
from pathlib import Path

from commonlib.lake import logs
from commonlib.lake.errors import LakeError
from commonlib.lake.logs import Version


def datasets_of(path: Path, lake: Path) -> tuple[str, ...]:
    """The tables whose latest version was landed from this very file, byte for byte, and those validated from them."""
    try:
        size = path.stat().st_size if path.is_file() and lake.is_dir() else 0
        latest = {name: found for name in logs.list_datasets(str(lake)) if (found := _latest(name, lake))}
    except OSError:
        return ()
    landed = {
        name: found
        for name, found in latest.items()
        if size and [one.bytes for one in found.manifest.sources] == [size]
    }
    digest = _digest(path) if landed else ""
    landed = {name: found for name, found in landed.items() if found.manifest.sources[0].sha256 == digest}
    made_of = {(name, found.number) for name, found in landed.items()}
    validated = [
        name
        for name, found in latest.items()
        if name.startswith("validated/") and found.manifest.inputs
        and {(one.dataset, one.version) for one in found.manifest.inputs} <= made_of
    ]  # fmt: skip
    return (*landed, *(name for name in validated if name not in landed))


def _latest(dataset: str, lake: Path) -> Version | None:
    try:
        found = logs.latest(dataset, str(lake))
    except LakeError:
        return None  # whoever reads the dataset is told
    return found if found is not None and found.manifest.kind == "table" else None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
