"""An archive of the classes that Spark loads, made once per installation: a session then starts for half the work.

    python -m commonlib.class_archive

Java's application class-data sharing (https://openjdk.org/jeps/350). A Java that fits none of it starts as ever. The
archive lies beside the private JAVA_HOME's launcher, which adds it to the command line of a tuned start; it holds for
one Java and one installation of Spark, and another is made when either has changed.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import secrets
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

from commonlib.errors import CommonlibError
from commonlib.java import Java
from commonlib.java_home import private_home, use_fit_java

_QUIET = ("-Xlog:disable", "-Xlog:all=error:stderr")  # an archive that does not fit is no news
_MAKING = "COMMONLIB_CLASS_ARCHIVE"  # the file to make, told to the process that makes it
_AOT_SINCE = 25  # ahead-of-time caches (https://openjdk.org/jeps/514); they need no archive in the Java itself
_WITHIN_SECONDS = 600
# What production notebooks do, small: each line loads classes that a first job of its kind would wait for.
_WORK = """\
import os, subprocess, sys, tempfile
from pyspark.sql import SparkSession, Window, functions as F

def work(spark, folder):
    frame = spark.range(1000).withColumn("g", F.col("id") % 7).withColumn("t", F.concat(F.lit("a"), F.col("g")))
    frame = frame.withColumn("d", F.expr("cast(id * 1.5 as decimal(18,2))"))
    frame = frame.withColumn("day", F.expr("date'2020-01-01'"))
    frame.groupBy("g").agg(F.sum("d"), F.countDistinct("t"), F.avg("id")).orderBy("g").collect()
    frame.write.parquet(folder + "/p"); frame.write.partitionBy("g").parquet(folder + "/q")
    spark.read.parquet(folder + "/p").join(spark.read.parquet(folder + "/q").select("id", "t"), ["id", "t"]).count()
    frame.toPandas(); frame.show(3)
    spark.createDataFrame(frame.limit(10).toPandas()).count()
    frame.withColumn("r", F.row_number().over(Window.partitionBy("g").orderBy("id"))).where("r < 3").collect()
    frame.select(F.udf(lambda x: x + 1, "long")("id")).count()
    frame.select(F.pandas_udf(lambda x: x + 1, "long")("id")).count()
    frame.write.option("header", True).csv(folder + "/c")
    spark.read.csv(folder + "/c", header=True, inferSchema=True).count()
    frame.createOrReplaceTempView("v")
    spark.sql("select g, max(id) as m from v group by g having max(id) > 3").collect()
"""
_BY_CLASSIC = (
    _WORK
    + """\
from commonlib.session import get_spark
spark = get_spark("archive", config={"spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
                                     "spark.connect.grpc.binding.port": "0"})
work(spark, tempfile.mkdtemp(dir=sys.argv[1]))
service = getattr(spark.sparkContext._jvm.org.apache.spark.sql.connect.service, "SparkConnectService$")
remote = f"sc://localhost:{getattr(service, 'MODULE$').server().getPort()}"
where = {**os.environ, "SPARK_REMOTE": remote}
subprocess.run([sys.executable, "-c", sys.argv[2], sys.argv[1]], env=where)  # where it cannot, the rest is still there
gateway = spark.sparkContext._gateway
spark.stop()
gateway.shutdown()
gateway.proc.stdin.close()
gateway.proc.wait()  # Java writes the archive as it ends
"""
)
# The same as a client of the server that Java is too: what runs share.
_BY_CONNECT = (
    _WORK
    + """\
spark = SparkSession.builder.getOrCreate()
work(spark, tempfile.mkdtemp(dir=sys.argv[1]))
spark.stop()
"""
)


def archive_options(java: Java) -> tuple[str, ...]:
    """What Java needs to be told to use the archive, or, in the process that makes it, to make it; nothing without."""
    has_aot = java.major >= _AOT_SINCE
    if made := os.environ.get(_MAKING):
        return (f"-XX:{'AOTCacheOutput' if has_aot else 'ArchiveClassesAtExit'}={made}", *_QUIET)
    path = archive_path(java)
    if path is None or not path.is_file():
        return ()
    return (f"-XX:{'AOTCache' if has_aot else 'SharedArchiveFile'}={path}", *_QUIET)


def archive_path(java: Java) -> Path | None:
    """Where the archive of this Java and the installed Spark is, if it was made; None without a Spark."""
    jars = _jars()
    if jars is None:
        return None
    with contextlib.suppress(OSError, CommonlibError):
        told = (
            java.version,
            str(java.executable.resolve()),
            str(jars),
            str(jars.stat().st_mtime_ns),
            _spark_version(),
            _BY_CLASSIC,
            _BY_CONNECT,
        )
        key = hashlib.sha256("\0".join(told).encode()).hexdigest()[:16]
        return private_home(java) / f"spark-{key}.jsa"
    return None


def make_archive() -> tuple[Path, bool]:
    """Make the archive unless there is one: its path, and whether it was made now. Takes up to a minute.

    Raises CommonlibError when it cannot be made; sessions then start without.
    """
    java = use_fit_java()
    path = archive_path(java)
    if path is None:
        raise CommonlibError("there is no Spark here to make an archive of: pip install pyspark")
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.is_file():
            return path, False
        with tempfile.TemporaryDirectory(prefix="commonlib-archive-") as folder:
            made = path.with_suffix(f".{os.getpid()}.new")
            try:
                said = _work(folder, made)
                if not made.is_file():
                    raise CommonlibError(f"Java {java.version} made no archive of classes: {said}")
                made.replace(path)
            finally:
                made.unlink(missing_ok=True)
        for other in path.parent.glob("spark-*.jsa"):
            with contextlib.suppress(OSError):
                if other != path and other.stat().st_atime < time.time() - 30 * 86_400:
                    other.unlink()
        return path, True


def _work(folder: str, made: Path) -> str:
    token = secrets.token_urlsafe(32)
    environ = {**os.environ, _MAKING: str(made), "TMPDIR": folder, "SPARK_CONNECT_AUTHENTICATE_TOKEN": token}
    for name in ("SPARK_REMOTE", "PYSPARK_SUBMIT_ARGS", "SPARK_CONF_DIR"):
        environ.pop(name, None)
    environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(Path(__file__).parents[1]), environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-c", _BY_CLASSIC, folder, _BY_CONNECT],
        cwd=folder, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
        timeout=_WITHIN_SECONDS, check=False,
    )  # fmt: skip
    lines = (done.stderr or done.stdout).strip().splitlines()
    return lines[-1] if lines else "it says nothing"


def _jars() -> Path | None:
    if home := os.environ.get("SPARK_HOME"):
        return Path(home) / "jars"
    found = importlib.util.find_spec("pyspark")
    return Path(found.origin).parent / "jars" if found is not None and found.origin else None


def _spark_version() -> str:
    try:
        return metadata.version("pyspark")
    except metadata.PackageNotFoundError:
        return ""


def main() -> int:
    """Make the archive, and say where it is."""
    try:
        path, is_new = make_archive()
    except (CommonlibError, OSError, subprocess.SubprocessError) as error:
        print(f"no archive of classes was made, Spark starts without: {error}", file=sys.stderr)
        return 1
    size = path.stat().st_size / 1e6
    print(f"{path}: {'made' if is_new else 'was there already'} ({size:.0f} MB); Spark starts with it from now on")
    return 0


if __name__ == "__main__":
    sys.exit(main())
