"""What a person is shown of a notebook's flow: its cells in running order, and what each takes from which."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from nbpromote.analysis.facts import (
    Access,
    AccessKind,
    CellFacts,
    Direction,
    Facts,
    HiddenState,
    OrderKind,
    Slice,
)
from nbpromote.analysis.left_out import reasons_out
from nbpromote.analysis.results import find_results
from nbpromote.analysis.slices import slice_for
from nbpromote.notebook.model import Cell
from nbpromote.publish.flow.texts import LONGEST_SOURCE, plain, sections_of, short, title_of, without_credentials

_COMMENT = re.compile(r"\s*#(?!\s*%%)")
_SETTINGS = ("state of ", "spark conf")


class State(StrEnum):
    """What becomes of a cell."""

    RESULT = "result"
    NEEDED = "needed"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Need:
    """Names that a cell takes from one other cell; `kind` is as for an edge, or `import` or `setting`."""

    source: str
    number: int
    names: tuple[str, ...]
    kind: str

    @property
    def is_quiet(self) -> bool:
        """Whether it is of the kind that nearly every cell takes, and that would hide the rest."""
        return self.kind in {"import", "setting"}


@dataclass(frozen=True, slots=True)
class CellView:
    """One code cell. `makes` are the names that it binds, those first that others need; `changes` the names whose
    objects it changes; `reads` and `writes` name data; `hidden` says what is not there when it runs."""

    id: str
    number: int
    title: str
    is_comment: bool
    source: str
    language: str
    section: str
    state: State
    why: str
    makes: tuple[str, ...]
    changes: tuple[str, ...]
    needs: tuple[Need, ...]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    hidden: tuple[str, ...]
    is_moved: bool


@dataclass(frozen=True, slots=True)
class FlowView:
    """A notebook's flow. `target` is what was asked for, None for the results."""

    path: str
    cells: tuple[CellView, ...]
    order_kind: OrderKind
    target: str | None = None

    @property
    def kept(self) -> int:
        return sum(cell.state is not State.LEFT_OUT for cell in self.cells)

    @property
    def headline(self) -> str:
        """How many cells lead to what."""
        total = f"{len(self.cells)} code cell{'' if len(self.cells) == 1 else 's'}"
        if self.target is not None:
            return f"{self.kept} of {total} lead to {self.target}"
        results = sum(cell.state is State.RESULT for cell in self.cells)
        if not results:
            return f"{total}, none of which gives a result"
        return f"{self.kept} of {total} lead to {results} result{'' if results == 1 else 's'}"

    @property
    def order_note(self) -> str:
        """What is to be known of the order of the cells; empty when they run as they stand."""
        if self.order_kind is OrderKind.EXECUTION:
            return "in the order of the execution counts: from top to bottom it does not run"
        if self.order_kind is OrderKind.FLOW:
            return "in an order in which it runs: from top to bottom it does not"
        return ""


def view_flow(
    facts: Facts, *, wanted: Slice | None = None, target: str | None = None, ends: frozenset[str] = frozenset()
) -> FlowView:
    """The view of a notebook's flow towards its results, or towards what is wanted.

    Args:
        wanted: the slice that is shown instead of what the results need.
        target: what that slice is for, in words.
        ends: the cells that were asked for, or make what was.
    """
    if wanted is None:
        results = find_results(facts)
        wanted = slice_for(facts, [result.cell_id for result in results])
        told = {result.cell_id: result.why for result in results}
    else:
        told = {cell_id: wanted.reasons[cell_id] for cell_id in wanted.cells if cell_id in ends}
    reasons = {**reasons_out(facts, wanted.cells), **wanted.reasons, **told}
    cells = {cell.id: cell for cell in without_credentials(facts)}
    by_id = {cell.cell_id: cell for cell in facts.cells}
    sections = sections_of(facts.notebook.cells)
    needs = _needs(facts, cells)
    used: dict[str, set[str]] = {}
    for edge in facts.flow.edges:
        used.setdefault(edge.source, set()).add(edge.name)
    moved = _moved(facts)
    views = tuple(
        _cell(
            cells[cell_id],
            by_id[cell_id],
            state=State.RESULT if cell_id in told else State.NEEDED if cell_id in wanted.reasons else State.LEFT_OUT,
            why=reasons.get(cell_id, ""),
            section=sections[cell_id],
            used=used.get(cell_id, set()),
            needs=needs.get(cell_id, ()),
            hidden=tuple(_hidden(each, cells) for each in facts.flow.hidden if each.cell_id == cell_id),
            is_moved=cell_id in moved,
        )
        for cell_id in facts.flow.order
    )
    return FlowView(plain(facts.notebook.path), views, facts.flow.order_kind, plain(target) if target else None)


