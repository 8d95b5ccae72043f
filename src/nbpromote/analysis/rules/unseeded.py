"""NB130: random numbers without a seed.

Two runs on the same data give different results, and no proof can hold.

Example:
    train, test = train_test_split(df)

Give a seed: `train_test_split(df, random_state=seed)`, `np.random.default_rng(seed)`, `F.rand(seed)`.
"""

import ast
import re
from collections.abc import Iterator

from nbpromote.analysis.code import CellCode
from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.evidence import Evidence, Rule, dotted

_STATE = "random state"
_CALLS = re.compile(
    r"(?:^|\.)random\.(?!seed|RandomState|default_rng|Generator|set_state|get_state)\w+$|train_test_split$|\.sample$|\.fit\w*$"
    r"|(?:^|\.)(?:shuffle|choice|choices|randint|random|uniform|gauss|resample)$"
)
_UNSEEDED = re.compile(r"(?:^|\.)(?:rand|randn|randomSplit|default_rng|RandomState)$")


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The first draw in each cell before anything is seeded."""
    seeded: set[str] = set()
    for cell_id in evidence.facts.flow.order:
        cell = evidence.by_id[cell_id]
        seeded |= {each for each in cell.resources_changed if each.startswith(_STATE)}
        is_seeded = bool(seeded)
        draws = any(each.startswith(_STATE) and each not in seeded for each in cell.resources_read)
        for code, node, called in _calls_of(evidence, cell_id):
            has_seed = bool(node.args) or any(
                (keyword.arg or "") in {"seed", "random_state"} for keyword in node.keywords
            )
            name = called.rpartition(".")[2]
            is_own = _UNSEEDED.search(called) and (
                not has_seed or (name == "randomSplit" and len(node.args) < 2 and not node.keywords)
            )
            is_numpy = ".random." in called or called.startswith("random.")
            if (is_own and not (is_numpy and is_seeded)) or (draws and _CALLS.search(called)):
                yield evidence.finding(
                    rule, cell_id, code.span(node), f"{called.replace('()', '(...)')} draws without a seed",
                    "give it a seed, so that a second run gives the same",
                )  # fmt: skip
                break


def _calls_of(evidence: Evidence, cell_id: str) -> Iterator[tuple[CellCode, ast.Call, str]]:
    code = evidence.codes[cell_id]
    for node in ast.walk(code.tree):
        if isinstance(node, ast.Call):
            yield code, node, dotted(node.func)


RULE = Rule("NB130", "unseeded-randomness", Severity.WARNING, find)
