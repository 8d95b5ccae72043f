"""Rules on data: what breaks one is set aside with the rule, and nothing is published."""

from commonlib.validation.errors import BadRules, ValidationError, ValidationFailed
from commonlib.validation.guards import require
from commonlib.validation.pandera_schemas import from_pandera, to_pandera
from commonlib.validation.publishing import Published, publish, validate
from commonlib.validation.rule_files import read, rules_of
from commonlib.validation.rules import Rules
from commonlib.validation.verdict import Verdict

__all__ = [
    "BadRules",
    "Published",
    "Rules",
    "ValidationError",
    "ValidationFailed",
    "Verdict",
    "from_pandera",
    "publish",
    "read",
    "require",
    "rules_of",
    "to_pandera",
    "validate",
]
