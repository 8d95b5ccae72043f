"""Where things lie in a lake: names of datasets, their folders, and partitions as folder names. Standard library only.

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
_COLUMN = re.compile(r"[^\W\d]\w{0,99}")
_FILE = re.compile(r"[^\W_][\w. -]{0,199}")
# Hive's list of what must not stand in a folder's name, as Spark's ExternalCatalogUtils.escapePathName has it, and what
# Hadoop (}) and Windows (<>|) take for something else.
_ESCAPED = frozenset({*map(chr, range(1, 0x20)), "\x7f", *"\"#%'*/:=?\\{[]^}<>|"})


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


@dataclass(frozen=True, slots=True)
class PartitionValue:
    """One partition column of a write, with its value as text and the type that readers get it in."""

    name: str
    type: str
    text: str

    @property
    def folder(self) -> str:
        return f"{self.name}={escape(self.text)}"


def partition_values(partition: Mapping[str, object]) -> tuple[PartitionValue, ...]:
    """The partition in the order given, with types: text stays text, dates are dates, integers and booleans too.

    Raises BadName for a value that has no certain spelling (a fraction, a null, the empty text).
    """
    found = []
    for name, value in partition.items():
        if not _COLUMN.fullmatch(name):
            raise BadName(f"{name!r} cannot name a partition column; use letters, digits and '_'")
        match value:
            case bool():
                kind, text = "boolean", str(value).lower()
            case str():
                kind, text = "string", value
            case int():
                kind, text = "bigint", str(value)
            case datetime.date() if not isinstance(value, datetime.datetime):
                kind, text = "date", value.isoformat()
            case _:
                raise BadName(
                    f"partition {name}={value!r}: a partition value is text, a date, an integer or a boolean, "
                    f"not {type(value).__name__}"
                )
        if not text or "\0" in text or len(escape(text).encode()) + len(name.encode()) > 240:
            raise BadName(f"partition {name}={text[:40]!r}: a partition value is 1 to about 200 bytes, without NUL")
        found.append(PartitionValue(name, kind, text))
    return tuple(found)


def escape(text: str) -> str:
    """The text as Hive spells it in a folder's name; readers undo it."""
    return "".join(f"%{ord(character):02X}" if character in _ESCAPED else character for character in text)


def unescape(text: str) -> str:
    """The text that `escape` was given."""
    return re.sub(r"%([0-9A-Fa-f]{2})", lambda match: chr(int(match[1], 16)), text)
