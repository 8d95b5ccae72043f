"""Spark on Databricks from here, by Databricks Connect: which host is meant, and whether it can be reached.

The vendor's client replaces pyspark, so it lives in an environment of its own; where it is installed, there is no other
Spark.
"""

import configparser
import os
import socket
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from commonlib.errors import CommonlibError

SECONDS = 5.0  # the vendor's SDK itself tries for five minutes


class NoDatabricks(CommonlibError, RuntimeError):
    """Databricks Connect cannot begin; the message says what to set or to look at."""


def is_installed() -> bool:
    """Whether this environment has the vendor's client."""
    try:
        return find_spec("databricks.connect") is not None
    except ModuleNotFoundError:
        return False


def host() -> str:
    """The workspace that the environment variables or the profile name.

    Raises:
        NoDatabricks: nothing names one.
    """
    if given := os.environ.get("DATABRICKS_HOST"):
        return given
    profile = os.environ.get("DATABRICKS_CONFIG_PROFILE", "DEFAULT")
    path = Path(os.environ.get("DATABRICKS_CONFIG_FILE") or "~/.databrickscfg").expanduser()
    profiles = configparser.ConfigParser(interpolation=None)
    try:
        profiles.read(path, encoding="utf-8")
        found = profiles.get(profile, "host", fallback=None)
    except configparser.Error as error:
        raise NoDatabricks(f"{path}: cannot be read as profiles of Databricks; mend it") from error
    if not found:
        known = ", ".join(profiles.sections()) or "none"
        raise NoDatabricks(
            f"{path}: has no profile {profile} with a host (there is {known}); set DATABRICKS_CONFIG_PROFILE or "
            'DATABRICKS_HOST, or make one with "databricks auth login"'
        )
    return found


def check_reachable(address: str, *, seconds: float = SECONDS) -> None:
    """Find out in seconds whether a workspace answers.

    Raises:
        NoDatabricks: it does not.
    """
    parts = urlsplit(address if "://" in address else f"https://{address}")
    try:
        port = parts.port or (80 if parts.scheme == "http" else 443)
        with socket.create_connection((parts.hostname or "", port), timeout=seconds):
            return
    except (OSError, ValueError) as error:
        why = "does not answer" if isinstance(error, TimeoutError) else f"cannot be reached ({error})"
        raise NoDatabricks(
            f"{address}: {why}; look at its name in DATABRICKS_HOST or the profile, the network, a proxy or VPN"
        ) from error


def builder() -> Any:
    """The vendor's builder of a session, for a workspace that answers.

    Raises:
        NoDatabricks: no workspace is named, or it does not answer.
    """
    check_reachable(host())
    from databricks.connect import DatabricksSession  # type: ignore[import-not-found]

    made = DatabricksSession.builder
    has_compute = any(os.environ.get(f"DATABRICKS_{one}") for one in ("CLUSTER_ID", "SERVERLESS_COMPUTE_ID"))
    return made if has_compute or os.environ.get("DATABRICKS_CONFIG_PROFILE") else made.serverless(True)
