"""One notebook checked: its findings, and how far it is from production."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nbpromote.analysis.analyse import analyse
from nbpromote.analysis.code_view import Linter
from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.results import find_results
from nbpromote.analysis.rules import find
from nbpromote.analysis.slices import slice_for
from nbpromote.notebook.model import Notebook

UNREADABLE = "NB100"


@dataclass(frozen=True, slots=True)
class Checked:
    """One notebook with its findings, and how far it is from production.

    `blocking` counts all findings that block, also those that a selection leaves out of `findings`. `file_lines` has
    for each finding the line of the file where it stands, as far as it is known.
    """

    path: str
    findings: tuple[Finding, ...]
    cells: int = 0
    needed: int = 0
    results: int = 0
    blocking: int = 0
    file_lines: tuple[int | None, ...] = ()

    @property
    def blocks(self) -> int:
        """How many of the findings block."""
        return sum(finding.severity is Severity.BLOCKS for finding in self.findings)

    @property
    def distance(self) -> str:
        """How far the notebook is from production, in words."""
        if self.blocking:
            ignored = self.blocking - self.blocks
            left_out = f" ({ignored} ignored here)" if ignored else ""
            return f"cannot be promoted: {_count(self.blocking, 'finding')} to mend first{left_out}"
        if not self.results:
            return "has no result to promote"
        size = f"{self.needed} of {_count(self.cells, 'code cell')} lead to {_count(self.results, 'result')}"
        warnings = Counter(finding.severity for finding in self.findings)[Severity.WARNING]
        if warnings:
            return f"can be promoted, with {_count(warnings, 'warning')}; {size}"
        return f"is ready to be promoted; {size}"


def check(notebook: Notebook, *, specifications: Sequence[Path] = (), linter: Linter | None = None) -> Checked:
    """What stands between this notebook and production; `specifications` are folders as for `analyse`."""
    facts = analyse(notebook, specifications=specifications)
    results = find_results(facts)
    needed = slice_for(facts, [result.cell_id for result in results]).cells
    findings = find(facts, linter=linter)
    blocking = sum(finding.severity is Severity.BLOCKS for finding in findings)
    return Checked(notebook.path, findings, len(facts.cells), len(needed), len(results), blocking)


def unreadable(path: str, reason: str, hint: str) -> Checked:
    """A file that cannot be read as a notebook, as a finding that says why."""
    finding = Finding(UNREADABLE, path, None, None, None, reason, hint, Severity.BLOCKS)
    return Checked(path, (finding,), blocking=1)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
