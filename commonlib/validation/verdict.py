"""What came of judging data by its rules."""

import datetime
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from commonlib.receipts import Scalar
from commonlib.validation.beside import Beside
from commonlib.validation.rules import Rule, Rules

FAILED = "failed_rules"


def free_name(name: str, taken: Iterable[str]) -> str:
    """The name, or one like it that none of the columns has in any case: a quarantine keeps the user's, too."""
    known, number, found = {each.casefold() for each in taken}, 1, name
    while found.casefold() in known:
        number, found = number + 1, f"{name}_{number + 1}"
    return found


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
class Counted:
    """What one pass over the rows counted: all of them, those that break each rule, and what was measured."""

    rows: int
    broken: Mapping[Rule, int] = field(default_factory=dict)
    newest: Mapping[Rule, datetime.date | None] = field(default_factory=dict)
    numbers: Mapping[Rule, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of every rule over so many rows. `measures` are what later versions are compared with."""

    rows: int
    results: tuple[Result, ...]
    measures: Mapping[str, float] = field(default_factory=dict)

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
        found: dict[str, object] = {"passed": self.passed, "rows": self.rows, "results": results}
        return found | ({"measures": dict(self.measures)} if self.measures else {})


def judge(rules: Rules, counted: Counted, types: Mapping[str, str], beside: Beside) -> Verdict:
    """The verdict from what was counted."""
    results, measures = [], {}
    for rule in rules.rules:
        if rule.kind == "drift":
            number = counted.numbers.get(rule) if rule.columns else float(counted.rows)
            if number is not None and math.isfinite(number):
                measures[rule.measured] = number
            results.append(_drift(rule, number, beside.usual(rule)))
        elif rule.kind == "freshness":
            results.append(_freshness(rule, counted.newest.get(rule), beside.now, rules))
        else:
            results.append(_result(rule, counted, types))
    return Verdict(counted.rows, tuple(results), measures)


def _result(rule: Rule, counted: Counted, types: Mapping[str, str]) -> Result:
    if rule.kind == "type":
        found = types[rule.columns[0]]
        return Result(rule, found == rule.text, found=found)
    if rule.kind == "volume":
        low, high, rows = rule.minimum, rule.maximum, counted.rows
        is_kept = (not isinstance(low, int) or rows >= low) and (not isinstance(high, int) or rows <= high)
        return Result(rule, is_kept, found=f"{rows:,}")
    broken = counted.broken.get(rule, 0)
    return Result(rule, broken == 0, rows=broken)


def _freshness(rule: Rule, newest: datetime.date | None, now: datetime.datetime, rules: Rules) -> Result:
    """Days are compared with today in UTC; a time without a zone is taken as one in UTC."""
    if newest is None:
        return Result(rule, False, found="no value")
    oldest = now - (rule.within or datetime.timedelta())
    if isinstance(newest, datetime.datetime):
        is_kept = newest.replace(tzinfo=newest.tzinfo or datetime.UTC) >= oldest
    else:
        is_kept = newest >= oldest.date()
    shown = (
        "an older one"
        if rule.columns[0] in rules.personal
        else f"{newest.isoformat(*_SPACED[isinstance(newest, datetime.datetime)])} as the newest"
    )
    return Result(rule, is_kept, found=None if is_kept else shown)


_SPACED: Mapping[bool, tuple[str, ...]] = {True: (" ", "seconds"), False: ()}


def _drift(rule: Rule, number: float | None, usual: float | None) -> Result:
    """Kept while there is nothing to compare with; then a column without a value has no mean that could be near."""
    if usual is None:
        return Result(rule, True)
    if number is None or not math.isfinite(number):
        return Result(rule, False, found="no mean")
    away = abs(number - usual)
    is_kept = away <= (rule.share or 0) * (1 if rule.measure == "nulls" else abs(usual)) * (1 + 1e-9) + 1e-12
    return Result(
        rule, is_kept, found=None if is_kept else f"{_spell(rule, number)} where {_spell(rule, usual)} is usual"
    )


def _spell(rule: Rule, number: float) -> str:
    return f"{100 * number:.3g}%" if rule.measure == "nulls" else f"{number:,.6g}" if rule.columns else f"{number:,.0f}"
