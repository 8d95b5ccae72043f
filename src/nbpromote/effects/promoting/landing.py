"""From a plan to a promotion that has landed: tried on a stage, proven, and applied as one change."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from nbpromote import __version__
from nbpromote.effects import git
from nbpromote.effects.files.repository import Repository
from nbpromote.effects.files.staging import staged
from nbpromote.effects.files.untouched import last_written, still_vouched, without_edited
from nbpromote.effects.files.workspace import Workspace
from nbpromote.effects.kernels.limits import Limits
from nbpromote.effects.promoting.again import NOTHING_EDITED, Again, Conflicts, carry
from nbpromote.effects.promoting.history import remembered
from nbpromote.effects.promoting.proving import CannotProve, OnCell, Proof, prove
from nbpromote.effects.promoting.recorded_runs import Calls, RecordedTests
from nbpromote.effects.promoting.references import case_edits, case_path
from nbpromote.errors import NbpromoteError
from nbpromote.promotion import recorded_tests, versioning
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.header import source_hash
from nbpromote.promotion.plan import FileEdit, Plan
from nbpromote.promotion.planning import make_plan
from nbpromote.promotion.seen import types_of
from nbpromote.proof import report, words
from nbpromote.proof.verdict import Outcome, Verdict, Weight


class Differs(NbpromoteError):
    """The promoted notebook does not compute what the ad-hoc one did, or nothing shows that it does."""

    def __init__(self, source: str, verdict: Verdict) -> None:
        self.verdict = verdict
        super().__init__(f"{source}: the promotion is not proven ({words.reason(verdict)}); nothing was changed")


class EditsDiffer(NbpromoteError):
    """The promotion is proven, and what people edited in its files makes other results."""

    def __init__(self, source: str, paths: Sequence[str], verdict: Verdict) -> None:
        self.verdict = verdict
        found = [one.subject for one in verdict.comparisons if one.weight is Weight.RESULT]
        results = [
            one.subject for one in verdict.comparisons if one.outcome is Outcome.DIFFERS and one.subject in found
        ]
        super().__init__(
            f"{source}: the promotion is proven, but what people edited in {', '.join(paths)} changes "
            f"{', '.join(results) or 'what can be compared'}; nothing was changed. If that is what the edits are for, "
            "promote again with --accept-edits"
        )


@dataclass(frozen=True, slots=True)
class Promotion:
    """What landed: every edit, and the proof; functions without a test; files that people made their own.

    `edited` is how it came out with people's edits, when they change results; `laws` are those that are tested of
    each function.
    """

    edits: tuple[FileEdit, ...]
    proof: Proof
    untested: tuple[str, ...]
    left: tuple[str, ...] = ()
    has_case: bool = True
    edited: Verdict | None = None
    laws: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def promote(
    draft: Draft,
    plan: Plan,
    repository: Repository,
    workspace: Workspace,
    *,
    on_cell: OnCell,
    on_stage: Callable[[str], None],
    limits: Limits = Limits(),  # noqa: B008  it is frozen
    repeat: bool | None = None,
    again: Again = NOTHING_EDITED,
    accepts_edits: bool = False,
    goes_on: bool = False,
) -> Promotion:
    """Prove the plan on a stage, and apply it with its tests, reference and proof as one change.

    `on_cell` is told of every cell of the runs, `on_stage` of what comes after them; `repeat` and `goes_on` are
    `prove`'s. `again` is what people edited since the last promotion, which the plan holds; when these edits change
    results, `accepts_edits` lets them.

    Raises:
        CannotProve, Differs, EditsDiffer, TestsFail, Conflicts: nothing was changed.
    """
    source, former = draft.options.source, workspace.read_bytes(draft.options.proof_path)
    lake, datasets = repository.folder("lake"), [one.dataset for one in draft.outputs]
    run = partial(
        prove, draft, repository.root / source, on_cell=on_cell, limits=limits, repeat=repeat, goes_on=goes_on
    )
    overlay = workspace.overlay()
    with staged(repository.root, lake, (*overlay, *plan.edits), datasets) as stage, ExitStack() as running:
        trial = RecordedTests(draft, stage, workspace)
        running.callback(trial.stop)

        def know(calls: Calls) -> None:
            nonlocal plan, again
            plan, again = _with_types(draft, calls, plan, again, workspace)
            for edit in plan.edits:
                if edit.path == draft.options.module_path and edit.after is not None:
                    (stage.root / edit.path).write_bytes(edit.after)
            trial.begin(calls)

        try:
            proof = run(stage, on_calls=know)
        except CannotProve as error:
            if again.carried and error.which == "promoted":
                raise CannotProve(error.which, error.path, error.executed, _EDITS_FAIL) from error
            raise
        edited: Verdict | None = None
        if proof.verdict.outcome is not Outcome.SAME and again.carried:
            on_stage("what people edited makes a difference; running the promotion without their edits")
            with staged(repository.root, lake, (*overlay, *_alone(plan.edits, again)), datasets) as bare:
                edited, proof = proof.verdict, replace(proof, verdict=run(bare).verdict)
        on_stage("comparing, and testing the functions that move")
        if proof.verdict.outcome is not Outcome.SAME:
            raise Differs(source, proof.verdict)
        if edited is not None and not accepts_edits:
            raise EditsDiffer(source, [one.path for one in again.carried], edited)
        trial.finish()
        tests, own_tests = trial.carried, trial.edits
        if tests.open:
            raise Conflicts(source, tests.open)
        cases = case_edits(draft, proof.promoted, stage, workspace)
    own_cases = without_edited(cases, draft, workspace)
    edits = (*plan.edits, *own_tests, *own_cases)
    files = still_vouched(draft, workspace) | {
        edit.path: edit.after for edit in edits if edit.after is not None and edit.path not in versioning.FILES
    }
    for path in (one.path for one in (*again.carried, *tests.carried) if one.path not in files):
        files[path] = workspace.read_bytes(path) or b""
    made = {**report.bases(former), **again.made, **tests.made}
    evidence = report.render(
        proof.verdict,
        source=source,
        source_sha256=source_hash(draft.source_notebook),
        files=files,
        packages={name: proof.packages[name] for name in _TOLD if name in proof.packages},
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        version=__version__,
        bases={path: made.get(path, content) for path, content in files.items() if path.endswith(".py")},
        about={"by": git.user(repository.root), "commit": git.head(repository.root)},
        edited=edited,
    )
    path = draft.options.proof_path
    edits = (*edits, FileEdit(path, former, evidence), *again.chosen, *tests.chosen)
    edits = versioning.caught_up(edits, workspace)
    place = workspace.prepare(edits, f"Promote {source}\n\nProof: {report.outcome(evidence)}\n")
    with remembered(repository.root, draft.options.target, edits, place):
        workspace.apply(edits)
    has_case = workspace.read_bytes(case_path(draft)) is not None
    left = tuple(edit.path for edit in (*tests.edits, *cases) if edit not in edits)
    return Promotion(edits, proof, recorded_tests.untested(draft, proof.calls), left, has_case, edited, trial.laws)


_TOLD = ("numpy", "pandas", "pyarrow", "pyspark", "scipy", "sklearn", "matplotlib")
_EDITS_FAIL = "what people edited since its promotion is in it: mend it there, or in the ad-hoc notebook"


def _with_types(draft: Draft, calls: Calls, plan: Plan, again: Again, workspace: Workspace) -> tuple[Plan, Again]:
    """The plan with the types in commonlib's module that the calls have, now that they are known."""
    path = draft.options.module_path
    typed = replace(draft, seen=types_of(draft, calls))
    if typed.seen == draft.seen:
        return plan, again
    edits = [edit for edit in make_plan(typed, workspace, last_written(draft, workspace)).edits if edit.path == path]
    carried = carry(edits, draft, workspace)
    if carried.open:
        raise Conflicts(draft.options.source, carried.open)
    others = [one for one in again.carried if one.path != path]
    again = replace(again, made={**again.made, **carried.made}, carried=(*others, *carried.carried))
    rest = tuple(edit for edit in plan.edits if edit.path != path)
    return replace(plan, edits=(*rest, *carried.edits)), again


def _alone(edits: Iterable[FileEdit], again: Again) -> list[FileEdit]:
    """These edits as the promotion would make them if nobody had edited its files."""
    others = [edit for edit in edits if edit.path not in again.made]
    return [*others, *(FileEdit(path, None, content) for path, content in again.made.items())]
