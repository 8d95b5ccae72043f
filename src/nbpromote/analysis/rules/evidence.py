"""What the rules look at: the facts, the code of each cell, and which cells the results need."""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from nbpromote.analysis.code import CellCode, read_code
from nbpromote.analysis.code_view import CodeView, Linter, Remark, view_of
from nbpromote.analysis.facts import CellFacts, Facts, Span
from nbpromote.analysis.findings import Finding, Fix, Severity
from nbpromote.analysis.results import Result, find_results
from nbpromote.analysis.slices import slice_for
from nbpromote.notebook.model import Cell


class Evidence:
    """The facts of a notebook with an index, and what is worked out of them once for all rules."""

    def __init__(self, facts: Facts, lint: Linter | None = None) -> None:
        self.facts = facts
        self._lint = lint
        self._said: dict[str, Mapping[str, Span]] = {}
        self._rows: dict[str, Sequence[str]] = {}
        self.cells: Mapping[str, Cell] = {cell.id: cell for cell in facts.notebook.cells}
        self.by_id: Mapping[str, CellFacts] = {cell.cell_id: cell for cell in facts.cells}

    @cached_property
    def codes(self) -> Mapping[str, CellCode]:
        """The code of each cell, in the order of the document."""
        return {cell.cell_id: read_code(self.cells[cell.cell_id]) for cell in self.facts.cells}

    @cached_property
    def view(self) -> CodeView:
        """All the Python, in running order."""
        return view_of(self.codes[cell_id] for cell_id in self.facts.flow.order)

    @cached_property
    def remarks(self) -> Sequence[Remark]:
        """What the linter says of the view; nothing without one."""
        return self._lint(self.view.source) if self._lint is not None and self.view.starts else ()

    @cached_property
    def results(self) -> tuple[Result, ...]:
        """The cells that conclude the work."""
        return find_results(self.facts)

    @cached_property
    def needed(self) -> frozenset[str]:
        """The cells that some result needs."""
        return frozenset(slice_for(self.facts, [result.cell_id for result in self.results]).cells)

    def calls(self) -> Iterator[tuple[CellCode, ast.Call, str]]:
        """Every call, with the dotted text of what is called."""
        for code in self.codes.values():
            for node in ast.walk(code.tree):
                if isinstance(node, ast.Call):
                    yield code, node, dotted(node.func)

    def library_calls(self) -> Iterator[tuple[CellCode, ast.Call, str]]:
        """Every call of a library, with its dotted name as far as the facts resolve it."""
        for cell_id, code in self.codes.items():
            known = {call.span: call.callee for call in self.by_id[cell_id].calls}
            if known:
                yield from (
                    (code, node, known[span])
                    for node in ast.walk(code.tree)
                    if isinstance(node, ast.Call) and (span := code.span(node)) in known
                )

    def first_said(self, cell_id: str) -> Mapping[str, Span]:
        """Where the cell first reads each name that its own code says."""
        if cell_id not in self._said:
            found: dict[str, Span] = {}
            code = self.codes[cell_id]
            for node in ast.walk(code.tree):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                    span = code.span(node)
                    found[node.id] = min(span, found.get(node.id, span))
            self._said[cell_id] = found
        return self._said[cell_id]

    def line(self, cell_id: str, span: Span | None) -> str:
        """The line of the source on which the span begins."""
        if cell_id not in self._rows:
            self._rows[cell_id] = self.cells[cell_id].source.split("\n")
        rows = self._rows[cell_id]
        return rows[span.line - 1].rstrip("\r") if span is not None and 0 < span.line <= len(rows) else ""

    def fix(self, code: CellCode, span: Span, before: str, after: str) -> Fix | None:
        """A fix that writes `after` where `before` stands; None when the user wrote it in other words."""
        return Fix(span, after) if " ".join(code.text(span).split()) == " ".join(before.split()) else None

    def finding(  # noqa: PLR0917
        self,
        rule: "Rule",
        cell_id: str | None,
        span: Span | None,
        message: str,
        hint: str,
        severity: Severity | None = None,
        fix: Fix | None = None,
    ) -> Finding:
        """A finding of this rule in this cell."""
        return Finding(
            rule.code,
            self.facts.notebook.path,
            self.cells[cell_id].number if cell_id is not None else None,
            cell_id,
            span,
            message,
            hint,
            severity or rule.severity,
            self.line(cell_id, span) if cell_id is not None else "",
            fix,
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that a careful reviewer of production notebooks would raise.

    The docstring of its module says what it is and why, with an example."""

    code: str
    name: str
    severity: Severity
    find: Callable[["Rule", Evidence], Iterator[Finding]]


def dotted(node: ast.AST) -> str:
    """The dotted text of a callee; calls and subscripts within it stand as `()` and `[]`."""
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            parts.append(f".{node.attr}")
            node = node.value
        elif isinstance(node, ast.Call):
            parts.append("()")
            node = node.func
        elif isinstance(node, ast.Subscript):
            parts.append("[]")
            node = node.value
        else:
            parts.append(node.id if isinstance(node, ast.Name) else "")
            return "".join(reversed(parts))
