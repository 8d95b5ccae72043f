"""The commit protocol: write where nobody looks, prove it, then publish one log entry by one exclusive create.

1. `begin` gives the write a folder of its own under a random name; no other write ever uses it.
2. The files are written there, and read back by `footers`; what was observed while writing must be what lies there.
3. `publish` creates the next entry of the log. Two writers cannot create the same one: the loser looks at what the
   winner committed and takes the next number.

A writer that dies anywhere before the create leaves a folder that nobody reads; after it, a whole version.
"""

import contextlib
import datetime
import json
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from commonlib.lake import failpoints, partitions, paths, retention
from commonlib.lake.errors import LeaseOver, PartitionTaken, SchemaRefused
from commonlib.lake.logs import Log, Version
from commonlib.lake.manifest import CHAIN, INLINE, Bounds, Column, DataFile, Input, Kind, Manifest, is_under
from commonlib.lake.storage import Storage

RUN = "COMMONLIB_RUN"
# A write that takes longer is refused, so that folders a day older than that are no living writer's.
LEASE_DAYS = 7

# What a write may do to the columns: nothing; add some; in a whole version also leave some out. No type ever changes.
Columns: TypeAlias = Literal["same", "add", "any"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One write under way: its folder, and the last version that it could know of."""

    dataset: paths.Dataset
    id: str
    partition: tuple[partitions.PartitionValue, ...]
    seen: int

    @property
    def folder(self) -> str:
        return paths.attempt_folder(self.dataset, self.id)

    @property
    def slot(self) -> str:
        """The partition's folder within the attempt; empty when the write is not one partition's."""
        return "/".join(value.folder for value in self.partition)

    @property
    def data_folder(self) -> str:
        return f"{self.folder}/{self.slot}" if self.slot else self.folder


@dataclass(frozen=True, slots=True)
class Draft:
    """What a finished write wants to publish; `partition_by` are the columns by which it parted its own rows."""

    kind: Kind
    files: tuple[DataFile, ...]
    columns: tuple[Column, ...] = ()
    replaces: str | None = None
    sources: tuple[DataFile, ...] = ()
    key: str | None = None
    inputs: tuple[Input, ...] = ()
    details: Mapping[str, object] = field(default_factory=dict)
    columns_may: Columns = "any"
    partition_by: tuple[Column, ...] = ()
    statistics: Mapping[str, Bounds] = field(default_factory=dict)
    personal: tuple[str, ...] = ()


def begin(log: Log, partition: Mapping[str, object] | None = None) -> Attempt:
    """A new folder name for one write. Raises BadName for a partition value that cannot be kept."""
    numbers = log.numbers()
    # The time makes folders sort as they were begun; the random part makes them nobody else's.
    name = f"{_now():{paths.BEGUN}}-{uuid.uuid4().hex}"
    known: dict[str, str] = {}
    if numbers and partitions.needs_known(partition or {}):
        known = {column.name: column.type for column in log.manifest(numbers[-1]).partition_columns}
    values = partitions.partition_values(partition or {}, known)
    attempt = Attempt(log.dataset, name, values, numbers[-1] if numbers else 0)
    failpoints.reach("attempt-begun")
    return attempt


@contextlib.contextmanager
def undone(log: Log, attempt: Attempt, errors: type[BaseException] | tuple[type[BaseException], ...]) -> Iterator[None]:
    """What the attempt wrote goes when the block raises one of these, so that a disk that it filled is free again.

    They must say for certain that nothing was committed. Writers need no right to delete: without it, and when they
    are killed, the files stay unread until `expire` finds them.
    """
    try:
        yield
    except errors:
        _remove(log, attempt)
        raise


def _remove(log: Log, attempt: Attempt) -> None:
    with contextlib.suppress(Exception):
        # The last is none of its files: removing it removes the folder, where nothing is left in it.
        for name in (*log.storage.files(attempt.folder), "_none"):
            log.storage.remove(f"{attempt.folder}/{name}")


def find_key(log: Log, key: str, numbers: Sequence[int] | None = None) -> Version | None:
    """The version that was committed under this idempotency key, looked for from the newest, among these if any."""
    mark, gone = json.dumps(key, ensure_ascii=False).encode(), retention.expired(log.events())
    wanted = [number for number in reversed(log.numbers() if numbers is None else numbers) if number not in gone]
    entries = log.storage.read_each([paths.log_path(log.dataset, number) for number in wanted])
    for number, entry in zip(wanted, entries, strict=True):
        if mark in entry and log.manifest(number).key == key:
            return log.version(number)
    return None


def seal(
    storage: Storage,
    dataset: paths.Dataset,
    path: str,
    rows: int | None = None,
    nulls: Mapping[str, int] | None = None,
) -> DataFile:
    """The file as a manifest lists it, safe on the disk. `path` is relative to the lake's root."""
    size, digest = storage.seal(path)
    return DataFile(path.removeprefix(f"{dataset}/"), size, digest, rows, nulls)


def publish(log: Log, attempt: Attempt, draft: Draft, *, key_free_to: int = 0) -> Version:
    """Commit what the attempt wrote as the next version, and return it.

    The draft's key is known to be none of the versions' up to `key_free_to`.
    When a version was committed under the same key meanwhile, that one is returned and this attempt stays unseen.
    Raises PartitionTaken when another run committed the same partition meanwhile, SchemaRefused when the columns do not
    fit the dataset.
    """
    with undone(log, attempt, (PartitionTaken, SchemaRefused, LeaseOver)):
        return _publish(log, attempt, draft, key_free_to)


def _publish(log: Log, attempt: Attempt, draft: Draft, key_seen: int) -> Version:
    seen = attempt.seen
    while True:
        if _now() - paths.begun(attempt.id) > datetime.timedelta(days=LEASE_DAYS):
            raise LeaseOver(str(log.dataset), LEASE_DAYS)
        numbers = log.numbers()
        last = numbers[-1] if numbers else 0
        unseen = [number for number in numbers if number > key_seen]
        if draft.key is not None and (done := find_key(log, draft.key, unseen)):
            if done.manifest.attempt != attempt.id:
                _remove(log, attempt)
            return done
        for number in (number for number in numbers if number > seen):
            if attempt.partition and _is_same_place(log.manifest(number).replaces, attempt.slot):
                raise PartitionTaken(str(log.dataset), attempt.slot, number)
        seen = key_seen = last
        before = log.version(last) if last else None
        manifest = _manifest(log, attempt, draft, before)
        failpoints.reach("before-publish")
        path = paths.log_path(log.dataset, manifest.version)
        if log.storage.create(path, manifest.to_json(), scratch=attempt.folder):
            failpoints.reach("after-publish")
            return log.version(manifest.version)


def _is_same_place(one: str | None, other: str) -> bool:
    return one is not None and (is_under(one, other) or is_under(other, one))


def _manifest(log: Log, attempt: Attempt, draft: Draft, before: Version | None) -> Manifest:
    kept: tuple[DataFile, ...] = ()
    manifest = Manifest(
        dataset=str(log.dataset),
        version=before.number + 1 if before else 1,
        created=_created(before),
        attempt=attempt.id,
        kind=draft.kind,
        columns=draft.columns,
        partition_columns=(*(Column(value.name, value.type) for value in attempt.partition), *draft.partition_by),
        partition={value.name: value.text for value in attempt.partition},
        statistics=draft.statistics,
        personal=draft.personal,
        files=draft.files,
        sources=draft.sources,
        key=draft.key,
        inputs=draft.inputs,
        run=_run(),
        details=draft.details,
    )
    if before is not None:
        check_fit(before, manifest, draft.columns_may)
        if draft.replaces is not None:
            kept = tuple(file for file in before.files if not is_under(file.slot, draft.replaces))
    whole = kept + draft.files
    # A short list is written out, so that people and plain tools need one file to read the whole version.
    is_short = len(kept) <= INLINE or manifest.version % CHAIN == 0
    return replace(
        manifest,
        replaces=draft.replaces,
        carried=kept if is_short or draft.replaces is None else None,
        rows=_rows(whole),
        rows_written=_rows(draft.files),
    )


def _created(before: Version | None) -> str:
    """Now, but never before the version before: a reader as of a time relies on it, and clocks of machines differ."""
    moment = max(_now(), before.manifest.moment) if before else _now()
    return moment.astimezone(datetime.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def check_fit(before: Version, manifest: Manifest, columns_may: Columns = "any") -> None:
    """That the new version's columns fit those of the one before.

    A type never changes, and no partition lacks a column that the others have. Raises SchemaRefused.
    """
    old = before.manifest
    name = f"{manifest.dataset}: version {old.version}"
    if old.kind != manifest.kind:
        raise SchemaRefused(f"{name} is of kind {old.kind!r}, not {manifest.kind!r}; use a dataset of another name")
    if manifest.kind == "files":
        return
    if old.partition_columns != manifest.partition_columns:
        raise SchemaRefused(
            f"{name} is partitioned by {_spell(old.partition_columns)}, this write by "
            f"{_spell(manifest.partition_columns)}; write it the same way, or use a dataset of another name"
        )
    types, now = ({column.name: column.type for column in each.columns} for each in (old, manifest))
    for column, kind in now.items():
        if (was := types.get(column, kind)) != kind:
            raise SchemaRefused(
                f"{name} has column {column!r} of type {was}, this write has {kind}; "
                "cast it, or use a dataset of another name"
            )
    if (gone := sorted(types.keys() - now.keys())) and (manifest.partition or columns_may != "any"):
        raise SchemaRefused(
            f"{name} has column {_names(gone)}, this write has not; write it, with nulls if need be, "
            "or use a dataset of another name"
        )
    if (new := sorted(now.keys() - types.keys())) and columns_may == "same":
        raise SchemaRefused(
            f"{name} has no column {_names(new)}, this write has; give add_columns=True to add it, or leave it out"
        )


def _names(names: list[str]) -> str:
    return ", ".join(map(repr, names))


def _spell(columns: tuple[Column, ...]) -> str:
    return ", ".join(f"{column.name} ({column.type})" for column in columns) or "nothing"


def _rows(files: tuple[DataFile, ...]) -> int | None:
    counts = [file.rows for file in files if file.rows is not None]
    return sum(counts) if counts else None


def _run() -> dict[str, object]:
    """What the runner says of this run: JSON in COMMONLIB_RUN, for example its id, code commit and environment."""
    try:
        found = json.loads(os.environ.get(RUN, "{}"))
    except ValueError:
        return {}
    return dict(found) if isinstance(found, dict) else {}
