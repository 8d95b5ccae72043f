"""The one step that publishes, also on file systems without hard links."""

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from commonlib import lake
from commonlib.lake import exclusive
from commonlib.lake.storage import LocalStorage


@pytest.fixture(params=["links", "no links"])
def storage(request, tmp_path, monkeypatch) -> LocalStorage:
    if request.param == "no links":
        monkeypatch.setattr(os, "link", refuse)
    return LocalStorage(tmp_path)


def refuse(*_: object) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


def test_of_many_that_publish_under_one_name_one_wins_and_it_alone_is_read(storage, tmp_path):
    def publish(name: str, content: bytes) -> bool:
        return storage.create(f"log/{name}", content, scratch=f"attempts/{content[:4]!r}")

    for number in range(20):
        contents = [f"{number} {writer} ".encode() * 1000 for writer in range(8)]
        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(publish, [str(number)] * 8, contents))
        assert won.count(True) == 1
        assert storage.read(f"log/{number}") == contents[won.index(True)]
    assert not list(tmp_path.rglob("*.tmp"))


def test_what_is_there_is_never_replaced(storage, tmp_path):
    assert storage.create("log/1", b"first", scratch="a")
    assert not storage.create("log/1", b"second", scratch="a")
    assert storage.read("log/1") == b"first"


def test_without_hard_links_whole_versions_are_written_and_read(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setenv("LAKE_ROOT", str(tmp_path))
    for number in range(3):
        assert lake.write(pd.DataFrame({"n": [number]}), "derived/x").number == number + 1
    assert list(lake.read_pandas("derived/x")["n"]) == [2]


def test_where_no_way_is_safe_nothing_is_published_and_the_error_says_where_to_go(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(exclusive, "_rename_to_new", refuse)
    monkeypatch.setenv("LAKE_ROOT", str(tmp_path))
    with pytest.raises(lake.StorageFailed, match="keep the lake on another disk, or in S3"):
        lake.write(pd.DataFrame({"n": [1]}), "derived/x")
    assert lake.versions("derived/x") == ()


def test_a_full_disk_is_said_as_it_is(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(OSError, match="No space left"):
        LocalStorage(tmp_path).create("log/1", b"x", scratch="a")
    assert not Path(tmp_path / "log/1").exists()
