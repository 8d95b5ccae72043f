"""The Spark server that the runs of a repository share, lent to one run."""

import contextlib
import hashlib
import json
import os
import re
import secrets
import socket
import struct
import sys
import threading
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from nbpromote.effects.files.repository import BadConfiguration, Repository
from nbpromote.effects.kernels.stopping import Stop
from nbpromote.effects.kernels.warm.circumstances import OFF, NotWarm, idle_seconds
from nbpromote.effects.kernels.warm.client import share
from nbpromote.effects.kernels.zygote.messages import receive
from nbpromote.effects.running.named_spark import NAMES, REMOTE, named
from nbpromote.notebook import Notebook
from nbpromote.running.executed import Failure
from nbpromote.running.request import HERE, RunRequest
from nbpromote.running.spark_modes import CLASSIC, MODES, WARM, needs_classic, needs_driver, uses_spark

_TOKEN = "SPARK_CONNECT_AUTHENTICATE_TOKEN"
_READ = ("SPARK_", "PYSPARK_", "JAVA", "JDK_", "HADOOP_", "AWS_", "AZURE_", "PYTHON", "XDG_CACHE_HOME", "HOME", "LANG")
SPARK = "NBPROMOTE_SPARK"  # the same as the option, for all runs of a machine
_ITSELF = (
    "connect_server.py",
    "connect_care.py",
    "session.py",
    "tuned_start.py",
    "class_archive.py",
    "java.py",
    "java_home.py",
)
# What of commonlib works over Connect, and is tested to.
_OURS = {
    "lake", "ingest", "session", "parameters", "validation", "receipts", "errors", "dbutils", "ending", "laws",
    "recorded", "showing", "widgets", "shipping", "databricks_connect", "__init__",
}  # fmt: skip

# Errors of its client, and of what a notebook asks of it that it does not have or resolves otherwise.
_OF_CONNECT = {"PySparkNotImplementedError", "PySparkPicklingError", "SparkConnectGrpcException", "ArrowInvalid",
               "ArrowTypeError", "ArrowNotImplementedError"}  # fmt: skip
_SAID_BY_CONNECT = (
    "Spark Connect", "NOT_IMPLEMENTED", "JVM_ATTRIBUTE_NOT_SUPPORTED", "REMOTE_CLIENT", "RESOURCE_EXHAUSTED",
    "CANNOT_RESOLVE_DATAFRAME_COLUMN", "AMBIGUOUS_COLUMN_REFERENCE", "to Arrow Array",
    "'Column' object is not callable",
)  # fmt: skip

NOTHING_ELSE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Lent:
    """What the kernel's environment needs to reach it, or why the run has a Spark of its own.

    `place` is where a Spark elsewhere is that the environment names. `is_missed` where the one that is shared was to be
    there, and is not. `loss` is wanted when it has ended while it was lent.
    """

    environment: Mapping[str, str]
    reason: str = ""
    place: str = ""
    is_missed: bool = False
    loss: Stop = field(default_factory=Stop)

    @property
    def told(self) -> str:
        """Where the run had its Spark, for its record; nothing for a notebook without."""
        return self.place or (f"{CLASSIC}: {self.reason}" if self.reason else WARM if self.environment else "")


def mode(root: Path, asked: str | None) -> str:
    """Where runs find their Spark: as asked for, as NBPROMOTE_SPARK or `[tool.nbpromote.run] spark` says, else warm.

    Raises:
        BadConfiguration: one says something else.
    """
    if asked is not None:
        return asked
    path = root / "pyproject.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {}).get("nbpromote", {}).get("run", {})
    except (OSError, ValueError):
        table = {}
    told = table.get("spark", WARM) if isinstance(table, Mapping) else None
    for place, found in ((SPARK, os.environ.get(SPARK)), (f"{path}: [tool.nbpromote.run] spark", told)):
        if found in MODES:
            return str(found)
        if found is not None or place != SPARK:
            raise BadConfiguration(place, f"must be {' or '.join(MODES)}, not {found!r}")
    return WARM


def why_classic(repository: Repository, notebook: Notebook, request: RunRequest) -> str | None:
    """Why this run has a Spark of its own; None where it shares one, and nothing to say where it uses none."""
    if notebook.language != "python":
        return ""
    sources = [cell.source for cell in notebook.code_cells]
    modules = _imported(repository.root, sources)
    if not uses_spark([*sources, *modules]):
        return ""
    if request.spark != WARM:
        return "asked for"
    return _why_not(repository, request) or needs_classic(sources, modules)


def unshared(repository: Repository, notebook: Notebook, reason: str) -> Lent:
    """The Spark of a run that shares none: elsewhere where the environment names one that can do all that is wanted."""
    place = named(os.environ)
    if not reason or not place:
        return Lent({}, reason)
    sources = [cell.source for cell in notebook.code_cells]
    if place.startswith("sc:") and (lacking := needs_driver(sources, _imported(repository.root, sources))):
        return Lent({REMOTE: ""}, f"{lacking}, which no Spark Connect server has")
    return Lent({}, reason, place)


