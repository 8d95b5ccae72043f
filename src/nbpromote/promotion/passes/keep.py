"""What stays: the cells that lead to the results, in an order in which they run from top to bottom."""

from dataclasses import replace

from nbpromote.analysis.facts import OrderKind
from nbpromote.analysis.results import Result, find_results
from nbpromote.analysis.slices import slice_for
from nbpromote.notebook.model import CellKind, Notebook
from nbpromote.promotion.draft import Draft, Snapshot, name_of
from nbpromote.promotion.plan import Decision, DecisionKind


def apply(draft: Draft, _: Snapshot) -> Draft:
    """Keep the slice that leads to the results and the Markdown that belongs to it."""
    facts, notebook = draft.facts, draft.facts.notebook
    results = find_results(facts)
    targets = tuple(dict.fromkeys(result.cell_id for result in results))
    chosen = slice_for(facts, targets, names=draft.options.results)
    kept_code = set(chosen.cells)
    order = tuple(cell_id for cell_id in facts.flow.order if cell_id in kept_code)
    decisions = [*_order_decision(draft, order), *_cell_decisions(draft, chosen.reasons, results)]
    result_cells = tuple(cell_id for cell_id in order if cell_id in targets)
    return replace(
        draft,
        kept=_with_markdown(notebook, order),
        results=result_cells,
        decisions=(*draft.decisions, *decisions),
    )


def _order_decision(draft: Draft, order: tuple[str, ...]) -> list[Decision]:
    notebook = draft.facts.notebook
    numbers = [notebook.cell(cell_id).number for cell_id in order]
    if numbers == sorted(numbers):
        return []
    how = {
        OrderKind.EXECUTION: "the order in which the cells were last run",
        OrderKind.FLOW: "the nearest order in which every name is there before it is used",
        OrderKind.DOCUMENT: "the saved order",
    }[draft.facts.flow.order_kind]
    hidden = draft.facts.flow.hidden_in_document
    first = next((one for one in hidden if one.cell_id in order and one.kind == "later"), None)
    why = "the saved order does not run from top to bottom"
    if first is not None:
        definers = ", ".join(name_of(notebook.cell(one)) for one in first.definers)
        why = f"{name_of(notebook.cell(first.cell_id))} uses {first.name}, which {definers} defines"
    return [Decision(DecisionKind.ORDER, "cells", f"{how}: {', '.join(map(str, numbers))}", why)]


def _cell_decisions(draft: Draft, reasons: object, results: tuple[Result, ...]) -> list[Decision]:
    facts, notebook = draft.facts, draft.facts.notebook
    why_in = dict(reasons) if isinstance(reasons, dict) or hasattr(reasons, "items") else {}  # type: ignore[call-overload]
    why_result = {result.cell_id: result.why for result in results}
    decisions = []
    for cell in notebook.code_cells:
        if not cell.source.strip():
            continue
        if cell.id in why_in:
            why = why_result.get(cell.id) or why_in[cell.id]
            decisions.append(Decision(DecisionKind.CELL_KEPT, name_of(cell), "stays", why))
            continue
        cell_facts = facts.of(cell.id)
        bound = sorted(cell_facts.binds)
        if cell_facts.problem is not None:
            why = f"cannot be read ({cell_facts.problem.message}), and no result needs it"
        elif cell_facts.is_peek:
            why = "only looks at data"
        elif cell_facts.pip_requirements:
            why = "installs packages; the environment does that"
        elif bound:
            names = ", ".join(bound[:3]) + (", ..." if len(bound) > 3 else "")
            why = f"no result needs {names}"
        else:
            why = "no result needs what it does"
        decisions.append(Decision(DecisionKind.CELL_DROPPED, name_of(cell), "goes", why))
    return decisions


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
        members = [one for one in _section(notebook, index) if one in wanted]
        if index == 0:
            leading.append(cell.id)
        elif members:
            first = min(members, key=lambda one: placed_first[one])
            before.setdefault(first, []).append(cell.id)
    placed: list[str] = list(leading)
    for cell_id in order:
        placed += [*before.get(cell_id, ()), cell_id]
    return tuple(placed)


def _section(notebook: Notebook, index: int) -> list[str]:
    level = _heading_level(notebook.cells[index].source)
    members = []
    seen_code = False
    for cell in notebook.cells[index + 1 :]:
        if cell.kind is CellKind.MARKDOWN:
            next_level = _heading_level(cell.source)
            if level is None:
                if seen_code or next_level is not None:
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
