"""NB162: a function reads a variable of the notebook that has several values in the course of it.

What the function returns depends on which cells have run before it is called, and nobody sees that in the call.

Example:
    rate = 0.15
    def net(amount):
        return amount * (1 - rate)
    rate = 0.25
    net(100)

Pass the value as an argument.
"""

import ast
from collections.abc import Iterator

from nbpromote.analysis.facts import Definition, Span
from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.evidence import Evidence, Rule


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The functions with such variables, one finding each."""
    values, given = _bound(evidence)
    for cell in evidence.facts.cells:
        for definition in cell.definitions:
            names = sorted(definition.free - given - {definition.name})
            changing = [name for name in names if len(values.get(name, ())) > 1]
            if not changing:
                continue
            told = ", ".join(f"{name} (bound in {_cells(evidence, values[name])})" for name in changing[:3])
            yield evidence.finding(
                rule, cell.cell_id, _header(definition), f"{definition.name}() reads {told}",
                f"pass {'it as an argument' if len(changing) == 1 else 'them as arguments'}",
            )  # fmt: skip


def _bound(evidence: Evidence) -> tuple[dict[str, list[str]], frozenset[str]]:
    """Where each name is assigned at the top level, once an assignment; and the names of functions and modules."""
    values: dict[str, list[str]] = {}
    given: set[str] = set()
    for cell_id in evidence.facts.flow.order:
        cell = evidence.by_id[cell_id]
        given |= {each.name for each in cell.imports} | {each.name for each in cell.definitions}
        for statement in evidence.codes[cell_id].tree.body:
            match statement:
                case ast.Assign(targets=targets):
                    names = [name for target in targets for name in _bound_by(target)]
                case (
                    ast.AugAssign(target=ast.Name(id=name)) | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr())
                ):
                    names = [name]
                case _:
                    names = []
            for name in names:
                values.setdefault(name, []).append(cell_id)
    return values, frozenset(given)


def _bound_by(target: ast.expr) -> list[str]:
    nodes = ast.walk(target)
    return [node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]


def _cells(evidence: Evidence, ids: list[str]) -> str:
    numbers = list(dict.fromkeys(evidence.cells[cell_id].number for cell_id in ids))
    return f"cell{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers[:4]))}"


def _header(definition: Definition) -> Span:
    """The line of the `def`, without the body."""
    span = definition.span
    return Span(span.line, span.column, span.line, span.column + len(f"def {definition.name}"))


RULE = Rule("NB162", "changing-global", Severity.WARNING, find)
