"""What came of judging data by its rules."""

from collections.abc import Mapping
from dataclasses import dataclass

from commonlib.receipts import Scalar
from commonlib.validation.rules import Rule, Rules


@dataclass(frozen=True, slots=True)
class Result:
    """One rule's outcome: how many rows broke it, or for a rule about the whole what was found instead."""

    rule: Rule
    is_kept: bool
    rows: int = 0
    found: str | None = None

    def __str__(self) -> str:
        if self.is_kept:
            return f"{self.rule.name}: holds"
        told = (
            f"found {self.found}" if self.found is not None else f"broken by {self.rows:,} row{'s' * (self.rows != 1)}"
        )
        return f"{self.rule.name}: {told}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of every rule over so many rows."""

    rows: int
    results: tuple[Result, ...]

    @property
    def failed(self) -> tuple[Result, ...]:
        return tuple(result for result in self.results if not result.is_kept)

    @property
    def passed(self) -> bool:
        return not self.failed

    def details(self) -> dict[str, Scalar]:
        """As a receipt shows it: the outcome, and each broken rule."""
        broken = {result.rule.name: result.found or result.rows for result in self.failed}
        return {"verdict": "passed" if self.passed else "failed", "rules": len(self.results), **broken}

    def to_json(self) -> dict[str, object]:
        """As a manifest keeps it."""
        results = [
            {"rule": each.rule.name, "kept": each.is_kept, "rows": each.rows, "found": each.found}
            for each in self.results
        ]
        return {"passed": self.passed, "rows": self.rows, "results": results}


def judge(rules: Rules, rows: int, broken: Mapping[Rule, int], types: Mapping[str, str]) -> Verdict:
    """The verdict from what was counted: `broken` holds the rows that broke each rule about rows."""
    return Verdict(rows, tuple(_result(rule, rows, broken.get(rule, 0), types) for rule in rules.rules))


def _result(rule: Rule, rows: int, broken: int, types: Mapping[str, str]) -> Result:
    if rule.kind == "type":
        found = types[rule.columns[0]]
        return Result(rule, found == rule.text, found=found)
    if rule.kind == "volume":
        low, high = rule.minimum, rule.maximum
        is_kept = (not isinstance(low, int) or rows >= low) and (not isinstance(high, int) or rows <= high)
        return Result(rule, is_kept, found=f"{rows:,}")
    return Result(rule, broken == 0, rows=broken)
