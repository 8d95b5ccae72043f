"""The rewriting steps of a promotion, in their order."""

from collections.abc import Callable

from nbpromote.promotion.draft import Draft, Snapshot
from nbpromote.promotion.passes import (
    beside,
    data,
    guards,
    imports,
    keep,
    landed,
    lift,
    magics,
    neighbours,
    parameters,
    peeks,
    ranges,
    session,
    shell,
    splits,
    streams,
    widgets,
)

PASSES: tuple[Callable[[Draft, Snapshot], Draft], ...] = (
    keep.apply,
    magics.apply,
    peeks.apply,
    widgets.apply,
    parameters.apply,
    session.apply,
    splits.apply,
    landed.apply,
    streams.apply,
    shell.apply,
    data.apply,
    beside.apply,
    neighbours.apply,
    lift.apply,
    neighbours.keep_apart,
    guards.apply,
    ranges.apply,
    imports.apply,
)

__all__ = ["PASSES"]
