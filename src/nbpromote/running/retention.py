"""Which versions of a dataset may go, which stay and why: decided from its log alone."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from commonlib.lake.manifest import DataFile, Manifest
from nbpromote.errors import UsageError


@dataclass(frozen=True, slots=True)
class Policy:
    """What is kept. A version goes when it is older than `days`, or when `versions` newer ones are there; never one of
    the newest `floor`. None is no limit."""

    days: int | None = None
    versions: int | None = None
    floor: int = 1

    def __str__(self) -> str:
        limits = [f"older than {self.days} days"] if self.days is not None else []
        limits += [f"beyond the newest {self.versions}"] if self.versions is not None else []
        return f"{' or '.join(limits) or 'nothing'}, never the newest {self.floor}"


@dataclass(frozen=True, slots=True)
class Expiry:
    """What would go of one dataset.

    `kept` counts, by reason, the versions that would go but for it; `files` are those that no remaining version needs,
    also of versions that expired before, where some were left lying.
    """

    dataset: str
    policy: Policy
    versions: tuple[int, ...]
    kept: Mapping[str, int]
    files: tuple[DataFile, ...]
    live: int

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


def parse_policy(found: object, where: str) -> Policy:
    """The policy that a table of the configuration says. Raises UsageError."""
    known = {"days", "versions", "floor"}
    if not isinstance(found, dict) or not found.keys() <= known:
        raise UsageError(f"{where}: write a table of {', '.join(sorted(known))}, such as {{ days = 90, floor = 3 }}")
    for name, value in found.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < (0 if name == "days" else 1):
            raise UsageError(f"{where}: {name} = {value!r} is not a whole number that makes sense")
    return Policy(**found)


def decide(
    manifests: Sequence[Manifest],
    policy: Policy,
    now: datetime,
    *,
    gone: Collection[int] = (),
    held: Collection[int] = (),
    referred: Collection[int] = (),
) -> Expiry:
    """What may go of one dataset, whose manifests are given from the oldest to the newest.

    `gone` versions expired before; `held` ones are under a hold, `referred` ones are inputs or results of a run.
    """
    there = [one for one in manifests if one.version not in gone]
    kept: Counter[str] = Counter()
    going: list[int] = []
    for place, one in enumerate(reversed(there)):  # from the newest
        is_old = policy.days is not None and now - one.moment > timedelta(days=policy.days)
        is_beyond = policy.versions is not None and place >= policy.versions
        if not (is_old or is_beyond):
            continue
        if place < max(policy.floor, 1):
            kept["among the newest"] += 1
        elif one.version in held:
            kept["held"] += 1
        elif one.version in referred:
            kept["of recorded runs"] += 1
        else:
            going.append(one.version)
    live = sorted({one.version for one in there} - set(going))
    files = tuple(unneeded(manifests, live))
    name = manifests[0].dataset if manifests else ""
    return Expiry(name, policy, tuple(sorted(going)), kept, files, len(live))


def unneeded(manifests: Sequence[Manifest], live: Sequence[int]) -> Iterable[DataFile]:
    """The files of which no live version is made up; both are given from the oldest to the newest.

    A file serves from the version that wrote it until another replaces it.
    """
    ends: dict[str, int] = {}
    open_by_slot: dict[str | None, list[str]] = {}
    for one in manifests:
        replaced = [one.replaces] if one.replaces is not None else list(open_by_slot)
        for slot in replaced:
            ends.update(dict.fromkeys(open_by_slot.pop(slot, ()), one.version))
        open_by_slot.setdefault(one.replaces, []).extend(file.path for file in one.files)
    for one in manifests:
        for file in one.files:
            if not _any_between(live, one.version, ends.get(file.path)):
                yield file
        if not _any_between(live, one.version, one.version + 1):
            yield from one.sources


def _any_between(live: Sequence[int], first: int, end: int | None) -> bool:
    from bisect import bisect_left

    place = bisect_left(live, first)
    return place < len(live) and (end is None or live[place] < end)
