"""The environment that has Databricks Connect: it replaces pyspark, so it stands apart from the tool's own."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from commonlib import databricks_connect
from commonlib.errors import CommonlibError
from nbpromote.effects.environment.ran_with import Interpreter, NoAnswer, ask, python_in
from nbpromote.effects.files.repository import BadConfiguration, Repository
from nbpromote.environment import find_clash
from nbpromote.errors import NbpromoteError
from nbpromote.publish.databricks.vendor import python_of_client

CLIENT = "databricks-connect"
FOLDER, LOCK, VARIABLE = ".venv-databricks", "requirements-databricks.lock", "NBPROMOTE_DATABRICKS"
_REMOTE = "SPARK_REMOTE"


class NotReady(NbpromoteError):
    """Spark on Databricks cannot be had from here; nothing was begun."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(("--on databricks: not possible from here", *(f"  {one}" for one in problems))))


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was looked at; `problem` is None when it is well. A note stops nothing."""

    what: str
    problem: str | None = None
    is_note: bool = False


def settings(root: Path) -> Mapping[str, object]:
    """`[tool.nbpromote.databricks]` of a repository."""
    path = root / "pyproject.toml"
    try:
        found: object = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except ValueError as error:
        raise BadConfiguration(str(path), f"is not TOML ({error})") from error
    for key in ("tool", "nbpromote", "databricks"):
        found = found.get(key, {}) if isinstance(found, dict) else {}
    return found if isinstance(found, dict) else {}


def place(root: Path) -> Path:
    """The folder of that environment, or its interpreter: as NBPROMOTE_DATABRICKS or the settings say."""
    named = os.environ.get(VARIABLE) or settings(root).get("environment") or FOLDER
    return root / Path(str(named)).expanduser()


def examine(root: Path) -> tuple[Interpreter | None, tuple[Found, ...]]:
    """The interpreter of that environment, and how it fares; takes a second."""
    here = place(root)
    shown = here.relative_to(root) if here.is_relative_to(root) else here
    path = python_in(here)
    if path is None:
        why = f'has no Python with {CLIENT}; make it ("make databricks"), or name another: {VARIABLE}=FOLDER'
        return None, (Found(f"environment {shown}", why),)
    try:
        found = ask(path)
    except NoAnswer as error:
        return None, (Found(f"environment {shown}", f"{error}; make it anew"),)
    return found, tuple(_packages(f"environment {shown}", found))


def _packages(name: str, found: Interpreter) -> list[Found]:
    version = found.installed.get(CLIENT)
    if version is None:
        return [Found(name, f"Python {found.version} without {CLIENT}; install {LOCK} in it")]
    python = ".".join(found.version.split(".")[:2])
    said = [Found(f"{name}: {CLIENT} {version} on Python {python}")]
    said += [Found(name, f"{one.what}; make it anew from {LOCK}") for one in find_clash(name, found.installed)]
    if "ipykernel" not in found.installed:
        said.append(Found(name, f"has no ipykernel to run notebooks with; install {LOCK} in it"))
    theirs = python_of_client(version)
    if theirs is None:
        said.append(Found(name, f"{CLIENT} {version} is older than 13.0, and works otherwise; take a newer one"))
    elif theirs != python:
        why = f"UDFs need the Python of the compute, and compute for {CLIENT} {version} has {theirs} or newer"
        said.append(Found(name, f"{why}, this is {python}; without UDFs it works", is_note=True))
    return said


def reach() -> tuple[Found, ...]:
    """Whether what is to be spoken to is named and answers; takes seconds."""
    remote = os.environ.get(_REMOTE)
    found = []
    try:
        if remote is not None:
            found.append(Found(f"Spark Connect server {remote.partition('/;')[0]} ({_REMOTE})"))
            databricks_connect.check_server(remote)
        else:
            profile = databricks_connect.profile()
            found.append(Found(f"workspace {profile.host}, {profile.compute}"))
            databricks_connect.check_reachable(profile.host)
        found.append(Found("it answers"))
    except CommonlibError as error:
        found.append(Found("Spark Connect server" if remote is not None else "workspace", str(error)))
    return tuple(found)


def ready(repository: Repository, sources: list[str]) -> Interpreter:
    """The interpreter to run these cells with, so that their Spark is there.

    Raises:
        NotReady: with everything that stands against it.
    """
    interpreter, said = examine(repository.root)
    found = [*said, *reach()]
    uses_lake = any("lake" in source for source in sources)
    if uses_lake and _REMOTE not in os.environ and repository.remote_lake is None:
        why = f"{repository.lake_root} is on this machine, where Spark of a workspace reads nothing"
        found.append(Found("lake", f"{why}; name one that both reach: LAKE_ROOT=s3://BUCKET/PREFIX"))
    problems = tuple(f"{one.what}: {one.problem}" for one in found if one.problem and not one.is_note)
    if problems or interpreter is None:
        raise NotReady(problems)
    return interpreter