@contextmanager
def lent(
    repository: Repository, notebook: Notebook, request: RunRequest, beside: Mapping[str, str] = NOTHING_ELSE
) -> Iterator[Lent]:
    """The server for this run, started if there is none, unless the run asks for or needs a Spark of its own.

    `beside` are variables that the run has and this process has not.
    """
    reason = why_classic(repository, notebook, request)
    if reason is not None:
        yield unshared(repository, notebook, reason)
        return
    own = {**os.environ, **beside}
    environment = {**own, "PYTHONPATH": str(repository.root), _TOKEN: secrets.token_urlsafe(32)}
    command = [sys.executable, "-m", "commonlib.connect_server"]
    user = f"run-{secrets.token_hex(8)}"  # its sessions are found by it when it is gone
    root = str(repository.root)
    try:
        answer, connection = share(
            _name(repository.root, own),
            command,
            user=user,
            cwd=root,
            env=environment,
            secret=environment[_TOKEN],
            environment=own,
        )
    except NotWarm as error:
        yield Lent({}, error.reason, is_missed=True)
        return
    found = Lent({"SPARK_REMOTE": f"{answer['remote']}/;user_id={user}", _TOKEN: str(answer["secret"])})
    with _watched(connection, found.loss):
        yield found


def lost(reason: str) -> str:
    """What a run has to say whose shared Spark has ended."""
    return f"the Spark that runs share ended meanwhile{reason}; run again, or with --spark classic for one of its own"


def may_be_of_connect(failure: Failure) -> str:
    """What a run has to say whose cell failed as it would not on a Spark of its own, as far as the error tells."""
    if failure.name in _OF_CONNECT or any(word in failure.message for word in _SAID_BY_CONNECT):
        return "this error is often of Spark Connect, by which runs share a Spark; run again with --spark classic"
    return ""


@contextmanager
def _watched(connection: socket.socket, loss: Stop) -> Iterator[None]:
    """Hear of a server that ends while it is lent: who talks to it would try again for minutes."""
    is_over = threading.Event()

    def listen() -> None:
        try:
            told = receive(connection)[0]
        except (OSError, ValueError, struct.error):
            told = {"lost": "the process that keeps it is gone"}
        if not is_over.is_set():
            loss.now(lost(f": {told.get('lost')}"))

    connection.settimeout(None)
    thread = threading.Thread(target=listen, name="nbpromote shared Spark", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        with contextlib.suppress(OSError):  # the other side is gone
            connection.shutdown(socket.SHUT_RDWR)
        thread.join(5.0)
        connection.close()


def _why_not(repository: Repository, request: RunRequest) -> str | None:
    set_here = [name for name in NAMES if os.environ.get(name)]
    reasons = (
        (request.on != HERE, f"it is on {request.on}"),
        (not sys.platform.startswith("linux"), "only on Linux does a process stay for the next run"),
        (idle_seconds(os.environ) <= 0, f"{OFF} turns it off"),
        (bool(set_here), f"{', '.join(set_here)} says where Spark is"),
        (
            not repository.is_production(repository.root / request.notebook),
            "it is no production notebook, and runs in its own folder",
        ),
        (
            request.memory is not None or bool(request.cores),
            "a limit on memory or cores would not reach a Spark that is shared",
        ),
        (repository.remote_lake is not None, "the lake is not on a disk"),
        (
            not (repository.root / "commonlib" / _ITSELF[0]).is_file(),
            f"the repository's commonlib has no {_ITSELF[0]}",
        ),
    )
    return next((reason for holds, reason in reasons if holds), None)


def _imported(root: Path, sources: list[str]) -> list[str]:
    """The modules of functions in commonlib that the cells name, those beside it that they import, and so on."""
    found: dict[Path, str] = {}
    todo = list(sources)
    ours = [path for path in (root / "commonlib").rglob("*.py") if _is_of_functions(path.relative_to(root))]
    beside = [path for path in (*root.glob("*.py"), *root.glob("*/__init__.py")) if path.parent.name != "commonlib"]
    named = [(re.compile(rf"\b{re.escape(path.stem)}\b"), [path]) for path in ours]
    named += [(re.compile(rf"^\s*(from|import)\s.*\b{re.escape(_module(path))}\b", re.MULTILINE), _whole(path))
              for path in beside]  # fmt: skip
    while todo:
        text = todo.pop()
        for name, paths in named:
            if not found.keys() >= set(paths) and name.search(text):
                for path in paths:
                    found[path] = path.read_text(encoding="utf-8", errors="replace")
                    todo.append(found[path])
    return list(found.values())


def _is_of_functions(path: Path) -> bool:
    """Whether a module of commonlib came there by promotion or by hand, not with the tool."""
    return path.parts[1].removesuffix(".py") not in _OURS and path.name not in (*_ITSELF, "__init__.py")


def _module(path: Path) -> str:
    return path.parent.name if path.name == "__init__.py" else path.stem


def _whole(path: Path) -> list[Path]:
    return sorted(path.parent.rglob("*.py")) if path.name == "__init__.py" else [path]


def _name(root: Path, environ: Mapping[str, str]) -> str:
    """One server for each repository, program of it, and what Spark reads of an environment."""
    paths = (root / "commonlib" / one for one in _ITSELF)
    own = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.is_file()]
    read = [(name, value) for name, value in sorted(environ.items()) if name.startswith(_READ) and name != "PYTHONPATH"]
    digest = hashlib.sha256(json.dumps([own, read]).encode()).hexdigest()[:8]
    return f"Spark for {root} ({digest})"
