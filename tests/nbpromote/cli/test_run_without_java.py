"""A notebook on Spark, on machines without Java or with one that does not fit."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.kernel, pytest.mark.spark]

NOTEBOOK = """\
# %% tags=["parameters"]
most: int = 3

# %%
import pandas as pd
from pyspark.sql.functions import pandas_udf

from commonlib import lake
from commonlib.session import get_spark

spark = get_spark("small")


@pandas_udf("long")
def doubled(numbers: pd.Series) -> pd.Series:
    return numbers * 2

# %%
lake.write(spark.range(most).select(doubled("id").alias("n")), "derived/numbers")
lake.read("derived/numbers").toPandas()["n"].sum()
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    shutil.copytree(Path(__file__).parents[3] / "commonlib", root / "commonlib")
    (root / "pyproject.toml").write_text("[tool.nbpromote]\n")
    (root / "notebooks/production").mkdir(parents=True)
    (root / "notebooks/production/small.py").write_text(NOTEBOOK)
    return root


@pytest.fixture
def no_java(tmp_path: Path) -> Path:
    """A folder for the PATH with everything of the system's own but Java."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for program in (*Path("/bin").iterdir(), *Path("/usr/bin").iterdir()):
        if program.name != "java" and not (folder / program.name).is_symlink():
            (folder / program.name).symlink_to(program)
    return folder


def test_a_notebook_runs_on_the_embedded_java_and_says_which_one_was_passed_over(
    repository: Path, no_java: Path, tmp_path: Path
) -> None:
    unfit = no_java / "java"
    unfit.write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_292\"' >&2\n")
    unfit.chmod(0o755)
    unwanted = ("SPARK_", "PYSPARK_", "JAVA_", "JDK_", "LAKE_ROOT")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    environment |= {"PATH": str(no_java), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, "-m", "nbpromote.cli", "run", "notebooks/production/small.py", "-p", "most=4"],
        cwd=repository, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{unfit} is Java 1.8.0_292" in done.stderr
    record = json.loads(next((repository / "runs").glob("*/record.json")).read_text())
    written = [receipt for receipt in record["receipts"] if receipt["kind"] == "write"]
    assert [(one["dataset"], one["rows"]) for one in written] == [("derived/numbers", 4)]
