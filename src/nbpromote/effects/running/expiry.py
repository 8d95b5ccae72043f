"""Retention of the lake: what may go is found, shown by the caller, told in the dataset's second log, then removed."""

import datetime
import getpass
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from commonlib.lake import logs, paths, retention
from commonlib.lake.logs import Log
from nbpromote.effects.files.repository import Repository
from nbpromote.effects.running.ledger import ledger_of
from nbpromote.running.retention import Expiry, Policy, decide, parse_policy

# A day more than the lease after which commonlib refuses to commit a write (commonlib.lake.commit.LEASE_DAYS).
LEASE = datetime.timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Planned:
    """What would go of one dataset: versions with their files, and folders of dead writers past their lease."""

    log: Log
    expiry: Expiry
    files: tuple[tuple[str, int], ...]
    orphans: tuple[str, ...]
    young: int

    @property
    def is_empty(self) -> bool:
        return not (self.expiry.versions or self.files or self.orphans)


def policies(repository: Repository) -> dict[str, Policy]:
    """What `[tool.nbpromote.retention]` says, by dataset or zone. Raises UsageError."""
    import tomllib

    path = repository.root / "pyproject.toml"
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    tables = found.get("tool", {}).get("nbpromote", {}).get("retention", {})
    return {
        str(name): parse_policy(table, f"{path}: [tool.nbpromote.retention] {name}") for name, table in tables.items()
    }


def plan(log: Log, policy: Policy, referred: dict[str, set[int]], *, now: datetime.datetime | None = None) -> Planned:
    """What may go; nothing is changed."""
    moment = now or datetime.datetime.now(datetime.UTC)
    # Listed before the log is read: a folder that is committed in between is then known from the log.
    folders = log.storage.names(f"{log.dataset}/{paths.DATA}")
    manifests = [log.manifest(number) for number in log.numbers()]
    events = log.events()
    expiry = decide(
        manifests,
        policy,
        moment,
        gone=retention.expired(events),
        held=retention.held(events),
        referred=referred.get(str(log.dataset), ()),
    )
    committed = {f"{paths.ATTEMPT}={one.attempt}" for one in manifests}
    unknown = [folder for folder in folders if folder.startswith(f"{paths.ATTEMPT}=") and folder not in committed]
    orphans = [folder for folder in unknown if _is_over(folder, moment)]
    return Planned(log, expiry, tuple(_lying(log, expiry, set(folders))), tuple(orphans), len(unknown) - len(orphans))


def _is_over(folder: str, moment: datetime.datetime) -> bool:
    try:
        return moment - paths.begun(folder) > LEASE
    except ValueError:
        return False  # no folder of ours


def _lying(log: Log, expiry: Expiry, folders: set[str]) -> Iterable[tuple[str, int]]:
    """The files that may go and are there still: an expiry that was killed half-way is finished by the next."""
    listed: dict[str, set[str]] = {}
    for file in expiry.files:
        folder = "/".join(file.path.split("/")[:2])
        if folder.partition("/")[2] not in folders:
            continue
        if folder not in listed:
            listed[folder] = set(log.storage.files(f"{log.dataset}/{folder}"))
        if file.path.removeprefix(f"{folder}/") in listed[folder]:
            yield file.path, file.bytes


def apply(planned: Planned) -> None:
    """Tell first, then remove: from the telling on, readers refuse these versions by name."""
    log, expiry = planned.log, planned.expiry
    size = sum(size for _, size in planned.files)
    if expiry.versions:
        reason = str(expiry.policy)
        event = _event("expire", reason, versions=expiry.versions, files=len(planned.files), size=size)
        retention.append(log.storage, log.dataset, event)
    for path, _ in planned.files:
        log.storage.remove(f"{log.dataset}/{path}")
    if planned.orphans:
        committed = {f"{paths.ATTEMPT}={log.manifest(number).attempt}" for number in log.numbers()}
        dead = tuple(folder for folder in planned.orphans if folder not in committed)
        reason = f"begun more than {LEASE.days} days ago and never committed"
        retention.append(log.storage, log.dataset, _event("sweep", reason, attempts=dead))
        for folder in dead:
            top = f"{log.dataset}/{paths.DATA}/{folder}"
            for name in log.storage.files(top):
                log.storage.remove(f"{top}/{name}")


def hold(log: Log, versions: tuple[int, ...], reason: str) -> None:
    """Keep these versions from expiring until they are released."""
    retention.append(log.storage, log.dataset, _event("hold", reason, versions=versions))


def release(log: Log, versions: tuple[int, ...], reason: str) -> None:
    """End a hold."""
    retention.append(log.storage, log.dataset, _event("release", reason, versions=versions))


def _event(
    action: retention.Action,
    reason: str,
    *,
    versions: tuple[int, ...] = (),
    attempts: tuple[str, ...] = (),
    files: int = 0,
    size: int = 0,
) -> retention.Event:
    created = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return retention.Event(action, created, _who(), reason, versions, attempts, files, size)


def _who() -> str:
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (OSError, KeyError):  # a user without a name, as in some containers
        return f"someone@{socket.gethostname()}"


def referred(repository: Repository) -> dict[str, set[int]]:
    """The versions that recorded runs of this repository read or made, and those that the latest ones were made of."""
    found: dict[str, set[int]] = {}
    for record in ledger_of(repository).runs():
        for receipt in (*record.reads, *record.writes, *record.validations):
            if receipt.dataset is not None and receipt.version is not None:
                found.setdefault(receipt.dataset, set()).add(receipt.version)
    for name in logs.list_datasets(repository.lake_root):
        latest = logs.latest(name, repository.lake_root)
        for one in latest.manifest.inputs if latest else ():
            found.setdefault(one.dataset, set()).add(one.version)
    return found
