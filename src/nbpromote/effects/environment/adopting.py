"""The common environment moves to what an ad-hoc notebook ran with, when everything still passes in it.

All happens in a copy of the repository: until the last step, which writes all files as one change, nothing of the
repository is touched, so that an end at any moment leaves it as it was.
"""

import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from nbpromote.analysis import analyse
from nbpromote.effects import git
from nbpromote.effects.checking.settings import read_settings
from nbpromote.effects.environment.fresh import Tested, build, run_tests
from nbpromote.effects.environment.locked import CONDA_LOCK, PYPI_LOCK, locked_versions
from nbpromote.effects.environment.pypi_part import python_version
from nbpromote.effects.environment.ran_with import Interpreter, interpreter_of
from nbpromote.effects.environment.relock import (
    NoEnvironmentFile,
    Relocked,
    find_conda,
    relock,
)
from nbpromote.effects.environment.solvers import solvers_python
from nbpromote.effects.environment.solving import Movement
from nbpromote.effects.environment.using import find_users, kernel_of, own_modules
from nbpromote.effects.files.repository import Repository
from nbpromote.effects.files.temporary import Folder
from nbpromote.effects.files.workspace import Workspace
from nbpromote.environment import Used, parse_conda_lock, parse_environment, parse_pins
from nbpromote.environment.adoption import Adoption, find_adoption
from nbpromote.environment.difference import Change
from nbpromote.environment.edits import edit_environment, edit_project
from nbpromote.environment.needs import find_needs
from nbpromote.environment.packages import normal_name
from nbpromote.environment.pins import versions_on
from nbpromote.notebook import read
from nbpromote.promotion.plan import FileEdit

_SKIPPED = shutil.ignore_patterns(".git", ".venv", ".nbpromote", "__pycache__", "node_modules")
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Broken:
    """A notebook or file of tests that fails with what was to be adopted.

    `changes` are the packages that moved among those that it imports, all that moved where none of them did;
    `fails_now` when it fails in an environment of the locks as they are, too.
    """

    name: str
    reason: str
    changes: tuple[Change, ...]
    fails_now: bool


@dataclass(frozen=True, slots=True)
class Adopted:
    """What came of it: the changes of the locks, the tests that ran, and what they broke (nothing was written then)."""

    adoption: Adoption
    changes: tuple[Change, ...] = ()
    count: int = 0
    broken: tuple[Broken, ...] = ()
    written: tuple[str, ...] = ()


def wanted(repository: Repository, notebook: Path, *, python: str | None = None) -> tuple[Interpreter, Adoption]:
    """What the notebook ran with, and what the common environment would take of it; nothing is changed.

    Raises:
        NoEnvironmentFile, UnknownKernel, UnreadableLock, UnreadableNotebook
    """
    root = repository.root
    name = repository.relative(notebook)
    found = read(notebook, name=name)
    ran = interpreter_of(name, kernel_of(found), python)
    if not (root / "environment.yml").is_file():
        raise NoEnvironmentFile(root)
    asked = parse_environment((root / "environment.yml").read_text(encoding="utf-8"))
    facts = analyse(found, specifications=read_settings(root).specifications)
    own = own_modules(root) | {path.stem for path in notebook.parent.glob("*.py")}
    needs = find_needs(facts, ran.modules, own=own)
    return ran, find_adoption(needs, ran.installed, locked_versions(root), asked)


