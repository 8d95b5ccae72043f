"""Runs the ad-hoc notebook and the promoted one in fresh kernels, and compares what both computed."""

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from nbpromote.analysis.rules import find
from nbpromote.effects.files.staging import Stage
from nbpromote.effects.kernels.limits import Limits
from nbpromote.effects.kernels.masking import masked
from nbpromote.effects.promoting.observed import as_compared
from nbpromote.effects.promoting.proof_runs import (
    CannotProve,
    Conditions,
    MadeByItself,
    OnCell,
    Way,
    absent_inputs,
    run_adhoc,
    run_promoted,
)
from nbpromote.notebook.formats.outputs import render
from nbpromote.promotion.chance import is_by_chance
from nbpromote.promotion.draft import Draft, Output, name_of
from nbpromote.promotion.tellings import telling_cells
from nbpromote.proof import outputs, settings
from nbpromote.proof.claims import Claim, joined
from nbpromote.proof.comparison import Subjects, compare, repeated, saved
from nbpromote.proof.evidence import Evidence
from nbpromote.proof.observer import secrets
from nbpromote.proof.terms import Terms
from nbpromote.proof.verdict import Cause, Comparison, Outcome, Repeat, Verdict
from nbpromote.running.executed import Executed, Status

__all__ = ["CannotProve", "OnCell", "Proof", "claims", "prove"]


@dataclass(frozen=True, slots=True)
class Proof:
    """A verdict, the promoted notebook as it ran, and the calls that were recorded on the way."""

    verdict: Verdict
    promoted: Executed
    calls: Mapping[str, Sequence[Mapping[str, Any]]]
    packages: Mapping[str, str]

    @property
    def said(self) -> str:
        """What the kernel's set-up had to say, such as which Java was passed over."""
        return self.promoted.preamble_output.strip()


@dataclass(frozen=True, slots=True)
class _Scene:
    """What all runs of one proof have in common."""

    draft: Draft
    stage: Stage
    conditions: Conditions
    subjects: Subjects
    terms: Terms

    def run(self, lake: str, way: Way) -> tuple[Evidence, Executed]:
        """Run the promoted notebook once more, with a lake of its own."""
        return run_promoted(self.draft, self.stage.with_fresh_lake(lake), self.conditions, way)


