"""The locks of a repository held against a Databricks runtime."""

from pathlib import Path

from nbpromote.effects.environment.locked import locked_versions
from nbpromote.effects.environment.using import find_users
from nbpromote.effects.files.repository import Repository
from nbpromote.environment import Used
from nbpromote.environment.runtimes import Meeting, Runtime, find_meetings, parse_listing, read_runtime


def compare(
    repository: Repository, version: str, listing: Path | None
) -> tuple[Runtime, str | None, tuple[Meeting, ...]]:
    """The runtime, the locked Python, and where notebooks and commonlib would meet another version.

    Raises:
        UnknownRuntime: nothing is known of it, and no listing is given.
        UnreadableLock: a lock cannot be read.
    """
    if listing is None:
        runtime = read_runtime(version)
    else:
        runtime = parse_listing(listing.read_text(encoding="utf-8", errors="replace"), version, str(listing))
    locked = locked_versions(repository.root)
    python = ".".join(locked["python"].split(".")[:2]) if "python" in locked else None
    used = [one for one in find_users(repository) if isinstance(one, Used)]
    return runtime, python, find_meetings(runtime, locked, used)
