from pathlib import Path

import pytest

from nbpromote.effects.files.repository import find
from nbpromote.errors import UsageError


def test_a_lake_in_object_storage_may_be_named_in_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.nbpromote]\nlake = "s3://bucket/team/lake"\n')
    monkeypatch.delenv("LAKE_ROOT", raising=False)
    assert find(tmp_path).lake_root == "s3://bucket/team/lake"
    with pytest.raises(UsageError, match="this needs a lake on a disk"):
        find(tmp_path).folder("lake")
    monkeypatch.setenv("LAKE_ROOT", str(tmp_path / "here"))
    assert find(tmp_path).lake_root == str(tmp_path / "here"), "the environment goes before"