def prove(
    draft: Draft,
    adhoc_path: Path,
    stage: Stage,
    *,
    on_cell: OnCell,
    limits: Limits = Limits(),  # noqa: B008  it is frozen
    repeat: bool | None = None,
    goes_on: bool = False,
    on_calls: Callable[[Mapping[str, Sequence[Any]]], None] | None = None,
) -> Proof:
    """Run both notebooks and compare what they computed; then the promoted one once more, on other settings.

    Args:
        draft: the promotion.
        adhoc_path: where the ad-hoc notebook lies; it runs in that folder.
        stage: where the promoted notebook lies; it runs in the stage's root.
        on_cell: told of every cell, with `ad-hoc` or `promoted`, or how a further run is called.
        limits: of each of the runs.
        on_calls: told of the recorded calls of functions as soon as they are known.
        goes_on: whether the ad-hoc notebook goes on after a cell that fails, so that all of them are known.
        repeat: whether to run the promoted one once more; None: when it uses Spark, or to tell why the two differ.

    Raises:
        CannotProve: one of them does not run.
        MadeByItself: the promoted one would look for what the ad-hoc one makes.
        CannotGoOffline: it is to run without network, and cannot.
    """
    limits.check()
    # While the first kernel works, this process waits: time to load what compares, which takes a while.
    threading.Thread(target=import_module, args=("pyarrow.dataset",), daemon=True).start()
    conditions = Conditions(on_cell, limits, goes_on)
    absent = absent_inputs(draft, stage.real_root)
    adhoc, shown, _ = run_adhoc(draft, adhoc_path, stage, conditions)
    if absent:
        raise MadeByItself(draft.options.source, absent)
    if on_calls is not None:
        on_calls(adhoc.calls)
    promoted, executed = run_promoted(draft, stage, conditions)
    adhoc, datasets = _as_claimed(draft, adhoc, promoted, adhoc_path.parent)
    notebook = draft.facts.notebook
    terms = Terms(today=datetime.now(UTC).date())
    subjects = Subjects(
        writes=datasets,
        result_cells=draft.results,
        result_names=draft.options.results,
        cell_names={cell.id: name_of(cell) for cell in notebook.cells},
        given=[one.name for one in draft.parameters],
        telling=telling_cells(draft.facts),
    )
    scene = _Scene(draft, stage, conditions, subjects, terms)
    verdict = compare(adhoc, promoted, subjects, terms)
    kept = {cell.id: outputs.shown(render(cell.outputs, None)) for cell in notebook.code_cells if cell.outputs}
    verdict = replace(verdict, saved=saved(kept, replace(adhoc, shown=shown), subjects, terms))
    if verdict.outcome is Outcome.DIFFERS:
        cause = None if repeat is False else _cause(scene, adhoc, promoted)
        chosen = _chosen(draft)
        if cause is Cause.PROMOTION and chosen:
            cause, verdict = Cause.CHOSEN, replace(verdict, hints=chosen)
        verdict = replace(verdict, cause=cause)
    elif verdict.outcome is Outcome.SAME:
        verdict = verdict.with_repeat(_repeat(scene, promoted, wanted=repeat))
    if draft.mends:
        mended = f"the ad-hoc notebook ran mended: {', '.join(one.subject for one in draft.mends)}"
        verdict = replace(verdict, notes=(*verdict.notes, mended))
    calls = {name: list(found) for name, found in adhoc.calls.items()}
    return Proof(_masked(_located(verdict, draft)), executed, calls, promoted.packages)  # type: ignore[arg-type]


def _repeat(scene: _Scene, promoted: Evidence, *, wanted: bool | None) -> Repeat:
    """The promoted notebook on other settings, or why it did not run on them."""
    if wanted is False:
        return Repeat(Outcome.UNPROVEN, why_not="it was left out by --no-repeat")
    if wanted is None and not promoted.has_spark:
        why = "it does not use Spark, and the two runs had other orders of sets already"
        return Repeat(Outcome.UNPROVEN, why_not=why)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    told = settings.words(cores, has_spark=promoted.has_spark)
    way = Way(
        "promoted notebook on other settings",
        settings.REPEAT_HASHES,
        spark=settings.of_spark(cores) if promoted.has_spark else {},
        environment={} if promoted.has_spark else settings.of_process(),
    )
    try:
        again, _ = scene.run("lake-again", way)
    except CannotProve as error:
        failure = error.executed.failure
        if error.executed.status is not Status.FAILED or failure is None:
            raise
        subject = f"cell {failure.number} of the promoted notebook"
        return Repeat(Outcome.DIFFERS, (Comparison(subject, Outcome.DIFFERS, f"fails: {failure}"),), told)
    return repeated(promoted, again, scene.subjects, scene.terms, told)


def _cause(scene: _Scene, adhoc: Evidence, promoted: Evidence) -> Cause | None:
    """Why the two differ, by one more run of the promoted notebook; None when it does not run again."""
    way = Way("promoted notebook again, to see why they differ", settings.ADHOC_HASHES)
    try:
        again, _ = scene.run("lake-cause", way)
    except CannotProve:
        return None
    if compare(adhoc, again, scene.subjects, scene.terms).outcome is Outcome.SAME:
        return Cause.NOT_REPEATABLE if is_by_chance(scene.draft) else Cause.HASHES  # the same by luck, or for a reason
    is_repeatable = compare(promoted, again, scene.subjects.of_promoted, scene.terms).outcome is not Outcome.DIFFERS
    return Cause.PROMOTION if is_repeatable else Cause.NOT_REPEATABLE


