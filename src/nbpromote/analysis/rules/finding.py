"""Apply all rules to a notebook."""

import re
from collections.abc import Iterable
from dataclasses import replace

from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.evidence import Evidence, Rule
from nbpromote.analysis.secrets import veil

_IGNORE = re.compile(r"#\s*nbpromote:\s*ignore(?:\[([\w,\s-]*)\])?")
_SECRET = "NB120"
_ALWAYS = frozenset({"NB101", "NB102", "NB103", "NB120"})
_TAG = re.compile(r"nbpromote[-:]ignore(?:[-:](\w+))?")


def apply_rules(rules: Iterable[Rule], evidence: Evidence) -> tuple[Finding, ...]:
    """What these rules find, in the order of the document.

    A finding is left out where its line ends with `# nbpromote: ignore[NB111]`, or where its cell has the tag
    `nbpromote-ignore-NB111`. Without a code they are for all findings but those that block, which must be named.
    """
    made = [finding for rule in rules for finding in rule.find(rule, evidence)]
    secret = {_row(finding) for finding in made if finding.code == _SECRET and finding.span is not None}
    found = {
        veiled(_weighed(finding, evidence), is_secret=_row(finding) in secret)
        for finding in made
        if not _is_ignored(finding, evidence)
    }
    return tuple(sorted(found, key=place_of))


def _row(finding: Finding) -> tuple[str | None, int]:
    return finding.cell_id, finding.span.line if finding.span is not None else 0


def _weighed(finding: Finding, evidence: Evidence) -> Finding:
    """In a cell that promotion leaves out, bad practice is only worth knowing; what is broken or secret stays."""
    is_left_out = finding.cell_id is not None and finding.cell_id not in evidence.needed
    if is_left_out and finding.severity is Severity.WARNING and finding.code not in _ALWAYS:
        return replace(finding, severity=Severity.NOTE)
    return finding


def veiled(finding: Finding, *, is_secret: bool = False) -> Finding:
    """The finding without the secrets that its line, message or hint would show."""
    line = "" if is_secret or veil(finding.line) != finding.line else finding.line
    return replace(finding, message=veil(finding.message), hint=veil(finding.hint), line=line)


def place_of(finding: Finding) -> tuple[int, int, int, str, str]:
    """What findings are sorted by: the order of the document."""
    span = finding.span
    return finding.cell or 0, span.line if span else 0, span.column if span else 0, finding.code, finding.message


def _is_ignored(finding: Finding, evidence: Evidence) -> bool:
    if finding.cell_id is None:
        return False
    is_for_all_enough = finding.severity is not Severity.BLOCKS
    for tag in evidence.cells[finding.cell_id].tags:
        named = _TAG.fullmatch(tag)
        if named and (named[1] == finding.code or (named[1] is None and is_for_all_enough)):
            return True
    comment = _IGNORE.search(evidence.line(finding.cell_id, finding.span))
    if comment is None:
        return False
    return is_for_all_enough if comment[1] is None else finding.code in re.split(r"[,\s]+", comment[1])
