"""What is held and what has expired: a dataset's second log, which no writer of data needs. Standard library only.

Entries are numbered and published as those of the first log are, and none is ever changed. The manifest of an expired
version stays where it is; its files go, as far as no other version needs them.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias, cast

from commonlib.lake import paths
from commonlib.lake.errors import BadManifest
from commonlib.lake.storage import Storage

FOLDER = "_retention"
FORMAT = 1

Action: TypeAlias = Literal["hold", "release", "expire", "sweep"]


@dataclass(frozen=True, slots=True)
class Event:
    """Who did what to which versions, when (ISO, UTC) and why; `files` and `bytes` are what was to be removed.

    `attempts` are the folders of dead writers that a sweep removed.
    """

    action: Action
    created: str
    by: str
    reason: str
    versions: tuple[int, ...] = ()
    attempts: tuple[str, ...] = ()
    files: int = 0
    bytes: int = 0


def read(storage: Storage, dataset: paths.Dataset) -> tuple[Event, ...]:
    """Every event, oldest first. Raises BadManifest."""
    folder = f"{dataset}/{FOLDER}"
    return tuple(_parse(storage, f"{folder}/{name}") for name in storage.names(folder) if paths.ENTRY.fullmatch(name))


def append(storage: Storage, dataset: paths.Dataset, event: Event) -> None:
    """Publish one more event."""
    content = (json.dumps({"format": FORMAT, **asdict(event)}, indent=1, ensure_ascii=False) + "\n").encode()
    folder = f"{dataset}/{FOLDER}"
    while True:
        numbers = [int(match[1]) for name in storage.names(folder) if (match := paths.ENTRY.fullmatch(name))]
        if storage.create(f"{folder}/{max(numbers, default=0) + 1:020d}.json", content, scratch=folder):
            return


def expired(events: Iterable[Event]) -> dict[int, Event]:
    """The versions whose data is gone, with the event that says so."""
    return {number: event for event in events if event.action == "expire" for number in event.versions}


def held(events: Iterable[Event]) -> dict[int, Event]:
    """The versions that nothing may expire until they are released."""
    found: dict[int, Event] = {}
    for event in events:
        for number in event.versions:
            if event.action == "hold":
                found[number] = event
            elif event.action == "release":
                found.pop(number, None)
    return found


def marks(events: Iterable[Event]) -> dict[int, str]:
    """What to say beside a version in a list: `expired`, `held`."""
    known = tuple(events)
    return dict.fromkeys(expired(known), "expired") | dict.fromkeys(held(known), "held")


def _parse(storage: Storage, path: str) -> Event:
    try:
        found = json.loads(storage.read(path))
        return Event(
            cast(Action, found["action"]),
            str(found["created"]),
            str(found["by"]),
            str(found["reason"]),
            tuple(int(number) for number in found["versions"]),
            tuple(str(name) for name in found["attempts"]),
            int(found["files"]),
            int(found["bytes"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BadManifest(storage.location(path), f"{type(error).__name__}: {error}") from error