def adopt(repository: Repository, adoption: Adoption, *, conda: str | None = None, say: Say) -> Adopted:
    """Edit, lock, build, test in a copy; then write environment.yml, pyproject.toml and both locks, or nothing.

    Raises:
        NotLocked, NotInstalled: no such environment can be had.
        ChangedMeanwhile, ApplyFailed: the repository's files cannot be written; they are as they were.
    """
    root = repository.root
    workspace = Workspace(root)
    workspace.check_writable()
    held = Folder("adopt-")
    try:
        copy = held.path / "repository"
        _copy(root, copy)
        edits = [*_edits(root, adoption)]
        for edit in edits:
            (copy / edit.path).write_bytes(edit.after or b"")
        made = relock(copy, Movement(prefer=adoption.versions), conda=conda, say=say)
        for edit in made.edits:
            (copy / edit.path).write_bytes(edit.after or b"")
        say("building a fresh environment from the locks")
        fresh = _build(held.path / "fresh", copy, conda, say)
        there = replace(repository, root=copy)
        say("running all notebook regression tests and commonlib's tests in it")
        tested = run_tests(fresh, there, _tests(there), held.path / "tested.xml")
        if tested.failed:
            before: Mapping[str, str] = {}
            if (root / CONDA_LOCK).is_file():
                say("running what failed once more in an environment of the locks as they are")
                former = _build(held.path / "former", root, conda, say)
                before = run_tests(former, there, _tests(there, tested.failed), held.path / "former.xml").failed
            broken = _broken(there, tested, made, before)
            return Adopted(adoption, made.changes, tested.count, broken)
        whole = [*edits, *made.edits]
        workspace.apply(whole)
        written = tuple(edit.path for edit in whole if edit.before != edit.after)
        return Adopted(adoption, made.changes, tested.count, (), written)
    finally:
        held.remove()


def _edits(root: Path, adoption: Adoption) -> list[FileEdit]:
    edits = []
    for name, edited in (("environment.yml", edit_environment), ("pyproject.toml", edit_project)):
        path = root / name
        if path.is_file():
            before = path.read_bytes()
            edits.append(FileEdit(name, before, edited(before.decode(), adoption.moves).encode()))
    return edits


def _copy(root: Path, copy: Path) -> None:
    """The repository's files: what git keeps or would take, else all but environments and caches."""
    names = git.listed(root) if git.top(root) else None
    if names is None:
        shutil.copytree(root, copy, ignore=_SKIPPED, symlinks=True)
        return
    copy.mkdir()
    for name in names:
        source = root / name
        if source.is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy / name, follow_symlinks=False)


def _build(folder: Path, locks: Path, conda: str | None, say: Say) -> Path:
    """An environment of the locks in this folder; its interpreter."""
    file = locks / PYPI_LOCK
    pins = versions_on(parse_pins(file.read_text(encoding="utf-8")), {}) if file.is_file() else {}
    python = python_version(parse_conda_lock((locks / CONDA_LOCK).read_text(encoding="utf-8")))
    return build(folder, locks, python, pins, solvers=solvers_python(say), conda=find_conda(conda))


def _tests(repository: Repository, names: Collection[str] | None = None) -> list[str]:
    """The regression tests of notebooks, and commonlib's; of these notebooks and files alone where some are named."""
    folder = repository.folder("tests")
    found = [str(path) for path in sorted(folder.glob("*/*.yml")) if names is None or path.parent.name in names]
    if names is None:
        library = repository.root / "tests" / "commonlib"
        return [*found, str(library)] if library.is_dir() else found
    return [*found, *(str(path) for name in names if (path := repository.root / name).is_file())]


def _broken(repository: Repository, tested: Tested, made: Relocked, before: Mapping[str, str]) -> tuple[Broken, ...]:
    imports = _imports(repository)
    found = []
    for name, reason in tested.failed.items():
        own = tuple(change for change in made.changes if normal_name(change.name) in imports.get(name, ()))
        found.append(Broken(name, reason, own or made.changes, name in before))
    return tuple(found)


def _imports(repository: Repository) -> Mapping[str, frozenset[str]]:
    """Name of a production notebook -> the distributions that it, or commonlib for it, imports."""
    used = [one for one in find_users(repository) if isinstance(one, Used)]
    library = {need.distribution for one in used if one.kernel is None for need in one.needs}
    return {
        Path(one.path).stem: frozenset({need.distribution for need in one.needs} | library)
        for one in used
        if one.kernel is not None
    }
