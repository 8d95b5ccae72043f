"""A case on the Spark that cases share fails only when it fails on a Spark of its own, too."""

import subprocess
import sys
from pathlib import Path

import nbformat.v4
import pytest

from nbpromote.cli import main

TRIES = 'with open("tries.txt", "a") as file:\n    print(type(spark).__module__, file=file)'
# No analysis sees that this is a SparkContext, which is not there over Connect.
CLASSIC = 'print(bool(getattr(spark, "spark" + "Context")))'


@pytest.mark.kernel
@pytest.mark.spark
def test_a_case_that_fails_on_the_shared_spark_runs_again_on_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["init", str(tmp_path)]) == 0
    sources = ["from commonlib.session import get_spark\nspark = get_spark()", TRIES, CLASSIC]
    case = tmp_path / "tests/notebooks/classic"
    for folder in (tmp_path / "notebooks/production", case):
        folder.mkdir(parents=True)
    (tmp_path / "notebooks/production/classic.py").write_text("\n\n".join(f"# %%\n{one}" for one in sources) + "\n")
    (case / "default.yml").touch()
    cells = [nbformat.v4.new_code_cell(one, execution_count=1) for one in sources]
    cells[-1].outputs = [nbformat.v4.new_output("stream", text="True\n")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), case / "default.ipynb")
    monkeypatch.setenv("NBPROMOTE_SPARK", "warm")
    command = [sys.executable, "-m", "pytest", "tests/notebooks"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "5 passed" in done.stdout, done.stdout + done.stderr
    assert (tmp_path / "tries.txt").read_text().split() == ["pyspark.sql.connect.session", "pyspark.sql.session"]
