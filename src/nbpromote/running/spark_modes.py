"""Whether a notebook may run on a Spark that it shares, which it reaches over Spark Connect."""

import ast
import re
from collections.abc import Iterable
from contextlib import suppress

from nbpromote.running.connect import absent, gap, late_name, mistaken_column

CLASSIC, WARM = "classic", "warm"
MODES = (CLASSIC, WARM)
_STARTS_SPARK = re.compile(r"\b(?:read|ingest)\b|import +\*")


def uses_spark(sources: Iterable[str]) -> bool:
    """Whether any of these cells, and the modules that they import, may use Spark, themselves or by commonlib.

    Of commonlib only `lake.read` and what ingests start one. Where this is mistaken, the notebook starts its own.
    """
    text = "\n".join(sources)
    return "spark" in text.lower() or ("commonlib" in text and _STARTS_SPARK.search(text) is not None)


def needs_classic(sources: Iterable[str], modules: Iterable[str] = ()) -> str | None:
    """Why cells, and the modules that they import, need a session of their own; None if they do not."""
    try:
        cells, imported = ([ast.parse(source) for source in group] for group in (sources, modules))
    except (SyntaxError, ValueError):
        return "not all of it is Python that can be read"
    trees = [*cells, *imported]
    return next(filter(None, map(gap, trees)), None) or late_name(cells, imported) or mistaken_column(trees)


def needs_driver(sources: Iterable[str], modules: Iterable[str] = ()) -> str | None:
    """What cells, and the modules that they import, use that no Spark Connect server has; None if nothing."""
    found = []
    for source in (*sources, *modules):
        with suppress(SyntaxError, ValueError):
            found.append(absent(ast.parse(source)))
    return next(filter(None, found), None)
