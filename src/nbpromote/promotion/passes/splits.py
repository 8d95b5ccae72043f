"""A random split of a Spark DataFrame takes the same rows wherever it runs: it is made of one partition.

`randomSplit` draws partition by partition, so that its seed alone does not settle which rows it takes. Within a
partition, it sorts the rows before it draws.
"""

import ast
from collections.abc import Iterator

from nbpromote.analysis.facts import CellFacts, Span
from nbpromote.promotion.code import CellCode, parse_cell
from nbpromote.promotion.draft import Draft, Snapshot, name_of
from nbpromote.promotion.plan import Decision, DecisionKind, Topic
from nbpromote.promotion.rewriting import Rewrite

CHOICES = ("one partition", "as it is")
ONE_PARTITION = ".repartition(1)"
_SPLIT = "pyspark.DataFrame.randomSplit"
_SETTLED = frozenset({"repartition", "coalesce"})
_WHY = "which rows it takes hangs on the partitions, also with a seed; on very large data, choose rows by a key instead"


def apply(draft: Draft, _snapshot: Snapshot) -> Draft:
    """Put what is split at random into one partition before."""
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        for _split, at in unsettled(draft.facts.of(cell.id), code) if code is not None else ():
            turn = draft.turn(Topic.SESSION, f"randomSplit of {name_of(cell)}", CHOICES, CHOICES[0])
            what = "is made of one partition" if turn.choice == CHOICES[0] else "stays as it is"
            draft = draft.deciding(
                Decision(DecisionKind.SESSION, turn.subject, what, _WHY, doubt=turn.choice == CHOICES[0], turn=turn)
            )
            if turn.choice == CHOICES[0]:
                draft = draft.rewriting(Rewrite(cell.id, at, ONE_PARTITION))
    return draft


def unsettled(about: CellFacts, code: CellCode) -> Iterator[tuple[ast.Call, Span]]:
    """The splits of DataFrames in this cell whose rows hang on partitions, and the places behind what they split."""
    calls = {one.span for one in about.calls if one.callee == _SPLIT}
    for node in ast.walk(code.tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and code.span(node) in calls):
            continue
        split = node.func.value
        if isinstance(split, ast.Call) and isinstance(split.func, ast.Attribute) and split.func.attr in _SETTLED:
            continue
        span = code.span(split)
        yield node, Span(span.end_line, span.end_column, span.end_line, span.end_column)
