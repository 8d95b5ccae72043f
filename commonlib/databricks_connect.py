"""Spark on Databricks from here, by Databricks Connect: which workspace is meant, and whether it can be reached.

The vendor's client replaces pyspark, so it lives in an environment of its own; where it is installed, there is no other
Spark.
"""

import configparser
import http.client
import os
import socket
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from commonlib.errors import CommonlibError

SECONDS = 5.0  # the vendor's SDK itself tries for five minutes
_GATEWAY = (502, 503, 504)
_COMPUTE = ("cluster_id", "serverless_compute_id")


class NoDatabricks(CommonlibError, RuntimeError):
    """Databricks Connect cannot begin; the message says what to set or to look at."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The workspace that is meant, and where in it Spark runs: on a cluster that is named, else serverless."""

    host: str
    cluster: str | None = None
    names_compute: bool = False

    @property
    def compute(self) -> str:
        """Where Spark runs, in words."""
        return f"cluster {self.cluster}" if self.cluster else "serverless"


def is_installed() -> bool:
    """Whether this environment has the vendor's client."""
    try:
        return find_spec("databricks.connect") is not None
    except ModuleNotFoundError:
        return False


def profile() -> Profile:
    """What the environment variables name, and for what they do not name, the profile.

    Raises:
        NoDatabricks: nothing names a workspace.
    """
    name = os.environ.get("DATABRICKS_CONFIG_PROFILE", "DEFAULT")
    path = Path(os.environ.get("DATABRICKS_CONFIG_FILE") or "~/.databrickscfg").expanduser()
    # As the vendor's SDK, which lets no profile inherit of DEFAULT.
    profiles = configparser.ConfigParser(interpolation=None, default_section="\0")
    try:
        profiles.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError, OSError) as error:
        raise NoDatabricks(f"{path}: cannot be read as profiles of Databricks; mend it") from error
    host = os.environ.get("DATABRICKS_HOST") or profiles.get(name, "host", fallback=None)
    if not host:
        known = ", ".join(profiles.sections()) or "none"
        there = f"there is {known}" if path.is_file() else "the file is not there"
        raise NoDatabricks(
            f"{path}: has no profile {name} with a host ({there}); set DATABRICKS_CONFIG_PROFILE or "
            'DATABRICKS_HOST, or make one with "databricks auth login"'
        )
    compute = {
        one: os.environ.get(f"DATABRICKS_{one.upper()}") or profiles.get(name, one, fallback=None) for one in _COMPUTE
    }
    return Profile(host, compute["cluster_id"], any(compute.values()))


def check_reachable(address: str, *, seconds: float = SECONDS) -> None:
    """Find out in seconds whether a workspace answers, by way of a proxy where one is set.

    Raises:
        NoDatabricks: it does not.
    """
    url = address if "://" in address else f"https://{address}"
    hint = "look at its name in DATABRICKS_HOST or the profile, the network, a proxy or VPN"
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise NoDatabricks(f"{address}: is no address of a workspace; {hint}")

    def ask() -> None:
        try:
            urllib.request.build_opener(_NoRedirect).open(urllib.request.Request(url, method="HEAD"), timeout=seconds)
        except urllib.error.HTTPError as error:
            if error.code in _GATEWAY:  # a proxy, of what is behind it; whatever else is said, the workspace says
                raise
        except urllib.error.URLError as error:
            # The vendor's client may trust other authorities than Python does; no client takes another's certificate.
            is_unknown = isinstance(error.reason, ssl.SSLCertVerificationError) and "mismatch" not in str(error.reason)
            if not is_unknown:
                raise

    _in_time(address, ask, hint, seconds)


def check_server(remote: str, *, seconds: float = SECONDS) -> None:
    """Find out in seconds whether a Spark Connect server (sc://host:port) answers.

    Raises:
        NoDatabricks: it does not.
    """
    shown = remote.partition("/;")[0]  # a token may follow
    hint = "start it, or look at SPARK_REMOTE"

    def ask() -> None:
        parts = urlsplit(remote)
        with socket.create_connection((parts.hostname or "", parts.port or 15002), timeout=seconds):
            pass

    if not remote.startswith("sc://"):
        raise NoDatabricks(f"{shown}: is no address of a Spark Connect server, which begins with sc://; {hint}")
    _in_time(shown, ask, hint, seconds)


def builder(remote: str | None = None) -> Any:
    """The vendor's builder of a session, on a workspace that answers, or on the Spark Connect server that is named.

    Raises:
        NoDatabricks: no workspace is named, or it does not answer.
    """
    if remote is not None:
        check_server(remote)
        from databricks.connect import DatabricksSession  # type: ignore[import-not-found]

        return DatabricksSession.builder.remote(remote)
    found = profile()
    check_reachable(found.host)
    from databricks.connect import DatabricksSession

    return DatabricksSession.builder if found.names_compute else DatabricksSession.builder.serverless(True)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _in_time(address: str, ask: Callable[[], None], hint: str, seconds: float) -> None:
    """Ask in a thread, for nothing limits how long a name may take to be resolved."""
    problems: list[BaseException] = []

    def asking() -> None:
        try:
            ask()
        except (OSError, ValueError, http.client.HTTPException) as error:
            problems.append(error)

    thread = threading.Thread(target=asking, daemon=True)
    thread.start()
    thread.join(seconds + 1)
    if not thread.is_alive() and not problems:
        return
    error = getattr(problems[0], "reason", problems[0]) if problems else TimeoutError()
    why = f"does not answer within {seconds:g} s" if isinstance(error, TimeoutError) else f"cannot be reached ({error})"
    raise NoDatabricks(f"{address}: {why}; {hint}") from (problems[0] if problems else None)
