"""Why cells are in no slice."""

from collections.abc import Iterable, Mapping, Sequence

from nbpromote.analysis.code import read_code
from nbpromote.analysis.facts import CellFacts, Facts
from nbpromote.notebook.model import Cell

_MOST_NAMED = 3


def reasons_out(facts: Facts, kept: Iterable[str]) -> Mapping[str, str]:
    """For each code cell that is not kept, in running order, the reason why nothing that is kept needs it."""
    kept = frozenset(kept)
    cells = {cell.cell_id: cell for cell in facts.cells}
    numbers = {cell.id: cell.number for cell in facts.notebook.cells}
    uses: dict[str, list[tuple[str, str]]] = {}
    for edge in facts.flow.edges:
        uses.setdefault(edge.source, []).append((edge.target, edge.name))
    last = max((place for place, cell_id in enumerate(facts.flow.order) if cell_id in kept), default=-1)
    reasons: dict[str, str] = {}
    for place, cell_id in enumerate(facts.flow.order):
        cell = cells[cell_id]
        if cell_id in kept:
            continue
        if cell.problem is not None:
            reasons[cell_id] = f"it cannot be read ({cell.problem.message})"
        elif not cell.opaque and _is_empty(facts.notebook.cell(cell_id)):
            reasons[cell_id] = "it holds no code"
        elif cell.is_peek:
            reasons[cell_id] = "it only looks"
        elif uses.get(cell_id):
            users = list(dict.fromkeys(numbers[target] for target, _ in uses[cell_id]))
            reasons[cell_id] = f"only {_cells(users)} {'needs' if len(users) == 1 else 'need'} it, and no result does"
        elif place > last >= 0 and not _made(cell):
            reasons[cell_id] = "it comes after all that is needed"
        elif _made(cell):
            again = _made_again(cell, facts.flow.order[place + 1 :], cells)
            reasons[cell_id] = (
                f"cell {numbers[again]} makes {_names(_made(cell))} anew before anything uses it"
                if again is not None
                else f"no cell uses {_names(_made(cell))} after it"
            )
        else:
            reasons[cell_id] = "nothing needs it"
    return reasons


def _is_empty(cell: Cell) -> bool:
    """Whether there is no code, in no language."""
    code = read_code(cell)
    return not code.tree.body and not code.python.foreign


def _made(cell: CellFacts) -> list[str]:
    return sorted((cell.binds | cell.mutates) - {each.name for each in cell.imports}) or sorted(cell.binds)


def _made_again(cell: CellFacts, later: Sequence[str], cells: Mapping[str, CellFacts]) -> str | None:
    """The next cell that binds all that this one makes."""
    made = frozenset(_made(cell))
    return next((cell_id for cell_id in later if made <= cells[cell_id].binds), None)


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _cells(numbers: Sequence[int]) -> str:
    more = f" and {len(numbers) - _MOST_NAMED} more" if len(numbers) > _MOST_NAMED else ""
    return f"cell{'' if len(numbers) == 1 else 's'} {', '.join(map(str, numbers[:_MOST_NAMED]))}{more}"
