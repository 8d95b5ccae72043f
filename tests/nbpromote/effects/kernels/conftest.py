"""A place for processes that stay, apart from that of the other tests."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbpromote.effects.kernels.warm import client
from tests.nbpromote.effects.kernels.place_of_what_stays import eventually, staying


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A place of its own for what stays, with nothing left in it in the end."""
    folder = Path(tempfile.mkdtemp(prefix="nbw-"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("NBPROMOTE_WARM", "60")
    yield folder
    client.status(stop=True)
    left = eventually(lambda: not staying(folder))
    for process in staying(folder):
        process.kill()
    shutil.rmtree(folder, ignore_errors=True)
    assert left
