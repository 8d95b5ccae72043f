"""A verdict in words: why it does not hold, what else was tried, and what to do."""

from nbpromote.proof.terms import OTHER_ORDER
from nbpromote.proof.verdict import Cause, Outcome, Verdict, Weight

_MOST_SAVED = 5
_TODO = {
    Cause.NOT_REPEATABLE: "set the seeds of random numbers, and take what the clock or the network says as a parameter",
    Cause.HASHES: "sort sets before their order matters: sorted(...)",
    Cause.CHOSEN: "turn back what makes the difference, or leave it out of the plan",
    Cause.PROMOTION: "please report this notebook; --draft writes what was made of it, to look at",
}


def reason(verdict: Verdict) -> str:
    """Why a promotion is not proven, in half a sentence."""
    results = [one for one in verdict.decisive if one.weight is Weight.RESULT]
    if verdict.outcome is Outcome.DIFFERS and results:
        told = f"{results[0].subject}: {results[0].detail}"
        at = f" from {verdict.parts_at} on" if verdict.parts_at else ""
        return f"it hangs on the order of rows{at}: {told}" if verdict.is_unsettled else told
    unknown = next((one for one in verdict.comparisons if one.outcome is Outcome.NOT_COMPARABLE), None)
    if unknown is None and any(one.is_empty for one in verdict.comparisons):
        empty = next(one for one in verdict.comparisons if one.is_empty)
        return f"{empty.subject}: there is nothing in it, in either of the two, so nothing was compared"
    return f"{unknown.subject}: {unknown.detail}" if unknown else "nothing that it makes can be compared"


def repeat(verdict: Verdict) -> tuple[str, ...]:
    """What the run on other settings has shown, or why there was none."""
    made = verdict.repeat
    if made is None:
        return ()
    if made.why_not:
        return (f"not run again on other settings: {made.why_not}",)
    on = f"on other settings ({', '.join(made.settings)})"
    if made.outcome is Outcome.DIFFERS:
        return (f"run again {on}, it gives something else:",)
    reordered = [one.subject for one in made.comparisons if OTHER_ORDER in one.detail]
    told = [f"run again {on}: {made.outcome}"]
    if reordered:
        told.append(f"only the rows come in another order there: {', '.join(reordered[:_MOST_SAVED])}")
    return tuple(told)


def advice(verdict: Verdict) -> tuple[str, ...]:
    """Why the two differ, as far as it is known, and what to do."""
    told = []
    if verdict.cause is not None:
        told.append(f"Why: {verdict.cause}; {_TODO[verdict.cause]}")
    elif verdict.is_unsettled:
        told.append("Why: which rows come first is Spark's choice; order by columns that decide between any two")
    return (*told, *(f"Look at {hint}" for hint in verdict.hints))


def saved(verdict: Verdict) -> tuple[str, ...]:
    """Which outputs in the ad-hoc notebook's file are not those of a fresh run."""
    told = [f"the saved output of {one.subject} differs from a fresh run: {one.detail}" for one in verdict.saved]
    more = len(told) - _MOST_SAVED
    return (*told[:_MOST_SAVED], *([f"and {more} more saved outputs do"] if more > 0 else []))
