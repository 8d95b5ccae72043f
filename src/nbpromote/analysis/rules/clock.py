"""NB131: the result depends on the clock.

A run for last month's data gives other results when it is made today.

Example:
    cutoff = datetime.now() - timedelta(days=30)

Make the date a parameter.
"""

from collections.abc import Iterator

from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.evidence import Evidence, Rule

_DATES = frozenset(
    "datetime.now datetime.today datetime.utcnow date.today datetime.datetime.now datetime.datetime.today "  # noqa: SIM905
    "datetime.datetime.utcnow datetime.date.today dt.datetime.now dt.datetime.today dt.date.today pd.Timestamp.now "
    "pd.Timestamp.today pd.Timestamp.utcnow Timestamp.now Timestamp.today pandas.Timestamp.now F.current_date "
    "F.current_timestamp current_date current_timestamp F.now pendulum.now time.strftime time.localtime".split()
)


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The calls that ask for the date."""
    for code, node, called in evidence.calls():
        if called in _DATES:
            is_needed = code.cell.id in evidence.needed
            yield evidence.finding(
                rule, code.cell.id, code.span(node), f"{called}() asks the clock", "make the date a parameter",
                Severity.WARNING if is_needed else Severity.NOTE,
            )  # fmt: skip


RULE = Rule("NB131", "clock-read", Severity.WARNING, find)
