"""Whether a notebook may run on a Spark that it shares, which it reaches over Spark Connect."""

import ast
from collections.abc import Iterable

from nbpromote.running.connect import gap, late_name, mistaken_column

CLASSIC, WARM = "classic", "warm"
MODES = (CLASSIC, WARM)


def uses_spark(sources: Iterable[str]) -> bool:
    """Whether any of these cells may use Spark, itself or by commonlib."""
    return any("spark" in source.lower() or "commonlib" in source for source in sources)


def needs_classic(sources: Iterable[str], modules: Iterable[str] = ()) -> str | None:
    """Why cells, and the modules that they import, need a session of their own; None if they do not."""
    try:
        cells, imported = ([ast.parse(source) for source in group] for group in (sources, modules))
    except (SyntaxError, ValueError):
        return "not all of it is Python that can be read"
    trees = [*cells, *imported]
    return next(filter(None, map(gap, trees)), None) or late_name(cells, imported) or mistaken_column(trees)
