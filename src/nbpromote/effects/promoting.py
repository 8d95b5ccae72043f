"""From a plan to a promotion that has landed: tried on a stage, proven, and applied as one change."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nbpromote import __version__
from nbpromote.effects.locker import Busy, locked
from nbpromote.effects.proving import OnCell, Proof, prove
from nbpromote.effects.references import case_edits, case_path
from nbpromote.effects.repository import Repository
from nbpromote.effects.staging import Stage, staged
from nbpromote.effects.untouched import still_vouched, without_edited_cases
from nbpromote.effects.workspace import ApplyFailed, Workspace
from nbpromote.errors import NbpromoteError
from nbpromote.promotion import recorded_tests
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.header import source_hash
from nbpromote.promotion.plan import FileEdit, Plan
from nbpromote.proof import report
from nbpromote.proof.verdict import Outcome, Verdict


class Differs(NbpromoteError):
    """The promoted notebook does not compute what the ad-hoc one did, or nothing shows that it does."""

    def __init__(self, source: str, verdict: Verdict) -> None:
        self.verdict = verdict
        first = next((one for one in verdict.comparisons if one.outcome is Outcome.DIFFERS), None)
        if verdict.outcome is Outcome.DIFFERS and first is not None:
            reason = f"{first.subject}: {first.detail}"
        else:
            reason = "nothing that it makes can be compared"
        super().__init__(f"{source}: the promotion is not proven ({reason}); nothing was changed")


class TestsFail(NbpromoteError):
    """The tests that were made of recorded calls do not pass on the lifted functions."""

    def __init__(self, output: str) -> None:
        self.output = output
        super().__init__(f"the functions in commonlib fail their recorded calls; nothing was changed\n{output}")


@dataclass(frozen=True, slots=True)
class Promotion:
    """What landed: every edit, and the proof; functions without a test; files of a case that people made their own."""

    edits: tuple[FileEdit, ...]
    proof: Proof
    untested: tuple[str, ...]
    left: tuple[str, ...] = ()
    has_case: bool = True


def promote(
    draft: Draft,
    plan: Plan,
    repository: Repository,
    workspace: Workspace,
    *,
    on_cell: OnCell,
    on_stage: Callable[[str], None],
    timeout: float | None = None,
) -> Promotion:
    """Prove the plan on a stage, and apply it with its tests, reference and proof as one change.

    `on_cell` is told of every cell of the two runs, `on_stage` of what comes after them.

    Raises:
        CannotProve, Differs, TestsFail: nothing was changed.
    """
    lake = repository.folder("lake")
    with staged(repository.root, lake, plan.edits, (one.dataset for one in draft.outputs)) as stage:
        proof = prove(draft, repository.root / draft.options.source, stage, on_cell=on_cell, timeout=timeout)
        on_stage("comparing, and testing the functions that move")
        if proof.verdict.outcome is not Outcome.SAME:
            raise Differs(draft.options.source, proof.verdict)
        tests = recorded_tests.edits_for(draft, proof.calls, workspace)
        _run_tests(stage, tests)
        cases = case_edits(draft, proof.promoted, stage, workspace)
    own_cases = without_edited_cases(cases, draft, workspace)
    edits = (*plan.edits, *tests, *own_cases)
    files = still_vouched(draft, workspace) | {edit.path: edit.after for edit in edits if edit.after is not None}
    evidence = report.render(
        proof.verdict,
        source=draft.options.source,
        source_sha256=source_hash(draft.facts.notebook),
        files=files,
        packages={name: proof.packages[name] for name in _TOLD if name in proof.packages},
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        version=__version__,
    )
    path = draft.options.proof_path
    edits = (*edits, FileEdit(path, workspace.read_bytes(path), evidence))
    with remembered(repository.root, draft.options.target, edits):
        workspace.apply(edits)
    has_case = workspace.read_bytes(case_path(draft)) is not None
    left = tuple(edit.path for edit in cases if edit not in own_cases)
    return Promotion(edits, proof, recorded_tests.untested(draft, proof.calls), left, has_case)


_PROMOTIONS = ".nbpromote/promotions"
_PATIENCE_SECONDS = 20.0
_TOLD = ("numpy", "pandas", "pyarrow", "pyspark", "scipy", "sklearn", "matplotlib")


def _run_tests(stage: Stage, edits: Sequence[FileEdit]) -> None:
    """Run the new tests against the staged commonlib."""
    if not edits:
        return
    folder = stage.folder / "evidence"
    for edit in edits:
        target = folder / edit.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(edit.after or b"")
    inherited = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    environment = {**inherited, "PYTHONPATH": str(stage.root), "LAKE_ROOT": str(stage.lake)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:nbpromote", "--rootdir", "."]
    done = subprocess.run([*command, "tests"], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise TestsFail("\n".join(done.stdout.strip().splitlines()[-25:]))


@contextmanager
def remembered(root: Path, target: str, edits: Sequence[FileEdit]) -> Iterator[None]:
    """Keep this promotion, so that it can be taken back, when the block makes it.

    It is noted before and confirmed after: a process that is killed in between leaves a note that `last` can judge.
    """
    folder = root / _PROMOTIONS
    folder.mkdir(parents=True, exist_ok=True)
    with _in_turn(root):
        _settle(root)
        number = max((int(path.stem) for path in folder.glob("*.json")), default=0) + 1
        content = {"target": target, "edits": [[edit.path, _text(edit.before), _text(edit.after)] for edit in edits]}
        noted = folder / f"{number:06}.noted"
        try:
            noted.write_text(json.dumps(content), encoding="utf-8")
            yield
        except BaseException as error:
            _settle(root)  # Ctrl-C may come right after all is in place
            if isinstance(error, OSError):
                raise ApplyFailed(noted.relative_to(root).as_posix(), error.strerror or str(error)) from error
            raise
        noted.rename(noted.with_suffix(".json"))


@contextmanager
def _in_turn(root: Path) -> Iterator[None]:
    """Promotions land one after the other; each takes a moment only."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(locked(root / _PROMOTIONS / "lock"))
                break
            except Busy:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        yield


def last(root: Path) -> tuple[Path, str, tuple[FileEdit, ...]] | None:
    """The last promotion that was not taken back: its file, the production notebook, and its edits."""
    if (root / _PROMOTIONS).is_dir():
        with _in_turn(root):
            _settle(root)
    kept = sorted((root / _PROMOTIONS).glob("*.json"))
    return (kept[-1], *_read(kept[-1])) if kept else None


def _settle(root: Path) -> None:
    """Confirm what a killed process had noted when it has landed, else forget it."""
    for noted in (root / _PROMOTIONS).glob("*.noted"):
        try:
            _, edits = _read(noted)
        except (ValueError, KeyError):
            edits = ()
        workspace = Workspace(root)
        if edits and all(workspace.read_bytes(edit.path) == edit.after for edit in edits):
            noted.rename(noted.with_suffix(".json"))
        else:
            noted.unlink(missing_ok=True)


def _read(kept: Path) -> tuple[str, tuple[FileEdit, ...]]:
    content = json.loads(kept.read_text(encoding="utf-8"))
    return content["target"], tuple(
        FileEdit(path, _bytes(before), _bytes(after)) for path, before, after in content["edits"]
    )


def _text(content: bytes | None) -> str | None:
    return None if content is None else content.decode("latin-1")


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode("latin-1")
