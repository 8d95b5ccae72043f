"""NB150: a shell command or another language, into which nobody can see.

What it reads, writes or installs is unknown to the tool, to the record and to the proof.

Example:
    !cp results.csv /mnt/share

Say it in Python, or put what it installs into the environment.
"""

from collections.abc import Iterator

from nbpromote.analysis.facts import Span
from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.r import EXTRA, is_available
from nbpromote.analysis.rules.evidence import Evidence, Rule


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The opaque effects, and the installations."""
    for cell in evidence.facts.cells:
        is_needed = cell.cell_id in evidence.needed
        for text in cell.opaque:
            short = text if len(text) <= 60 else f"{text[:57]}..."
            hint = "say it in Python" if is_needed else "no result needs it; promotion leaves it out"
            if _is_r(text) and not is_available():
                hint += f'; to read R: pip install "{EXTRA}"'
            yield evidence.finding(
                rule, cell.cell_id, _place(evidence, cell.cell_id, text), f"{short} has effects that cannot be seen",
                hint,
                Severity.WARNING if is_needed else Severity.NOTE,
            )  # fmt: skip
        if cell.pip_requirements:
            yield evidence.finding(
                rule, cell.cell_id, _place(evidence, cell.cell_id, "install "),
                f"installs {', '.join(cell.pip_requirements)} while it runs",
                "put it into the environment's files", Severity.NOTE,
            )  # fmt: skip


def _is_r(text: str) -> bool:
    return text == "r code" or text.split(" ", maxsplit=1)[0] in {"%%R", "%R", "%r"}


def _place(evidence: Evidence, cell_id: str, text: str) -> Span | None:
    for number, row in enumerate(evidence.cells[cell_id].source.split("\n"), start=1):
        if text[:20] in row:
            return Span(number, len(row) - len(row.lstrip()), number, len(row.rstrip()))
    return None


RULE = Rule("NB150", "shell-escape", Severity.WARNING, find)
