"""What a proof says, with its evidence."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Outcome(StrEnum):
    SAME = "same"
    DIFFERS = "differs"
    NOT_COMPARABLE = "not comparable"
    UNPROVEN = "unproven"


class Weight(StrEnum):
    """Whether a comparison decides the verdict or only helps to find where things part."""

    RESULT = "result"
    STEP = "step"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One thing that both notebooks made. `subject` names it (`derived/scores`, `params after cell 27`); `cell` is the
    id of the cell that made it. `is_empty` when both are the same because there is nothing in them."""

    subject: str
    outcome: Outcome
    detail: str
    weight: Weight = Weight.RESULT
    cell: str = ""
    is_empty: bool = False


class Cause(StrEnum):
    """Why two runs differ, as far as one more run of the promoted notebook tells."""

    NOT_REPEATABLE = "the notebook itself gives something else each time it runs"
    HASHES = "the order of a set decides, which is another in each Python process (PYTHONHASHSEED)"
    PROMOTION = "the promoted notebook gives the same again, so the promotion changed it"
    CHOSEN = "the promoted notebook gives the same again, and does what was chosen for it"


@dataclass(frozen=True, slots=True)
class Repeat:
    """The promoted notebook once more, on other settings, which must change nothing.

    `settings` says which, in words; `why_not` why it was not done, else empty.
    """

    outcome: Outcome
    comparisons: tuple[Comparison, ...] = ()
    settings: tuple[str, ...] = ()
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the promoted notebook computes what the ad-hoc one did, whatever the settings.

    `tolerance` is relative, for floats; everything else is compared exactly. `parts_at` is the first cell, in the order
    of the run, after which something differs, and `parts_with` its line; `hints` say what to look at there. `saved`
    are outputs that lie in the ad-hoc notebook's file and differ from those of its fresh run; they decide nothing.
    """

    outcome: Outcome
    comparisons: tuple[Comparison, ...]
    notes: tuple[str, ...] = ()
    tolerance: float = 0.0
    repeat: Repeat | None = None
    saved: tuple[Comparison, ...] = ()
    cause: Cause | None = None
    parts_at: str = ""
    parts_with: str = ""
    hints: tuple[str, ...] = ()

    @property
    def is_unsettled(self) -> bool:
        """Whether it is the other settings that change something."""
        return self.repeat is not None and self.repeat.outcome is Outcome.DIFFERS

    @property
    def decisive(self) -> tuple[Comparison, ...]:
        """The comparisons that differ where the verdict was decided: of the two notebooks, or of the other settings."""
        found = self.repeat.comparisons if self.repeat is not None and self.is_unsettled else self.comparisons
        return tuple(one for one in found if one.outcome is Outcome.DIFFERS)

    @property
    def first_divergence(self) -> Comparison | None:
        """The first thing, in the order of the run, that differs; a result of no known cell comes last."""
        return next(iter(self.decisive), None)

    def with_repeat(self, repeat: Repeat) -> "Verdict":
        """The verdict when the promoted notebook has run once more."""
        outcome = Outcome.DIFFERS if repeat.outcome is Outcome.DIFFERS else self.outcome
        return replace(self, repeat=repeat, outcome=outcome)


def outcome_of(comparisons: tuple[Comparison, ...]) -> Outcome:
    """What these comparisons add up to: results decide, steps only explain. Two times nothing prove nothing."""
    results = [one for one in comparisons if one.weight is Weight.RESULT]
    outcomes = {one.outcome for one in results}
    if Outcome.DIFFERS in outcomes:
        return Outcome.DIFFERS
    if outcomes == {Outcome.SAME} and not all(one.is_empty for one in results):
        return Outcome.SAME
    return Outcome.NOT_COMPARABLE
