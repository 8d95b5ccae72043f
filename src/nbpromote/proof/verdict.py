"""What a proof says, with its evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    SAME = "same"
    DIFFERS = "differs"
    NOT_COMPARABLE = "not comparable"


class Weight(StrEnum):
    """Whether a comparison decides the verdict or only helps to find where things part."""

    RESULT = "result"
    STEP = "step"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One thing that both notebooks made. `subject` names it (`derived/scores`, `params after cell 27`)."""

    subject: str
    outcome: Outcome
    detail: str
    weight: Weight = Weight.RESULT


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the promoted notebook computes what the ad-hoc one did.

    `tolerance` is relative, for floats; everything else is compared exactly. `first_divergence` names the first step
    at which the two part.
    """

    outcome: Outcome
    comparisons: tuple[Comparison, ...]
    notes: tuple[str, ...] = ()
    tolerance: float = 0.0
    seconds: Mapping[str, float] | None = None

    @property
    def first_divergence(self) -> Comparison | None:
        differing = (one for one in self.comparisons if one.outcome is Outcome.DIFFERS)
        steps = [one for one in differing if one.weight is Weight.STEP]
        return steps[0] if steps else None


def conclude(comparisons: tuple[Comparison, ...], notes: tuple[str, ...], tolerance: float) -> Verdict:
    """The verdict that these comparisons add up to: results decide, steps only explain."""
    results = [one.outcome for one in comparisons if one.weight is Weight.RESULT]
    if Outcome.DIFFERS in results:
        outcome = Outcome.DIFFERS
    elif results and all(one is Outcome.SAME for one in results):
        outcome = Outcome.SAME
    else:
        outcome = Outcome.NOT_COMPARABLE
    return Verdict(outcome, comparisons, notes, tolerance)
