"""Whether what a draft computes hangs on chance: random numbers without a seed, or the clock."""

from nbpromote.analysis.findings import Severity
from nbpromote.analysis.rules import find
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.plan import Topic

_CHANCE = frozenset({"NB130", "NB131", "NB133"})


def is_by_chance(draft: Draft) -> bool:
    """Whether a kept cell draws without a seed or asks the clock, also where a person wanted no seed."""
    kept = {cell.id for cell in draft.kept_code}
    turns = [one.turn for one in draft.decisions if one.turn is not None and one.turn.topic is Topic.MEND]
    is_left = any(one.is_turned and one.subject.startswith("seed of ") for one in turns)
    return is_left or any(
        one.code in _CHANCE and one.severity is Severity.WARNING and one.cell_id in kept for one in find(draft.facts)
    )
