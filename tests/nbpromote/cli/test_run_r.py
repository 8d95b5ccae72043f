"""A production notebook in R runs as one in Python does; where R and its kernel are installed."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from nbpromote.cli import main

NOTEBOOK = """\
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .r
#       format_name: percent
#   kernelspec:
#     display_name: R
#     language: R
#     name: ir
# ---

# %% tags=["parameters"]
count <- 3

# %%
total <- sum(seq_len(count))
cat("total", total)
"""


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    r = shutil.which("R")
    asked = ["Rscript", "-e", "quit(status = !requireNamespace('IRkernel', quietly = TRUE))"]
    if r is None or subprocess.run(asked, capture_output=True, check=False).returncode != 0:
        pytest.skip("R with IRkernel is not installed")
    folder = tmp_path / "jupyter" / "kernels" / "ir"
    folder.mkdir(parents=True)
    argv = [r, "--slave", "-e", "IRkernel::main()", "--args", "{connection_file}"]
    (folder / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "R", "language": "R"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))


@pytest.mark.kernel
@pytest.mark.usefixtures("kernel")
def test_a_notebook_in_r_runs_headlessly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "repository"
    (root / "notebooks/production").mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.nbpromote]\n")
    (root / "notebooks/production/total.r").write_text(NOTEBOOK)
    monkeypatch.chdir(root)
    assert main(["run", "notebooks/production/total.r"]) == 0, capsys.readouterr()
    executed = [path.read_text() for path in root.glob("runs/**/*.ipynb")]
    assert any("total 6" in text for text in executed), executed
