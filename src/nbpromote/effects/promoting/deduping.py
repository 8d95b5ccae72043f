"""Clones found in a repository, and production notebooks that import what they had copied: tested, and landed."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbpromote.analysis.clones import Placed
from nbpromote.analysis.clones.reading import placed_in
from nbpromote.effects import git
from nbpromote.effects.files.repository import Repository
from nbpromote.effects.files.staging import staged
from nbpromote.effects.files.untouched import NotCommitted
from nbpromote.effects.files.workspace import Workspace
from nbpromote.effects.promoting.history import remembered
from nbpromote.effects.running.case_files import find_cases
from nbpromote.errors import NbpromoteError, UnreadableNotebook
from nbpromote.notebook import parse
from nbpromote.promotion.deduping import Replaced, without_copies
from nbpromote.promotion.library import Known, keys_of, read_library
from nbpromote.promotion.plan import FileEdit
from nbpromote.running.case import BadCase

TARGET = "commonlib of what notebooks had copied"


class CasesFail(NbpromoteError):
    """A notebook does something else with commonlib's function than with its own copy."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}; nothing was changed")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A production notebook that can import what it has copied; `cases` test it, and without one it stays as it is."""

    edit: FileEdit
    replaced: tuple[Replaced, ...]
    cases: tuple[Path, ...]


def find_definitions(paths: Iterable[Path], repository: Repository, library: Sequence[Known]) -> list[Placed]:
    """The definitions of commonlib and of these notebooks; what cannot be read has none."""
    keys = keys_of(library)
    found = [Placed(f"commonlib/{one.module}.py", None, one.node.lineno, one.node, one.form) for one in library]
    for path in paths:
        try:
            content = path.read_bytes()
            if b"def " not in content and b"class " not in content:
                continue
            found += placed_in(parse(content, repository.relative(path)), keys)
        except (UnreadableNotebook, OSError):
            continue
    return found


def find_rewrites(repository: Repository, workspace: Workspace, library: Sequence[Known]) -> tuple[Rewritten, ...]:
    """The production notebooks that have copies of what commonlib has, as they would be without."""
    found = []
    folder = repository.relative(repository.folder("production"))
    for path in workspace.files(folder):
        before = workspace.read_bytes(path) if path.endswith(".py") else None
        if before is None:
            continue
        made = without_copies(before.decode("utf-8", "surrogateescape"), library)
        if made.replaced:
            edit = FileEdit(path, before, made.text.encode("utf-8", "surrogateescape"))
            found.append(Rewritten(edit, made.replaced, _cases(repository, path)))
    return tuple(found)


def apply(repository: Repository, workspace: Workspace, rewritten: Sequence[Rewritten]) -> tuple[FileEdit, ...]:
    """Run the cases of these notebooks on what they would become, and land all of it when they pass.

    Raises:
        CasesFail, NotCommitted: nothing was changed.
    """
    edits = tuple(one.edit for one in rewritten)
    if git.top(repository.root) is not None and (dirty := git.dirty_paths(repository.root, [e.path for e in edits])):
        raise NotCommitted(dirty)
    edits = (*edits, *_references(repository, workspace, rewritten))
    place = workspace.prepare(edits, "Import from commonlib what production notebooks had copied\n")
    with remembered(repository.root, TARGET, edits, place):
        workspace.apply(edits)
    return edits


def library_of(workspace: Workspace) -> tuple[Known, ...]:
    """What commonlib has."""
    return read_library(workspace)


def _cases(repository: Repository, path: str) -> tuple[Path, ...]:
    try:
        return find_cases(repository, [path])
    except BadCase:
        return ()


def _references(repository: Repository, workspace: Workspace, rewritten: Sequence[Rewritten]) -> tuple[FileEdit, ...]:
    """The references of the cases anew: their cells say other things, and show and write the same."""
    cases = [case for one in rewritten for case in one.cases]
    # Beside the edits the cases themselves, so that the stage has its own copies of their folder.
    own = [FileEdit(repository.relative(case), None, case.read_bytes()) for case in cases]
    edits = [*(one.edit for one in rewritten), *own]
    with staged(repository.root, repository.root / "lake", edits, ()) as stage:
        inherited = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
        command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "--no-header", "-p", "no:cacheprovider"]
        command += ["--nbpromote-update", "--nbpromote-once"]
        done = subprocess.run(
            [*command, "--rootdir", str(stage.root), *(one.path for one in own)],
            cwd=stage.root,
            env={**inherited, "PYTHONPATH": str(stage.root)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-30:])
            raise CasesFail(f"the regression cases do not run on what dedupe would write\n{said}\n")
        found = []
        for case in cases:
            path = repository.relative(case.with_suffix(".ipynb"))
            before, after = workspace.read_bytes(path), (stage.root / path).read_bytes()
            if before is None:
                raise CasesFail(f"{path}: is not there; record it with nbpromote test --update")
            if _shown(before) != _shown(after):
                raise CasesFail(
                    f"{repository.relative(case)}: shows or writes something else with commonlib's functions, or did "
                    'before: see what "nbpromote test" says'
                )
            found.append(FileEdit(path, before, after))
    return tuple(found)


def _shown(reference: bytes) -> object:
    """What the cells of a reference show and write, without what they say."""
    content = json.loads(reference)
    outputs = [cell["outputs"] for cell in content["cells"] if cell.get("outputs")]
    for output in (one for each in outputs for one in each):
        output.pop("execution_count", None)
        output.pop("metadata", None)  # what pictures were drawn from, which earlier references do not tell
    return outputs, content["metadata"].get("nbpromote", {}).get("written")
