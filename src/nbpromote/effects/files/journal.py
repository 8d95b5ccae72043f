"""What an apply is about to do, on disk before it does it, so that a killed one can be taken back."""

import json
import os
import shutil
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from nbpromote.promotion.plan import FileEdit

_NAME = "journal.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a begun apply: digests of what it was and what it becomes (None: not there), and its mode.

    The bytes lie beside the journal as `<number>.before` and `<number>.after`.
    """

    number: int
    path: str
    before: str | None
    after: str | None
    mode: int


def digest(content: bytes | None) -> str | None:
    return None if content is None else sha256(content).hexdigest()


def begin(folder: Path, edits: tuple[FileEdit, ...], modes: tuple[int, ...]) -> tuple[Entry, ...]:
    """Store both sides of every edit, then the journal, in one step. Until then nothing outside `folder` has changed.

    Raises:
        OSError: no room or no right; `folder` is left for `end` to clear.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    entries = []
    for number, (edit, mode) in enumerate(zip(edits, modes, strict=True)):
        for name, content in (("before", edit.before), ("after", edit.after)):
            if content is not None:
                _store(folder / f"{number}.{name}", content, mode)
        entries.append(Entry(number, edit.path, digest(edit.before), digest(edit.after), mode))
    rows = [[entry.number, entry.path, entry.before, entry.after, entry.mode] for entry in entries]
    _store(folder / "journal.new", json.dumps(rows).encode(), 0o644)
    (folder / "journal.new").replace(folder / _NAME)
    sync_folder(folder)
    return tuple(entries)


def read(folder: Path) -> tuple[Entry, ...] | None:
    """The entries of an apply that has begun and not ended; None when there is none."""
    try:
        rows = json.loads((folder / _NAME).read_bytes())
    except FileNotFoundError:
        return None
    return tuple(Entry(*row) for row in rows)


def end(folder: Path) -> None:
    """Forget the apply: from here it has happened, or has been taken back."""
    (folder / _NAME).unlink(missing_ok=True)
    if folder.exists():
        sync_folder(folder)
    shutil.rmtree(folder, ignore_errors=True)


def sync_folder(folder: Path) -> None:
    """Make renames in this folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _store(path: Path, content: bytes, mode: int) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    path.chmod(mode)
