"""Gives a kernel's Spark other settings: the weakest ones, so that what the notebook sets itself stays."""

import importlib
import os
import re
import shutil
from typing import Any

_MASTER = re.compile(r"(--master[ =]|spark\.master=)(\S+)")


def use(settings: dict[str, str], folder: str) -> None:
    """Let the Spark session that this process will start have these settings.

    A Spark elsewhere keeps its cores; what a session may set of its own is set there, too.
    """
    settings = dict(settings)
    if os.environ.get("SPARK_REMOTE", "").startswith("sc:"):
        _use_in_connect({name: value for name, value in settings.items() if name.startswith("spark.sql.")})
        return
    submitted = os.environ.get("PYSPARK_SUBMIT_ARGS", "")
    found = _MASTER.search(submitted)
    if found is not None:
        if found[2].startswith("local") and "spark.master" in settings:
            os.environ["PYSPARK_SUBMIT_ARGS"] = _MASTER.sub(rf"\g<1>{settings['spark.master']}", submitted)
        else:
            settings.pop("spark.master", None)
    configured = os.environ.get("SPARK_CONF_DIR") or os.path.join(os.environ.get("SPARK_HOME", "/nowhere"), "conf")
    own = os.path.join(folder, "spark-conf")
    if os.path.isdir(configured):
        shutil.copytree(configured, own)
    else:
        os.makedirs(own)
    with open(os.path.join(own, "spark-defaults.conf"), "a", encoding="utf-8") as file:
        file.write("\n" + "".join(f"{name} {value}\n" for name, value in settings.items()))
    os.environ["SPARK_CONF_DIR"] = own


def _use_in_connect(settings: dict[str, str]) -> None:
    SparkSession: Any = importlib.import_module("pyspark.sql.connect.session").SparkSession  # noqa: N806
    real = SparkSession.Builder.getOrCreate

    def get_or_create(builder: Any) -> Any:
        session = real(builder)
        for name, value in settings.items():
            if name not in builder._options:
                session.conf.set(name, value)
        return session

    SparkSession.Builder.getOrCreate = get_or_create
