"""A random split or sample of a Spark DataFrame takes the same rows wherever it runs: it is made of one partition.

They draw partition by partition, so that a seed alone does not settle which rows they take. Within a partition,
`randomSplit` sorts the rows before it draws; a sample takes them as they come, so that their order is kept.
"""

import ast
from collections.abc import Iterator

from nbpromote.analysis.facts import CellFacts, Span
from nbpromote.promotion.code import CellCode, parse_cell
from nbpromote.promotion.draft import Draft, Snapshot, name_of
from nbpromote.promotion.plan import Decision, DecisionKind, Topic
from nbpromote.promotion.rewriting import Rewrite

CHOICES = ("one partition", "as it is")
TAKES = frozenset({"pyspark.DataFrame.randomSplit", "pyspark.DataFrame.sample", "pyspark.DataFrame.sampleBy"})
_SETTLED = frozenset({"repartition", "coalesce"})
_WHY = "which rows it takes hangs on the partitions, also with a seed; on very large data, choose rows by a key instead"


def apply(draft: Draft, _snapshot: Snapshot) -> Draft:
    """Put what is split at random into one partition before."""
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        for call, at in unsettled(draft.facts.of(cell.id), code) if code is not None else ():
            name = ast.unparse(call.func).rpartition(".")[2]
            turn = draft.turn(Topic.SESSION, f"{name} of {name_of(cell)}", CHOICES, CHOICES[0])
            what = "is made of one partition" if turn.choice == CHOICES[0] else "stays as it is"
            draft = draft.deciding(
                Decision(DecisionKind.SESSION, turn.subject, what, _WHY, doubt=turn.choice == CHOICES[0], turn=turn)
            )
            if turn.choice == CHOICES[0]:
                draft = draft.rewriting(Rewrite(cell.id, at, one_partition(name)))
    return draft


def one_partition(name: str) -> str:
    """What comes before the call of this name."""
    return ".repartition(1)" if name == "randomSplit" else ".coalesce(1)"


def unsettled(about: CellFacts, code: CellCode) -> Iterator[tuple[ast.Call, Span]]:
    """The calls in this cell that take rows by partitions, and the places behind the frames that they take them of."""
    calls = {one.span for one in about.calls if one.callee in TAKES}
    for node in ast.walk(code.tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and code.span(node) in calls):
            continue
        frame = node.func.value
        if isinstance(frame, ast.Attribute) and frame.attr == "stat":
            frame = frame.value
        if isinstance(frame, ast.Call) and isinstance(frame.func, ast.Attribute) and frame.func.attr in _SETTLED:
            continue
        span = code.span(frame)
        yield node, Span(span.end_line, span.end_column, span.end_line, span.end_column)
