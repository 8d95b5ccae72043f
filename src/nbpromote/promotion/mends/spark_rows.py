"""Rows that Spark takes at random: a seed, and one partition, by which it is settled which rows those are."""

import ast
from collections.abc import Iterator

from nbpromote.analysis.facts import CellFacts, Span
from nbpromote.analysis.row_seeds import Seed, has_placed_fraction, seed_of
from nbpromote.promotion.code import CellCode
from nbpromote.promotion.mends.error_bars import SEED
from nbpromote.promotion.mends.mend import Mend
from nbpromote.promotion.passes.splits import TAKES, one_partition, unsettled
from nbpromote.promotion.rewriting import Rewrite

UNSEEDED = "nobody has seeded what results need, so that no run gives the same again: it becomes one draw of many"
_UNHEEDED = "Spark heeds no seed by name behind a fraction that is not by name, so that no run gives the same again"
_PARTITIONS = (
    "which rows it takes hangs on the partitions, also with a seed, so that another machine takes others;"
    " on very large data, choose rows by a key instead"
)


def find(about: CellFacts, code: CellCode) -> Iterator[Mend]:
    """A seed where none is heeded, and one partition for the frames."""
    places = dict(unsettled(about, code))
    frames = {one.span for one in about.calls if one.callee in TAKES}
    for node in ast.walk(code.tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        name = node.func.attr
        if code.span(node) not in frames and name != "randomSplit":  # an RDD is split as well
            continue
        seed = seed_of(node, name)
        seeding = [Rewrite(about.cell_id, at, text) for at, text in _seeding(node, name, code, seed)]
        parting = [Rewrite(about.cell_id, places[node], one_partition(name))] if node in places else []
        parted = ", out of one partition" if parting else ""
        if seed is Seed.UNHEEDED:
            yield Mend(f"seed of {name}", f"the fraction by name{parted}", _UNHEEDED, (*seeding, *parting))
        elif seed is Seed.NONE:
            yield Mend(f"seed of {name}", f"seed={SEED}{parted}", UNSEEDED, (*seeding, *parting))
        elif parting:
            yield Mend(f"partitions of {name}", "out of one partition", _PARTITIONS, tuple(parting))


def _seeding(call: ast.Call, name: str, code: CellCode, seed: Seed) -> Iterator[tuple[Span, str]]:
    """What goes in, and where, so that a seed is heeded."""
    if seed not in {Seed.NONE, Seed.UNHEEDED}:
        return
    if has_placed_fraction(call, name):
        span = code.span(call.args[0])
        yield Span(span.line, span.column, span.line, span.column), "fraction="
    if seed is Seed.NONE:
        span = code.span(call.keywords[-1] if call.keywords else call.args[-1])
        yield Span(span.end_line, span.end_column, span.end_line, span.end_column), f", seed={SEED}"
