"""NB103: a cell uses a name that only a later cell binds.

The notebook was run in another order than it is written in. Where an order exists in which it runs, promotion moves the
cells; where none does and a result needs the cell, it blocks.

Example:
    cell 1:  print(rate)
    cell 2:  rate = 0.15

Move the cell that binds the name up.
"""

from collections.abc import Iterator

from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.evidence import Evidence, Rule
from nbpromote.analysis.rules.hidden_gone import place_of, through


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The uses before the binding."""
    unresolved = {(state.cell_id, state.name) for state in evidence.facts.flow.hidden}
    for state in evidence.facts.flow.hidden_in_document:
        if state.kind != "later":
            continue
        numbers = ", ".join(str(evidence.cells[definer].number) for definer in state.definers[:3])
        is_stuck = (state.cell_id, state.name) in unresolved
        blocks = is_stuck and state.cell_id in evidence.needed
        place = place_of(evidence, state.cell_id, state.name)
        via = through(evidence, state.cell_id, place, state.name)
        yield evidence.finding(
            rule,
            state.cell_id,
            place,
            f"uses {state.name}{via}, which only a later cell binds (cell {numbers})",
            _hint(numbers, is_stuck=is_stuck, is_peek=evidence.facts.of(state.cell_id).is_peek),
            Severity.BLOCKS if blocks else Severity.WARNING,
        )


def _hint(numbers: str, *, is_stuck: bool, is_peek: bool) -> str:
    if is_peek:
        return f"move it behind cell {numbers}; it only looks at data, and promotion leaves it out"
    if is_stuck:
        return "no order was found in which the notebook runs; move the cells by hand"
    return f"move cell {numbers} up; promotion does it"


RULE = Rule("NB103", "name-later", Severity.WARNING, find)
