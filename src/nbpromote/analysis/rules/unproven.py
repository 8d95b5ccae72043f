"""NB106: the production notebook is an unproven draft.

`nbpromote promote --draft` wrote it where the ad-hoc notebook did not run, or what it computes could not be shown to be
the same. Its first cell lists what is to be done.

Example:
    proof: unproven      # in the notebook's header

Mend the ad-hoc notebook and promote it again: that replaces the draft.
"""

from collections.abc import Iterator, Mapping

from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.evidence import Evidence, Rule


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """One finding for the notebook."""
    header = evidence.facts.notebook.metadata.get("nbpromote")
    if isinstance(header, Mapping) and header.get("proof") == "unproven":
        source = header.get("source", "the ad-hoc notebook")
        yield evidence.finding(
            rule, None, None, "is an unproven draft: nothing shows that it computes what its ad-hoc notebook does",
            f'mend {source} as the first cell says, and "nbpromote promote" it again',
        )  # fmt: skip


RULE = Rule("NB106", "unproven-draft", Severity.WARNING, find)
