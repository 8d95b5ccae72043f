"""NB102: a cell uses a name that no cell binds, or that was deleted before.

The name comes from a cell that is gone, or from a typing error; a fresh kernel stops there. It blocks when a result
needs the cell.

Example:
    cohorts.plot()      # no cell binds cohorts any more

Bring the cell back that made it, or delete this one.
"""

from collections.abc import Iterator

from nbpromote.analysis.code import CellCode, span_of_place
from nbpromote.analysis.facts import Span
from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.evidence import Evidence, Rule


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The names that nothing binds, once a cell."""
    for state in evidence.facts.flow.hidden:
        if state.kind not in {"gone", "deleted"}:
            continue
        is_needed = state.cell_id in evidence.needed
        what = "which no cell binds" if state.kind == "gone" else "which is deleted before"
        place = place_of(evidence, state.cell_id, state.name)
        yield evidence.finding(
            rule,
            state.cell_id,
            place,
            f"uses {state.name}{through(evidence, state.cell_id, place, state.name)}, {what}",
            "bring back the cell that made it, or delete this one" if state.kind == "gone" else "bind it again",
            # What is said in a text only, such as one that is given to exec, may be bound there.
            Severity.BLOCKS if is_needed and place is not None else Severity.WARNING,
        )


def place_of(evidence: Evidence, cell_id: str, name: str) -> Span | None:
    """Where the cell first says this name, or else a function or class whose code does."""
    code = evidence.codes[cell_id]
    wanted, said = {name}, evidence.first_said(cell_id)
    while True:
        places = [said[each] for each in wanted if each in said]
        if places:
            return min(places)
        more = wanted | {each.name for cell in evidence.facts.cells for each in cell.definitions if each.free & wanted}
        if more == wanted:
            return _place_in_magic(code, name)
        wanted = more


def through(evidence: Evidence, cell_id: str, span: Span | None, name: str) -> str:
    """` through f` when the cell does not say the name itself."""
    said = evidence.codes[cell_id].text(span) if span is not None else name
    return f" through {said}" if said != name and said.isidentifier() else ""


def _place_in_magic(code: CellCode, name: str) -> Span | None:
    places = [span_of_place(magic.place) for magic in code.python.magics if name in magic.reads]
    return min((place for place in places if place is not None), default=None)


RULE = Rule("NB102", "name-gone", Severity.BLOCKS, find)
