"""What a committed version says about itself. Standard library only.

The log of a dataset is a folder of numbered manifests. A manifest lists the files that its write made, and which files
of earlier versions it took over (`carried`). When those are many, `carried` is null and they are those of the version
before, less what this one replaces; a complete list comes at least every 32 versions.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias, cast

from commonlib.lake.errors import BadManifest

FORMAT = 1
CHAIN = 32
INLINE = 64

Kind: TypeAlias = Literal["table", "files"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its type as Spark spells it: string, bigint, decimal(10,2), date, timestamp, array<string>, ..."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class DataFile:
    """One immutable file. `path` is relative to the dataset's folder; `rows` is absent when it holds no table.

    `nulls` counts them by column, in columns that have any; it is absent where they were not counted.
    """

    path: str
    bytes: int
    sha256: str
    rows: int | None = None
    nulls: Mapping[str, int] | None = field(default=None, hash=False)

    @property
    def slot(self) -> str:
        """Where it lies within its attempt: what a later write of the same partition or file name replaces."""
        return self.path.split("/", 2)[2]


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the greatest value of a column as JSON has them; None where it holds nothing but nulls."""

    min: int | float | str | None
    max: int | float | str | None


@dataclass(frozen=True, slots=True)
class Input:
    """A version that was read to make another."""

    dataset: str
    version: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """One entry of a dataset's log.

    `replaces` is absent when the version holds nothing but what it wrote; else the slot (a partition's folder, a
    file's name) in which it differs from the version before. `rows` counts the whole version, `rows_written` this
    write, `statistics` its columns, without those that may be `personal`. `sources` are files kept beside the data,
    such as the original of an ingest. `details` is free: a verdict, counts, whatever is worth keeping as JSON.
    """

    dataset: str
    version: int
    created: str
    attempt: str
    kind: Kind
    columns: tuple[Column, ...] = ()
    partition_columns: tuple[Column, ...] = ()
    partition: Mapping[str, str | None] = field(default_factory=dict)
    replaces: str | None = None
    rows: int | None = None
    rows_written: int | None = None
    statistics: Mapping[str, Bounds] = field(default_factory=dict)
    personal: tuple[str, ...] = ()
    files: tuple[DataFile, ...] = ()
    carried: tuple[DataFile, ...] | None = ()
    sources: tuple[DataFile, ...] = ()
    key: str | None = None
    inputs: tuple[Input, ...] = ()
    run: Mapping[str, object] = field(default_factory=dict)
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def moment(self) -> datetime:
        """When it was committed, with its time zone."""
        return datetime.fromisoformat(self.created)

    def to_json(self) -> bytes:
        return (json.dumps({"format": FORMAT, **asdict(self)}, indent=1, ensure_ascii=False) + "\n").encode()


def parse(content: bytes, path: str) -> Manifest:
    """The manifest that `Manifest.to_json` wrote. Keys of later versions are passed over. Raises BadManifest."""
    try:
        found = json.loads(content)
        if found["format"] > FORMAT:
            raise BadManifest(path, f"its format is {found['format']}, this library reads up to {FORMAT}; upgrade it")
        carried = found["carried"]
        return Manifest(
            dataset=str(found["dataset"]),
            version=int(found["version"]),
            created=str(found["created"]),
            attempt=str(found["attempt"]),
            kind=cast(Kind, found["kind"]),
            columns=_columns(found["columns"]),
            partition_columns=_columns(found["partition_columns"]),
            partition=dict(found["partition"]),
            replaces=found["replaces"],
            rows=found["rows"],
            rows_written=found["rows_written"],
            statistics={name: Bounds(**one) for name, one in found.get("statistics", {}).items()},
            personal=tuple(map(str, found.get("personal", ()))),
            files=_files(found["files"]),
            carried=None if carried is None else _files(carried),
            sources=_files(found["sources"]),
            key=found["key"],
            inputs=tuple(Input(str(item["dataset"]), int(item["version"])) for item in found["inputs"]),
            run=dict(found["run"]),
            details=dict(found["details"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadManifest(path, f"{type(error).__name__}: {error}") from error


def _columns(found: list[dict[str, str]]) -> tuple[Column, ...]:
    return tuple(Column(item["name"], item["type"]) for item in found)


def _files(found: list[dict[str, object]]) -> tuple[DataFile, ...]:
    return tuple(
        DataFile(
            str(item["path"]),
            cast(int, item["bytes"]),
            str(item["sha256"]),
            cast("int | None", item.get("rows")),
            cast("dict[str, int] | None", item.get("nulls")),
        )
        for item in found
    )


def is_under(slot: str, replaced: str) -> bool:
    """Whether a file at this slot gives way to a write that replaces the other."""
    return slot == replaced or slot.startswith(replaced + "/")