def _cell(
    cell: Cell,
    facts: CellFacts,
    *,
    state: State,
    why: str,
    section: str,
    used: set[str],
    needs: tuple[Need, ...],
    hidden: tuple[str, ...],
    is_moved: bool,
) -> CellView:
    imported = {each.name for each in facts.imports}
    made = sorted(facts.binds - imported, key=lambda name: (name not in used, name.startswith("_"), name))
    changed = sorted((facts.mutates & (used | facts.reads)) - facts.binds)
    title = title_of(cell.source)
    return CellView(
        cell.id,
        cell.number,
        short(title, 160),
        bool(_COMMENT.match(title)),
        plain(cell.source[:LONGEST_SOURCE]) + ("\n…" if len(cell.source) > LONGEST_SOURCE else ""),
        cell.language,
        section,
        state,
        short(why, 160),
        tuple(map(short, made)),
        tuple(map(short, changed)),
        needs,
        _data(facts, Direction.READ),
        _data(facts, Direction.WRITE),
        hidden,
        is_moved,
    )


def _resource(name: str) -> str:
    """`some file` for what only the run tells."""
    return f"some {name.removesuffix(' ?')}" if name.endswith(" ?") else name


def _needs(facts: Facts, cells: Mapping[str, Cell]) -> Mapping[str, tuple[Need, ...]]:
    """For each cell what it takes from which, nearest cell last; names of one kind together."""
    imports = {cell.cell_id: {each.name for each in cell.imports} for cell in facts.cells}
    groups: dict[str, dict[tuple[str, str], list[str]]] = {}
    for edge in facts.flow.edges:
        kind = edge.kind
        if kind == "value" and edge.name in imports[edge.source]:
            kind = "import"
        elif kind == "resource" and edge.name.startswith(_SETTINGS):
            kind = "setting"
        names = groups.setdefault(edge.target, {}).setdefault((edge.source, kind), [])
        if edge.name not in names:
            names.append(edge.name)
    place = {cell_id: index for index, cell_id in enumerate(facts.flow.order)}
    return {
        target: tuple(
            Need(source, cells[source].number, tuple(short(_resource(name)) for name in names), kind)
            for (source, kind), names in sorted(found.items(), key=lambda item: (place[item[0][0]], item[0][1]))
        )
        for target, found in groups.items()
    }


def _data(facts: CellFacts, direction: Direction) -> tuple[str, ...]:
    # Temporary views are told as what flows between cells.
    told = (
        _access(access)
        for access in facts.accesses
        if access.direction is direction and access.kind is not AccessKind.TEMP_VIEW
    )
    return tuple(dict.fromkeys(each for each in told if each))


def _access(access: Access) -> str:
    return short(access.target or access.expression or access.kind.value, 48)


def _hidden(state: HiddenState, cells: Mapping[str, Cell]) -> str:
    name = short(state.name)
    if state.kind == "later" and state.definers:
        return f"uses {name}, which only cell {cells[state.definers[0]].number} binds, later"
    if state.kind == "deleted":
        return f"uses {name}, which was deleted before"
    if state.kind == "changed":
        return f"uses {name}, whose cell was changed after it ran"
    return f"uses {name}, which no cell binds"


def _moved(facts: Facts) -> frozenset[str]:
    """The cells that run at another place than they stand: the fewest whose moving gives the order."""
    place = {cell.cell_id: index for index, cell in enumerate(facts.cells)}
    order = [place[cell_id] for cell_id in facts.flow.order]
    return frozenset(facts.flow.order[index] for index in set(range(len(order))) - _rising(order))


def _rising(numbers: list[int]) -> set[int]:
    """The indices of a longest rising run of numbers, not necessarily side by side."""
    from bisect import bisect_left

    ends: list[int] = []
    where: list[int] = []
    before: list[int] = []
    for index, number in enumerate(numbers):
        at = bisect_left(ends, number)
        before.append(where[at - 1] if at else -1)
        if at == len(ends):
            ends.append(number)
            where.append(index)
        else:
            ends[at], where[at] = number, index
    found: set[int] = set()
    at = where[-1] if where else -1
    while at >= 0:
        found.add(at)
        at = before[at]
    return found
