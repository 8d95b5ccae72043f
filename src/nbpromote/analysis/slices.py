"""The least set of cells for a result."""

from collections.abc import Iterable, Mapping

from nbpromote.analysis.facts import Edge, Facts, Slice
from nbpromote.analysis.sources import Sources


def slice_for(facts: Facts, targets: Iterable[str], *, names: Iterable[str] = ()) -> Slice:
    """The cells that these cells, and these names at the end of the notebook, need, each with the reason why.

    Args:
        facts: What is known of the notebook.
        targets: Ids of cells that are wanted for themselves.
        names: Names of which the final value is wanted.
    """
    numbers = {cell.id: cell.number for cell in facts.notebook.cells}
    incoming: dict[str, list[Edge]] = {}
    for edge in facts.flow.edges:
        incoming.setdefault(edge.target, []).append(edge)
    reasons: dict[str, str] = dict.fromkeys(targets, "it was asked for")
    for source, name, kind in _finally(facts, names):
        reasons.setdefault(source, f"{_verb(kind)} {name}, which was asked for")
    stack = list(reasons)
    while stack:
        target = stack.pop()
        for edge in incoming.get(target, ()):
            if edge.source not in reasons:
                reasons[edge.source] = f"{_verb(edge.kind)} {edge.name}, which cell {numbers[target]} uses"
                stack.append(edge.source)
    order = tuple(cell_id for cell_id in facts.flow.order if cell_id in reasons)
    return Slice(order, {cell_id: reasons[cell_id] for cell_id in order})


def _finally(facts: Facts, names: Iterable[str]) -> Iterable[tuple[str, str, str]]:
    wanted = list(names)
    if not wanted:
        return
    cells: Mapping[str, object] = {cell.cell_id: cell for cell in facts.cells}
    sources = Sources()
    for cell_id in facts.flow.order:
        sources.add(cells[cell_id])  # type: ignore[arg-type]
    for name in wanted:
        yield from sources.of_name(name)


def _verb(kind: str) -> str:
    return "changes" if kind == "mutation" else "binds" if kind == "value" else "sets"
