"""NB102: a cell uses a name that no cell binds, or that was deleted before.

The name comes from a cell that is gone, or from a typing error; a fresh kernel stops there. It blocks when a result
needs the cell.

Example:
    cohorts.plot()      # no cell binds cohorts any more

Bring the cell back that made it, or delete this one.
"""

import ast
from collections.abc import Iterator

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
        yield evidence.finding(
            rule,
            state.cell_id,
            place_of(evidence, state.cell_id, state.name),
            f"uses {state.name}, {what}",
            "bring back the cell that made it, or delete this one" if state.kind == "gone" else "bind it again",
            Severity.BLOCKS if is_needed else Severity.WARNING,
        )


def place_of(evidence: Evidence, cell_id: str, name: str) -> Span | None:
    """Where the cell first says this name."""
    code = evidence.codes[cell_id]
    places = [
        code.span(node)
        for node in ast.walk(code.tree)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
    ]
    return min(places, default=None)


RULE = Rule("NB102", "name-gone", Severity.BLOCKS, find)
