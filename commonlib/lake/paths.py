"""Where things lie in a lake: names of datasets, and their folders. Standard library only.

    <root>/<zone>/<name>/_log/<20 digits>.json          one manifest a version, published by one exclusive create
    <root>/<zone>/<name>/data/_attempt=<id>/...          what one write made; no other write ever uses the folder
    <root>/<zone>/<name>/data/_attempt=<id>/run_date=1997-09-30/part-....parquet

`_attempt=<id>` is spelled like a Hive partition, so that Spark reads files of several writes under one base path.
"""

import datetime
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from commonlib.lake.errors import BadName

ZONES = ("raw", "validated", "derived")
LOG = "_log"
DATA = "data"
ATTEMPT = "_attempt"
BEGUN = "%Y%m%dT%H%M%S"
ENTRY = re.compile(r"(\d{20})\.json")

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_FILE = re.compile(r"[^\W_][\w. -]{0,199}")


@dataclass(frozen=True, slots=True)
class Dataset:
    """A named table, or a named set of files, in one zone of the lake."""

    zone: str
    name: str

    def __str__(self) -> str:
        return f"{self.zone}/{self.name}"


def parse_dataset(text: str) -> Dataset:
    """The dataset that `zone/name` names. Raises BadName."""
    zone, slash, name = text.partition("/")
    if not slash or zone not in ZONES or not _NAME.fullmatch(name):
        raise BadName(
            f"{text!r} is not a dataset; write zone/name, with zone one of {', '.join(ZONES)}, "
            "and the name in lower-case letters, digits, '_' and '-', for example validated/purchases"
        )
    return Dataset(zone, name)


def check_file_name(name: str) -> str:
    """The name, fit to be a file beside others on any system. Raises BadName."""
    if not _FILE.fullmatch(name) or name.endswith((".", " ")):
        raise BadName(
            f"{name!r} is not a name for a file in the lake; begin with a letter or digit, and use letters, digits, "
            "'.', '_', '-' and spaces, without a folder"
        )
    return name


def root(environ: Mapping[str, str] = MappingProxyType(os.environ), start: Path | None = None) -> Path:
    """The folder of the lake: LAKE_ROOT, else `lake` in the repository around `start`, else `lake` in `start`.

    Raises BadName when LAKE_ROOT is no folder's name.
    """
    if named := environ.get("LAKE_ROOT"):
        if "://" in named:
            raise BadName(
                f"LAKE_ROOT={named.partition('://')[0]}://...: a lake lies on a local disk here; give a folder"
            )
        return Path(named).expanduser().absolute()
    here = (start or Path.cwd()).absolute()
    for folder in (here, *here.parents):
        if (folder / "commonlib").is_dir() or (folder / "pyproject.toml").is_file():
            return folder / "lake"
    return here / "lake"


def remote_root(environ: Mapping[str, str] = MappingProxyType(os.environ)) -> str | None:
    """LAKE_ROOT where it names no folder but a place elsewhere, such as s3://bucket/prefix."""
    named = environ.get("LAKE_ROOT", "")
    return named if "://" in named else None


def log_folder(dataset: Dataset) -> str:
    """The folder of the dataset's log, relative to the lake's root."""
    return f"{dataset}/{LOG}"


def log_path(dataset: Dataset, number: int) -> str:
    """The path of one version's manifest, relative to the lake's root."""
    return f"{dataset}/{LOG}/{number:020d}.json"


def attempt_folder(dataset: Dataset, attempt: str) -> str:
    """The folder that one write owns, relative to the lake's root."""
    return f"{dataset}/{DATA}/{ATTEMPT}={attempt}"


def begun(attempt: str) -> datetime.datetime:
    """When a write began, by the name of its folder, with or without `_attempt=`. Raises ValueError."""
    text = attempt.removeprefix(f"{ATTEMPT}=").partition("-")[0]
    return datetime.datetime.strptime(text, BEGUN).replace(tzinfo=datetime.UTC)
