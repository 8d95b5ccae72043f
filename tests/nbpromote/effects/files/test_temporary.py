"""Temporary folders: what is left goes, what is in use stays."""

import fcntl
import tempfile
from pathlib import Path

import pytest

from nbpromote.effects.files import temporary


def test_a_folder_that_is_just_being_made_is_not_swept_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    lock = fcntl.flock

    def lock_after_another_has_swept(descriptor: int, how: int) -> None:
        monkeypatch.setattr(fcntl, "flock", lock)
        temporary.sweep()
        lock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", lock_after_another_has_swept)
    made = temporary.Folder()
    assert made.path.is_dir()
    temporary.sweep()
    assert made.path.is_dir()
    made.remove()
