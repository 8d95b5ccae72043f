"""Which datasets of the lake hold what a file holds."""

from pathlib import Path

import pyarrow as pa
import pytest

from commonlib import ingest, lake
from commonlib.lake import tables
from commonlib.lake.manifest import Input
from nbpromote.effects.files.landed import datasets_of


def test_only_what_was_landed_last_from_these_very_bytes_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, file = tmp_path / "lake", tmp_path / "a.csv"
    monkeypatch.setenv("LAKE_ROOT", str(root))
    file.write_text("x,y\n1,a\n2,b\n")
    assert datasets_of(file, root) == ()
    ingest.ingest(str(file), "raw/a")
    made_of = (Input("raw/a", 1),)
    tables.put(pa.table({"x": [1]}), "derived/a", inputs=made_of)  # another thing
    assert datasets_of(file, root) == ("raw/a",)
    tables.put(lake.read_pandas("raw/a"), "validated/a", inputs=made_of)
    assert datasets_of(file, root) == ("raw/a", "validated/a")
    assert datasets_of(tmp_path / "none.csv", root) == datasets_of(tmp_path, root) == ()
    file.write_text("x,y\n1,a\n2,c\n")
    assert datasets_of(file, root) == ()
    ingest.ingest(str(file), "raw/a")
    assert datasets_of(file, root) == ("raw/a",)  # what was validated is of the version before
