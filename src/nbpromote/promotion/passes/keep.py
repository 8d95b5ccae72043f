"""What stays: the cells that lead to the results, in an order in which they run from top to bottom."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from nbpromote.analysis.facts import AccessKind, Direction, Facts, OrderKind, Slice, Span
from nbpromote.analysis.results import Result, find_results
from nbpromote.analysis.slices import slice_for
from nbpromote.notebook.magics import code_of
from nbpromote.notebook.model import Cell, CellKind, Notebook
from nbpromote.promotion.code import has_code
from nbpromote.promotion.draft import Draft, Snapshot, name_of
from nbpromote.promotion.plan import Decision, DecisionKind, Topic, Turn

KEEP, DROP = "keep", "drop"
CHOICES = (KEEP, DROP)
_LANGUAGES = {"r": "R", "scala": "Scala", "julia": "Julia"}
ORDERS = ("as it runs", "as saved")


def apply(draft: Draft, _: Snapshot) -> Draft:
    """Keep the slice that leads to the results and the Markdown that belongs to it."""
    facts, notebook = draft.facts, draft.facts.notebook
    results = find_results(facts)
    wanted = {cell.id: _wanted(draft, cell) for cell in notebook.code_cells}
    results = tuple(result for result in results if wanted.get(result.cell_id) != DROP)
    asked = tuple(cell_id for cell_id, want in wanted.items() if want == KEEP)
    targets = tuple(dict.fromkeys((*(result.cell_id for result in results), *asked)))
    chosen = slice_for(facts, targets, names=draft.options.results)
    kept_code = {cell_id for cell_id in chosen.cells if wanted.get(cell_id) != DROP}
    order = tuple(cell_id for cell_id in facts.flow.order if cell_id in kept_code)
    decisions = _cell_decisions(draft, chosen, results, wanted)
    numbers = [notebook.cell(cell_id).number for cell_id in order]
    if numbers != sorted(numbers):
        how = draft.turn(Topic.ORDER, "cells", ORDERS, ORDERS[0])
        decisions = [_order_decision(draft, order, how), *decisions]
        order = (
            order
            if how.choice == ORDERS[0]
            else tuple(one for one in (cell.id for cell in notebook.cells) if one in order)
        )
    shown = {result.cell_id for result in results if result.kind != "write"}
    draft = _without_other_languages(draft, order)
    result_cells = tuple(cell_id for cell_id in order if cell_id in shown)
    return replace(
        draft,
        kept=_with_markdown(notebook, order),
        results=result_cells,
        decisions=(*draft.decisions, *decisions),
    )


def _without_other_languages(draft: Draft, order: Sequence[str]) -> Draft:
    """One refusal for all the cells of a language, at the first of them."""
    cells: dict[str, list[Cell]] = {}
    for cell_id in order:
        cell = draft.facts.notebook.cell(cell_id)
        cells.setdefault(code_of(cell).language, []).append(cell)
    for language, (first, *others) in cells.items():
        if language in {"python", "sql"}:
            continue
        told = f"is written in {_LANGUAGES.get(language, language)}"
        if not others:
            told += ", and the results need it"
        elif len(others) == 1:
            told += f", as cell {others[0].number} is, and the results need them"
        else:
            numbers = [str(cell.number) for cell in others]
            told += f", as cells {', '.join(numbers[:-1])} and {numbers[-1]} are, and the results need them"
        hint = "write it in Python" if not others else "write them in Python"
        flows = [flow for one in (first, *others) if (flow := _data_flow(draft, one))]
        draft = draft.refusing("PR301", first, Span(1, 0, 1, 0), told, "; ".join((hint, *flows)))
    return draft


def _data_flow(draft: Draft, cell: Cell) -> str:
    """What a cell in another language takes of the others and gives to them, by views and tables."""
    found = [one for one in draft.facts.of(cell.id).accesses if one.kind in {AccessKind.TABLE, AccessKind.TEMP_VIEW}]
    reads = dict.fromkeys(one.target for one in found if one.direction is Direction.READ and one.target)
    views = dict.fromkeys(one.target for one in found if one.direction is Direction.WRITE and one.target)
    takes = f"reads {', '.join(reads)}" if reads else ""
    gives = f"makes {', '.join(views)}" if views else ""
    does = " and ".join(filter(None, (takes, gives)))
    return f"{name_of(cell)} {does}" if does else ""


def _wanted(draft: Draft, cell: Cell) -> str | None:
    """What a person chose for this cell, or None."""
    return draft.turn(Topic.CELL, name_of(cell), CHOICES, "").choice or None


def _order_decision(draft: Draft, order: tuple[str, ...], turn: Turn) -> Decision:
    notebook = draft.facts.notebook
    numbers = [notebook.cell(cell_id).number for cell_id in order]
    if turn.choice != ORDERS[0]:
        return Decision(DecisionKind.ORDER, "cells", "the saved order", "so chosen", turn=turn)
    how = {
        OrderKind.EXECUTION: "the order in which the cells were last run",
        OrderKind.FLOW: "reordered as little as possible, so that every name exists before it is used",
        OrderKind.DOCUMENT: "the saved order",
    }[draft.facts.flow.order_kind]
    hidden = draft.facts.flow.hidden_in_document
    first = next((one for one in hidden if one.cell_id in order and one.kind == "later"), None)
    why = "the saved order does not run from top to bottom"
    if first is not None:
        definers = ", ".join(name_of(notebook.cell(one)) for one in first.definers)
        why = f"{name_of(notebook.cell(first.cell_id))} uses {first.name}, which {definers} defines"
    return Decision(DecisionKind.ORDER, "cells", f"{how}: {', '.join(map(str, numbers))}", why, turn=turn)


def _cell_decisions(
    draft: Draft, chosen: Slice, results: tuple[Result, ...], wanted: Mapping[str, str | None]
) -> list[Decision]:
    facts, notebook = draft.facts, draft.facts.notebook
    why_result = {result.cell_id: result.why for result in results}
    decisions = []
    for cell in notebook.code_cells:
        if not cell.source.strip():
            continue
        want = wanted[cell.id]
        is_kept = cell.id in chosen.reasons and want != DROP
        kind = DecisionKind.CELL_KEPT if is_kept else DecisionKind.CELL_DROPPED
        if want is not None:
            why = "so chosen"
        elif is_kept:
            why = why_result.get(cell.id) or chosen.reasons[cell.id]
        else:
            why = _why_dropped(facts, cell)
        choice = KEEP if is_kept else DROP
        turn = Turn(Topic.CELL, name_of(cell), choice, CHOICES, "" if want is not None else choice)
        decisions.append(Decision(kind, name_of(cell), _first_line(cell), why, turn=turn))
    return decisions


def _why_dropped(facts: Facts, cell: Cell) -> str:  # noqa: PLR0911
    about = facts.of(cell.id)
    gone = [one for one in facts.flow.hidden if one.cell_id == cell.id]
    bound = sorted(about.binds)
    if about.problem is not None:
        return f"cannot be read ({about.problem.message}), and no result needs it"
    if gone:
        where = "a later cell" if gone[0].kind == "later" else "a cell that is not there any more"
        return f"fails: {gone[0].name} comes from {where}"
    if about.pip_requirements:
        return "installs packages; the environment does that"
    if about.is_peek:
        return "only looks at data"
    if bound:
        return f"no result needs {', '.join(bound[:3])}{', ...' if len(bound) > 3 else ''}"
    if not has_code(cell.source):
        return "has no code"
    return "shows an intermediate value" if about.displays else "no result needs what it does"


def _first_line(cell: Cell) -> str:
    """The first line of a cell that says something, to know it by."""
    lines = [line.strip() for line in cell.source.splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith(("#", "%%"))] or lines
    line = next((line for line in said if not line.startswith(("import ", "from "))), said[0])
    return line if len(line) <= _WIDE else line[: _WIDE - 3] + "..."


_WIDE = 48


def _with_markdown(notebook: Notebook, order: tuple[str, ...]) -> tuple[str, ...]:
    """The kept cells in running order, each section's Markdown before its first kept cell.

    Markdown belongs to the code cells up to the next Markdown; a heading to all up to the next heading of its level.
    """
    before: dict[str, list[str]] = {}
    wanted = set(order)
    placed_first = {cell_id: place for place, cell_id in enumerate(order)}
    leading: list[str] = []
    for index, cell in enumerate(notebook.cells):
        if cell.kind is not CellKind.MARKDOWN or not cell.source.strip():
            continue
        members = [one for one in section(notebook, index) if one in wanted]
        if index == 0:
            leading.append(cell.id)
        elif members:
            first = min(members, key=lambda one: placed_first[one])
            before.setdefault(first, []).append(cell.id)
    placed: list[str] = list(leading)
    for cell_id in order:
        placed += [*before.get(cell_id, ()), cell_id]
    return tuple(placed)


def section(notebook: Notebook, index: int, *, until_markdown: bool = False) -> list[str]:
    """The ids of the code cells that the Markdown cell at this index speaks of; `until_markdown`, of its own only."""
    level = None if until_markdown else _heading_level(notebook.cells[index].source)
    members = []
    seen_code = False
    for cell in notebook.cells[index + 1 :]:
        if cell.kind is CellKind.MARKDOWN:
            next_level = _heading_level(cell.source)
            if level is None:
                if until_markdown or seen_code or next_level is not None:
                    break
            elif next_level is not None and next_level <= level:
                break
        elif cell.kind is CellKind.CODE:
            seen_code = True
            members.append(cell.id)
    return members


def _heading_level(source: str) -> int | None:
    first = source.lstrip().splitlines()[0] if source.strip() else ""
    marks = len(first) - len(first.lstrip("#"))
    return marks if 0 < marks <= 6 and first[marks:].startswith(" ") else None
