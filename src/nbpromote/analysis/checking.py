"""One notebook checked: its findings, and how far it is from production."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbpromote.analysis.analyse import analyse
from nbpromote.analysis.code_view import Linter
from nbpromote.analysis.facts import Facts
from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.results import find_results
from nbpromote.analysis.rules import find
from nbpromote.analysis.rules.finding import place_of, veiled
from nbpromote.analysis.slices import slice_for
from nbpromote.notebook.model import Notebook

UNREADABLE = "NB100"
_NO_RESULT = "PR101"  # as NB105 says, too
_REPEATED, _APPEND = "NB110", "PR202"

Refuser = Callable[[Facts], Sequence[Finding]]
"""What a promotion refuses besides the findings that block."""


@dataclass(frozen=True, slots=True)
class FileFix:
    """A fix as a change to a file's text: lines and columns count from 1, the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """One notebook with its findings, and how far it is from production.

    `blocking` counts all findings that block, also those that a selection leaves out of `findings`. `file_lines` has
    for each finding the line of the file where it stands, as far as it is known, and `file_fixes` its fix as a change
    to the file's text.
    """

    path: str
    findings: tuple[Finding, ...]
    cells: int = 0
    needed: int = 0
    results: int = 0
    blocking: int = 0
    file_lines: tuple[int | None, ...] = ()
    file_fixes: tuple[FileFix | None, ...] = ()

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


def check(
    notebook: Notebook,
    *,
    specifications: Sequence[Path] = (),
    linter: Linter | None = None,
    refuser: Refuser | None = None,
) -> Checked:
    """What stands between this notebook and production; `specifications` are folders as for `analyse`."""
    facts = analyse(notebook, specifications=specifications)
    results = find_results(facts)
    needed = slice_for(facts, [result.cell_id for result in results]).cells
    findings = find(facts, linter=linter)
    if refuser is not None:
        refusals = [one for one in refuser(facts) if results or one.code != _NO_RESULT]
        findings = _with_refusals(findings, refusals)
    blocking = sum(finding.severity is Severity.BLOCKS for finding in findings)
    return Checked(notebook.path, findings, len(facts.cells), len(needed), len(results), blocking)


def _with_refusals(findings: Sequence[Finding], refusals: Sequence[Finding]) -> tuple[Finding, ...]:
    """All of them in the order of the document; what a refusal says again, and more strongly, is told once."""
    appends = {(one.cell_id, one.span) for one in refusals if one.code == _APPEND}
    told = [one for one in findings if one.code != _REPEATED or (one.cell_id, one.span) not in appends]
    return tuple(sorted([*told, *map(veiled, refusals)], key=place_of))


def unreadable(path: str, reason: str, hint: str) -> Checked:
    """A file that cannot be read as a notebook, as a finding that says why."""
    finding = Finding(UNREADABLE, path, None, None, None, reason, hint, Severity.BLOCKS)
    return Checked(path, (finding,), blocking=1)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
