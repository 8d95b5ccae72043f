"""What stands between this environment and Spark on Databricks."""

import sys
from dataclasses import dataclass

from commonlib import databricks_connect
from nbpromote.effects.environment.installed import distributions
from nbpromote.environment.usage import find_clash

CLIENT = "databricks-connect"
# https://docs.databricks.com/en/dev-tools/databricks-connect/python/install: the client's first version -> its Python.
_PYTHONS = ((13, (3, 10)), (15, (3, 11)), (16, (3, 12)))
_NEWEST_ON_311 = 16  # 16.1 and older serve both


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was looked at; `problem` is None when it is well."""

    what: str
    problem: str | None = None


def examine() -> tuple[Found, ...]:
    """Look at the packages, the profile and the host; takes seconds at most."""
    installed = distributions()
    version = installed.get(CLIENT)
    found = [Found("packages", "; ".join(map(str, find_clash("this environment", installed))) or None)]
    if version is None:
        found.append(Found(f"{CLIENT} is not installed here: Spark runs on this machine, or where SPARK_REMOTE says"))
    else:
        found.append(Found(f"{CLIENT} {version} on Python {_python()}", _unfit(version)))
    try:
        host = databricks_connect.host()
        found.append(Found(f"workspace {host}"))
        databricks_connect.check_reachable(host)
        found.append(Found("it answers"))
    except databricks_connect.NoDatabricks as error:
        found.append(Found("workspace", str(error)))
    return tuple(found)


def _unfit(version: str) -> str | None:
    major = int(version.partition(".")[0]) if version.partition(".")[0].isdigit() else 0
    wanted = next((python for first, python in reversed(_PYTHONS) if major >= first), None)
    here = sys.version_info[:2]
    if wanted is None or here == wanted or (major == _NEWEST_ON_311 and here == (3, 11)):
        return None
    fits = ".".join(map(str, wanted))
    return f"UDFs need the runtime's Python, {fits}, and this is {_python()}; use an environment with {fits}"


def _python() -> str:
    return ".".join(map(str, sys.version_info[:2]))
