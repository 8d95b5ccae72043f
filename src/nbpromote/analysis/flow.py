"""What flows between cells, and the order in which they run."""

import builtins
from collections.abc import Iterable, Mapping, Sequence

from nbpromote.analysis.facts import CellFacts, Edge, Flow, HiddenState, OrderKind
from nbpromote.analysis.sources import AMBIENT, Sources
from nbpromote.notebook.model import Notebook

BUILTINS = frozenset(dir(builtins)) | {
    "__file__", "__name__", "__doc__", "__builtins__", "_", "__", "___", "_i", "_ii", "_iii", "_ih", "_oh", "_dh",
    "In", "Out", "get_ipython", "display", "exit", "quit", "open", "__vsc_ipynb_file__", "__session__",
}  # fmt: skip


def find_flow(notebook: Notebook, cells: Sequence[CellFacts]) -> Flow:
    """The running order of the cells, what flows between them in it, and what stays unresolved.

    A cell that only looks at data moves no other: where all others run in the saved order, that is the order.
    """
    by_id = {cell.cell_id: cell for cell in cells}
    binders = _binders(cells)
    document = tuple(cell.cell_id for cell in cells)
    hidden_in_document = find_hidden(document, by_id, binders)
    order, kind, hidden = document, OrderKind.DOCUMENT, hidden_in_document
    if _count(state for state in hidden if not by_id[state.cell_id].is_peek):
        for other, other_kind in (
            (_by_execution(notebook, document), OrderKind.EXECUTION),
            (_by_flow(notebook, document, by_id, binders), OrderKind.FLOW),
        ):
            other_hidden = find_hidden(other, by_id, binders) if other != document else hidden_in_document
            if _count(other_hidden) < _count(hidden):
                order, kind, hidden = other, other_kind, other_hidden
            if not _count(hidden):
                break
    return Flow(order, kind, find_edges(order, by_id), hidden, hidden_in_document)


def is_given(name: str) -> bool:
    """Whether Python, IPython or the platform provides this name."""
    return name in BUILTINS or name in AMBIENT


def find_hidden(
    order: Iterable[str], cells: Mapping[str, CellFacts], binders: Mapping[str, tuple[str, ...]]
) -> tuple[HiddenState, ...]:
    """The names that cells read and that, in this order, no cell before has bound."""
    bound: set[str] = set()
    deleted: set[str] = set()
    has_unknown = False
    found: list[HiddenState] = []
    for cell_id in order:
        cell = cells[cell_id]
        for name in sorted(cell.reads):
            if name in bound or is_given(name):
                continue
            definers = tuple(definer for definer in binders.get(name, ()) if definer != cell_id)
            if not definers and has_unknown:
                continue
            kind = "deleted" if name in deleted else "later" if definers else "gone"
            found.append(HiddenState(cell_id, name, kind, definers))
        bound |= cell.binds
        bound -= cell.deletes
        deleted |= cell.deletes
        deleted -= cell.binds
        has_unknown = has_unknown or cell.binds_unknown
    return tuple(found)


def find_edges(order: Iterable[str], cells: Mapping[str, CellFacts]) -> tuple[Edge, ...]:
    """Which cell needs what from which, when the cells run in this order."""
    sources = Sources()
    edges: list[Edge] = []
    for cell_id in order:
        cell = cells[cell_id]
        taken = [*sources.of(cell), *sources.add(cell)]
        edges.extend(Edge(source, cell_id, name, kind) for source, name, kind in dict.fromkeys(taken))
    return tuple(edges)


def _binders(cells: Sequence[CellFacts]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for cell in cells:
        for name in cell.binds:
            found.setdefault(name, []).append(cell.cell_id)
    return {name: tuple(ids) for name, ids in found.items()}


def _count(hidden: Iterable[HiddenState]) -> int:
    """How many could be resolved in another order."""
    return sum(state.kind != "gone" for state in hidden)


def _by_execution(notebook: Notebook, document: tuple[str, ...]) -> tuple[str, ...]:
    """By execution counts; a cell that was not run stays behind the one above it."""
    count = 0
    keys: dict[str, int] = {}
    for cell in notebook.cells:
        count = cell.execution_count or count
        keys[cell.id] = count
    return tuple(sorted(document, key=lambda cell_id: keys.get(cell_id, 0)))


def _by_flow(
    notebook: Notebook,
    document: tuple[str, ...],
    cells: Mapping[str, CellFacts],
    binders: Mapping[str, tuple[str, ...]],
) -> tuple[str, ...]:
    """Document order, but each cell is preceded by cells that bind what it reads."""
    counts = {cell.id: cell.execution_count for cell in notebook.cells}
    position = {cell_id: index for index, cell_id in enumerate(document)}
    placed: dict[str, None] = {}
    bound: set[str] = set()

    def definer_of(name: str, reader: str) -> str | None:
        candidates = [definer for definer in binders.get(name, ()) if definer not in placed and definer != reader]
        count = counts.get(reader)
        if count is not None:
            ran_before = [each for each in candidates if (counts.get(each) or count) < count]
            if ran_before:
                return max(ran_before, key=lambda each: counts.get(each) or 0)
        return min(candidates, key=lambda each: abs(position[each] - position[reader]), default=None)

    for root in document:
        stack = [root]
        waiting: set[str] = {root}
        while stack:
            cell = cells[stack[-1]]
            needed: str | None = None
            if cell.cell_id not in placed:
                for name in sorted(cell.reads):
                    if name in bound or is_given(name):
                        continue
                    definer = definer_of(name, cell.cell_id)
                    if definer is not None and definer not in waiting:
                        needed = definer
                        break
            if needed is not None:
                waiting.add(needed)
                stack.append(needed)
                continue
            stack.pop()
            if cell.cell_id not in placed:
                placed[cell.cell_id] = None
                bound |= cell.binds
                bound -= cell.deletes
    return tuple(placed)
