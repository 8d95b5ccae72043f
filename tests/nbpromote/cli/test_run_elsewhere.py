"""A production notebook whose lake is an object store: it runs, and its data is told, as on a disk."""

import os
import subprocess
import sys
from pathlib import Path

import emulators
import pytest

from nbpromote.cli import main

pytest.importorskip("moto")
NOTEBOOK = """\
# %%
import pandas as pd

from commonlib import lake

# %% tags=["parameters"]
most: int = 3

# %%
numbers = lake.read_pandas("raw/numbers")
lake.write(numbers[numbers["n"] < most], "derived/numbers")
"""


def test_a_notebook_runs_on_a_lake_in_s3(tmp_path: Path) -> None:
    assert main(["init", str(tmp_path)]) == 0
    path = tmp_path / "notebooks/production/small.py"
    path.parent.mkdir(parents=True)
    path.write_text(NOTEBOOK)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "AZURE_"))}
    with emulators.s3() as server:
        server.make_bucket("shop")
        environ = {**inherited, **server.environment, "HOME": str(tmp_path), "LAKE_ROOT": "s3://shop/lake"}

        def told(*words: str) -> str:
            command = [sys.executable, "-m", "nbpromote.cli", *words]
            done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
            assert server.secret not in done.stdout + done.stderr
            return done.stdout

        (tmp_path / "numbers.csv").write_text("n\n" + "\n".join(map(str, range(9))))
        told("data", "ingest", "numbers.csv", "--dataset", "raw/numbers")
        assert "derived/numbers version 1: 5 rows" in told("run", str(path), "-p", "most=5")
        shown = told("data", "show", "derived/numbers")
        assert "5" in shown
        assert "None" not in shown, "there is no commit to tell of outside of git"
        assert "derived/numbers as version 2" in told("run", str(path), "--dry-run")

        # What came since changes nothing: a rerun reads what was read then, beside the lake.
        (tmp_path / "numbers.csv").write_text("n\n0\n")
        told("data", "ingest", "numbers.csv", "--dataset", "raw/numbers")
        assert "1 dataset and 3 cells, as in" in told("runs", "rerun", "last")
        assert "version 2" not in told("data", "history", "derived/numbers")
