"""What two runs wrote, side by side: other files that hold the same are no difference."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from commonlib import lake
from commonlib.receipts import Receipt
from nbpromote.effects.files.repository import find
from nbpromote.effects.running.reruns import contrast
from nbpromote.running.record import Record

RUN = Record("a", "notebooks/production/value.py", "done", "2026-01-01T00:00:00+00:00", 1.0)


def test_data_that_two_runs_wrote_is_compared_by_what_it_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.nbpromote]\n")
    monkeypatch.setenv("LAKE_ROOT", str(tmp_path / "lake"))
    rows = pd.DataFrame({"name": ["x", "y"], "spend": [0.1, 0.2]})
    for frame in (rows, rows[::-1], rows.assign(spend=[0.1, 0.5])):
        lake.write(frame, "derived/value")
    first, turned, other = (
        replace(
            RUN,
            run_id=str(version),
            receipts=(Receipt("write", dataset="derived/value", version=version, rows=2),),
            digests={f"derived/value@{version}": str(version)},
        )
        for version in (1, 2, 3)
    )
    repository = replace(find(tmp_path), lake=tmp_path / "lake")
    assert contrast(repository, first, turned), "the files are other ones"
    assert not contrast(repository, first, turned, is_thorough=True)
    (change,) = contrast(repository, first, other, is_thorough=True)
    assert change.name == "derived/value column spend"