def _chosen(draft: Draft) -> tuple[str, ...]:
    """What a person chose otherwise than the tool would have, as in a saved plan."""
    turned = [one.turn for one in draft.decisions if one.turn is not None and one.turn.is_turned]
    return tuple(
        f"{one.topic}: {one.subject}: {one.choice}, where {one.usual} is usual" for one in turned[:_MOST_HINTS]
    )


_ORDER_AND_CHANCE = frozenset({"NB130", "NB131", "NB132", "NB133"})
_MOST_HINTS = 3


def _located(verdict: Verdict, draft: Draft) -> Verdict:
    """The verdict with the first cell at which something parts, its line, and what is doubtful up to there."""
    first = verdict.first_divergence
    if first is None or first.cell not in {cell.id for cell in draft.kept_code}:
        return verdict
    cell = draft.facts.notebook.cell(first.cell)
    name = first.subject.partition(" ")[0]
    lines = [line for line in cell.source.splitlines() if line.strip() and not line.lstrip().startswith(("#", "%"))]
    line = next((one for one in lines if name in one), lines[-1] if lines else "")
    hints = verdict.hints
    if verdict.cause not in {Cause.PROMOTION, Cause.CHOSEN}:
        order = list(draft.facts.flow.order)
        before = set(order[: order.index(first.cell) + 1]) & {one.id for one in draft.kept_code}
        doubtful = [one for one in find(draft.facts) if one.code in _ORDER_AND_CHANCE and one.cell_id in before]
        doubtful.sort(key=lambda one: one.cell_id != first.cell)
        hints = tuple(f"cell {one.cell}: {one.message}; {one.hint}" for one in doubtful[:_MOST_HINTS])
    return replace(verdict, parts_at=name_of(cell), parts_with=line.strip(), hints=hints)


def _masked(verdict: Verdict) -> Verdict:
    """The verdict without secrets of the environment."""
    known = secrets.find(os.environ)
    if not known:
        return verdict

    def clean(found: tuple[Comparison, ...]) -> tuple[Comparison, ...]:
        return tuple(replace(one, detail=masked(one.detail, known)) for one in found)

    repeat = verdict.repeat
    return replace(
        verdict,
        comparisons=clean(verdict.comparisons),
        saved=clean(verdict.saved),
        notes=tuple(masked(note, known) for note in verdict.notes),
        repeat=replace(repeat, comparisons=clean(repeat.comparisons)) if repeat is not None else None,
        parts_with=masked(verdict.parts_with, known),
        hints=tuple(masked(hint, known) for hint in verdict.hints),
    )


def claims(outputs: Iterable[Output]) -> tuple[Claim, ...]:
    """What each place of the promoted notebook that writes stands for."""
    return tuple(
        Claim(
            one.dataset, one.targets, one.pattern, frozenset((*one.runs, one.cell_id)), one.partition,
            one.partition[: one.parts],
        )
        for one in outputs
    )  # fmt: skip


def _as_claimed(draft: Draft, adhoc: Evidence, promoted: Evidence, base: Path) -> tuple[Evidence, dict[str, str]]:
    """The ad-hoc notebook's writes by what people are told of them, and the datasets that stand for them."""
    written, datasets, left = joined(claims(draft.outputs), adhoc.written, base.as_posix())
    datasets = {name: one for name, one in datasets.items() if name in written or one in promoted.written}
    written = {name: as_compared(one, promoted.written.get(datasets[name])) for name, one in written.items()}
    kept = {cell.id: name_of(cell) for cell in draft.kept_code}
    notes = [
        f"{kept[adhoc.written[name].cell]} writes {name} by a way that was not seen in its code; it stays as it is"
        for name in left
        if adhoc.written[name].cell in kept
    ]
    return replace(adhoc, written=written, notes=(*adhoc.notes, *notes)), datasets
