"""What a careful reviewer of production notebooks would raise, one rule a file."""

from nbpromote.analysis.code_view import Linter
from nbpromote.analysis.facts import Facts
from nbpromote.analysis.findings import Finding
from nbpromote.analysis.rules import (
    changing_global,
    clock,
    credential,
    deprecated_api,
    failed_cell,
    hidden_gone,
    hidden_later,
    lint,
    local_path,
    lost_display,
    no_result,
    repeated_write,
    row_order,
    sample_pitfall,
    shell_escape,
    star_import,
    swallowed_exception,
    syntax_problem,
    unbounded_collect,
    unproven,
    unseeded,
    unused_cell,
    unused_import,
)
from nbpromote.analysis.rules.evidence import Evidence, Rule
from nbpromote.analysis.rules.finding import apply_rules

RULES: tuple[Rule, ...] = (
    syntax_problem.RULE,
    hidden_gone.RULE,
    hidden_later.RULE,
    failed_cell.RULE,
    no_result.RULE,
    unproven.RULE,
    repeated_write.RULE,
    local_path.RULE,
    credential.RULE,
    unseeded.RULE,
    clock.RULE,
    row_order.RULE,
    sample_pitfall.RULE,
    unbounded_collect.RULE,
    shell_escape.RULE,
    star_import.RULE,
    swallowed_exception.RULE,
    changing_global.RULE,
    unused_import.RULE,
    lost_display.RULE,
    deprecated_api.RULE,
    lint.RULE,
    unused_cell.RULE,
)


def find(facts: Facts, *, linter: Linter | None = None) -> tuple[Finding, ...]:
    """Everything that stands between the notebook and production, in the order of the document.

    Args:
        facts: What is known of the notebook.
        linter: What finds plain mistakes in a text of Python; without one, there is no NB166.
    """
    return apply_rules(RULES, Evidence(facts, linter))


__all__ = ["RULES", "Evidence", "Rule", "find"]
