"""The one SparkSession of a notebook: embedded on this machine, or wherever the configuration says."""

import os
import shlex
import sys
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING

from commonlib import databricks_connect, shipping
from commonlib.java_home import use_fit_java
from commonlib.tuned_start import has_own_configuration, undo_tuned_start, use_tuned_start

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


_LOOPBACK: Mapping[str, str] = {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_HOSTNAME": "localhost"}


def prepare_environment() -> None:
    """Make a plain `SparkSession.builder.getOrCreate()` in this process or its children work, fast and quietly.

    Chooses the Java, has Python workers run this Python, and for a Spark on this machine binds it to the loopback and
    gives it the settings of a tuned start. Whatever is configured already stays. Does nothing where Spark is elsewhere
    (SPARK_REMOTE), runs already, or runs this process (Databricks). Raises NoJavaError when no Java fits.
    """
    _prepare(remote=_named_remote(), master=_submitted_master())


def get_spark(app_name: str | None = None, *, config: Mapping[str, str] | None = None) -> "SparkSession":
    """The Spark session of this notebook, started if there is none.

    Where it runs is a matter of configuration alone: on this machine; by SPARK_REMOTE or `spark.remote` on a Spark
    Connect server; by `spark.master` on a cluster; and where Databricks Connect is installed, on the workspace that the
    profile or the environment variables name (the server of SPARK_REMOTE is spoken to by the vendor's client, too).
    `config` holds further Spark settings, which win over all defaults; when a session runs already, those that a
    running session can change are changed.
    """
    settings = dict(config or {})
    remote = settings.get("spark.remote") or _named_remote()
    if "DATABRICKS_RUNTIME_VERSION" not in os.environ and databricks_connect.is_installed():
        return _by_databricks_connect(remote, settings)
    _prepare(remote=remote, master=settings.get("spark.master") or _submitted_master())
    from pyspark.sql import SparkSession

    builder = SparkSession.builder
    if remote is not None:
        settings.pop("spark.remote", None)
        session: SparkSession = builder.config("spark.remote", remote).getOrCreate()
        # A server has a time zone of its own; the session's decides what dates and moments mean.
        _set({"spark.sql.session.timeZone": "UTC", **settings}, session)
        shipping.ship(session)
        return session
    if app_name is not None:
        builder = builder.appName(app_name)
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    shipping.ship(session)
    return session


def _by_databricks_connect(remote: str | None, settings: dict[str, str]) -> "SparkSession":
    settings.pop("spark.remote", None)
    session: SparkSession = databricks_connect.builder(remote).getOrCreate()
    _ = session.version  # asks: what does not answer is told here
    try:
        _set({"spark.sql.session.timeZone": "UTC", **settings}, session)
        shipping.ship(session)
    except Exception as error:
        if remote is not None:
            raise
        # Serverless compute takes few settings, and which compute takes modules is the workspace's to say.
        warnings.warn(f"this compute does not take all that it was given: {error}", stacklevel=3)
    return session


def _set(settings: Mapping[str, str], session: "SparkSession") -> None:
    for key, value in settings.items():
        if session.conf.isModifiable(key):  # what belongs to a start of Spark is the server's
            session.conf.set(key, value)


def _prepare(*, remote: str | None, master: str | None) -> None:
    if (remote or "").startswith("sc:") or "DATABRICKS_RUNTIME_VERSION" in os.environ or _is_running():
        return
    if databricks_connect.is_installed():
        return
    java = use_fit_java()
    if master is not None and not master.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        for name, value in _LOOPBACK.items():
            if os.environ.get(name) == value:
                del os.environ[name]
        undo_tuned_start()
        return
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    if not has_own_configuration(os.environ):
        for name, value in _LOOPBACK.items():
            os.environ.setdefault(name, value)
        use_tuned_start(java)


def _named_remote() -> str | None:
    """The server that the environment names; empty where a run is to have none, though its parent has one."""
    if os.environ.get("SPARK_REMOTE") == "":
        del os.environ["SPARK_REMOTE"]  # PySpark takes it for an address
    return os.environ.get("SPARK_REMOTE")


def _is_running() -> bool:
    pyspark = sys.modules.get("pyspark")
    return pyspark is not None and pyspark.SparkContext._active_spark_context is not None


def _submitted_master() -> str | None:
    """The master that PYSPARK_SUBMIT_ARGS names, if any."""
    words = shlex.split(os.environ.get("PYSPARK_SUBMIT_ARGS", ""))
    for place, word in enumerate(words):
        if word == "--master":
            return words[place + 1] if place + 1 < len(words) else None
        for prefix in ("--master=", "spark.master="):
            if word.startswith(prefix):
                return word.removeprefix(prefix)
    return None
