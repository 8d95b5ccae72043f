"""The settings of a local Spark that starts fast, stays quiet and leaves nothing behind.

They are Spark's defaults file in a folder of this process alone, the weakest of all places to set something: what the
user's notebook, submit arguments or own configuration folder say wins.
"""

import atexit
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from commonlib.class_archive import archive_options
from commonlib.java import Java
from commonlib.java_home import OPTIONS_FILE

_FOLDER_PREFIX = "commonlib-spark-"
_LOCK = "lock"

# CPU-seconds to start a session and run four small jobs: 7 with these and an archive of classes, 14 without the
# archive, 28 as Spark comes. C1 alone makes tight loops over many rows three times slower: for a notebook that computes
# for minutes, set spark.driver.extraJavaOptions to nothing.
JVM_OPTIONS = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Duser.timezone=UTC")

SETTINGS: Mapping[str, str] = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    # Not the number of cores: it decides in which order floating-point numbers are added.
    "spark.sql.shuffle.partitions": "8",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}

_LOGGING = """\
status = error
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %d{yyyy-MM-dd HH:mm:ss} %p %c{1}: %m%n%ex
# Spark announces a log level of its own for Python, unless this logger has one.
logger.python.name = org.apache.spark.api.python.PythonGatewayServer
logger.python.level = error
"""


def use_tuned_start(java: Java) -> None:
    """Point SPARK_CONF_DIR at these settings, unless the user has a configuration folder.

    With an archive of this Java's classes, if there is one.
    """
    if has_own_configuration(os.environ):
        return
    folder = Path(os.environ.get("SPARK_CONF_DIR", ""))
    if _is_ours(folder) and folder.name.endswith(f"-{os.getpid()}") and folder.is_dir():
        return
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=_FOLDER_PREFIX, suffix=f"-{os.getpid()}"))
    lock = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)  # never closed: it falls with the process
    fcntl.flock(lock, fcntl.LOCK_EX)
    atexit.register(_remove, folder, os.getpid())
    options = " ".join((*JVM_OPTIONS, f'"-Dderby.system.home={folder}"'))
    settings = {
        **SETTINGS,
        "spark.driver.extraJavaOptions": options,
        "spark.sql.warehouse.dir": (folder / "warehouse").as_uri(),
    }
    (folder / "spark-defaults.conf").write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
    logging = folder / "log4j2.properties"
    logging.write_text(_LOGGING)
    if archive := archive_options(java):
        words = (*archive, f"-Dlog4j2.configurationFile={logging.as_uri()}")
        (folder / OPTIONS_FILE).write_text("".join(f"{word}\n" for word in words))
    os.environ["SPARK_CONF_DIR"] = str(folder)
    # The first of the two Java processes that a start takes; it only works out the command line of the other.
    os.environ.setdefault("SPARK_LAUNCHER_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")


def undo_tuned_start() -> None:
    """Take these settings back, for a Spark that is not on this machine."""
    if _is_ours(Path(os.environ.get("SPARK_CONF_DIR", ""))):
        del os.environ["SPARK_CONF_DIR"]


def has_own_configuration(environ: Mapping[str, str]) -> bool:
    """Whether the user has a Spark configuration folder, by SPARK_CONF_DIR or in SPARK_HOME."""
    if folder := environ.get("SPARK_CONF_DIR"):
        return not _is_ours(Path(folder))
    home = environ.get("SPARK_HOME")
    return bool(home) and (Path(str(home)) / "conf" / "spark-defaults.conf").is_file()


def _is_ours(folder: Path) -> bool:
    return folder.name.startswith(_FOLDER_PREFIX)


def _sweep() -> None:
    """Remove the folders of processes that were killed, as kernels mostly are."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER_PREFIX}*"):
        try:
            if time.time() - folder.stat().st_mtime < 60:  # it may be about to be locked
                continue
            lock = os.open(folder / _LOCK, os.O_RDWR)
        except OSError:  # another user's, or gone in between
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            pass  # its process lives
        finally:
            os.close(lock)


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # and not a fork of it
        shutil.rmtree(folder, ignore_errors=True)
