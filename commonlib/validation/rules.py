"""The rules of a dataset, as values: what must hold of it, and which of its columns are personal.

A null breaks `not_null` and `key` and no other rule; a NaN breaks every `range`. `rule_files` is how people say them.
"""

import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal, TypeAlias

from commonlib.validation.errors import BadRules
from commonlib.validation.fitting import Bound, allowed, is_nested, span

Kind: TypeAlias = Literal[
    "not_null", "type", "pattern", "range", "choices", "unique", "reference", "volume", "freshness", "drift"
]
Policy: TypeAlias = Literal["stop", "set_aside"]
Measure: TypeAlias = Literal["rows", "mean", "nulls"]

# Rules about the whole rather than about a row: their failure always stops the commit.
WHOLE: tuple[Kind, ...] = ("type", "volume", "freshness", "drift")
# Rules that need more than the row itself.
_BESIDE: tuple[Kind, ...] = ("unique", "reference")
_TIMES = ("date", "timestamp", "timestamp_ntz")
_NUMBERS = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal")
_WHOLE_NUMBERS = _NUMBERS[:4]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that must hold. What a kind has no use for is absent."""

    kind: Kind
    columns: tuple[str, ...] = ()
    minimum: Bound | None = None
    maximum: Bound | None = None
    text: str | None = None
    values: tuple[Bound, ...] = ()
    # Of a reference: the other dataset and its columns.
    dataset: str | None = None
    others: tuple[str, ...] = ()
    # Of freshness: how old the newest value may be.
    within: datetime.timedelta | None = None
    # Of drift: what is measured, by which share it may differ, from the median of how many versions before.
    measure: Measure | None = None
    share: float | None = None
    over: int | None = None

    @property
    def name(self) -> str:
        """The rule as a person would say it; the same rule has the same name in every report."""
        columns = ", ".join(self.columns)
        if self.kind == "drift":
            return self._drift()
        said = {
            "not_null": "is not null",
            "type": f"is of type {self.text}",
            "pattern": f"matches {self.text}",
            "choices": f"is one of {', '.join(map(str, self.values))}",
            "unique": "is unique",
            "reference": f"is in {self.dataset} ({', '.join(self.others)})",
            "freshness": f"is at most {_age(self.within)} old",
        }.get(self.kind, self._span())
        return f"{columns or 'the number of rows'} {said}"

    @property
    def measured(self) -> str:
        """What a rule of drift compares, as manifests call it."""
        return "rows" if self.measure == "rows" else f"{self.measure} of {self.columns[0]}"

    def _span(self) -> str:
        if self.minimum is not None and self.maximum is not None:
            return f"is between {self.minimum} and {self.maximum}"
        return f"is at least {self.minimum}" if self.maximum is None else f"is at most {self.maximum}"

    def _drift(self) -> str:
        what = {"rows": "the number of rows", "mean": "the mean of ", "nulls": "the share of nulls in "}[
            self.measure or "rows"
        ]
        unit = " points" if self.measure == "nulls" else "%"
        return f"{what}{''.join(self.columns)} is within {100 * (self.share or 0):g}{unit} of the versions before"


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of a dataset, and what happens when a row breaks one."""

    rules: tuple[Rule, ...]
    policy: Policy = "stop"
    path: str = "rules"
    personal: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def hash(self) -> str:
        """The same for rules that judge any data alike."""
        old = ("kind", "columns", "minimum", "maximum", "text", "values")
        said = [
            {key: value for key, value in asdict(rule).items() if key in old or value not in (None, ())}
            for rule in self.rules
        ]
        return hashlib.sha256(json.dumps([self.policy, *said], default=str).encode()).hexdigest()

    @property
    def by_row(self) -> tuple[Rule, ...]:
        """The rules that one row alone can break."""
        return tuple(rule for rule in self.rules if rule.kind not in (*WHOLE, *_BESIDE))

    @property
    def unique(self) -> tuple[Rule, ...]:
        return self._of("unique")

    @property
    def references(self) -> tuple[Rule, ...]:
        return self._of("reference")

    @property
    def about_rows(self) -> tuple[Rule, ...]:
        """The rules by which single rows can be set aside."""
        return (*self.by_row, *self.unique, *self.references)

    @property
    def measuring(self) -> tuple[Rule, ...]:
        """The rules about the whole that need something measured beyond the number of rows."""
        return tuple(rule for rule in self.rules if rule.kind in ("freshness", "drift") and rule.columns)

    def _of(self, kind: Kind) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.kind == kind)


def check_columns(rules: Rules, types: Mapping[str, str]) -> None:
    """That every column a rule is about is there, and of a type that the rule can judge. Raises BadRules."""
    for rule in rules.rules:
        for column in rule.columns:
            if column not in types:
                raise BadRules(rules.path, f"{rule.name}: there is no column {column!r}; there are {', '.join(types)}")
        if reason := _misfit(rule, {column: types[column] for column in rule.columns}, rules.personal):
            raise BadRules(rules.path, f"{rule.name}: {reason}")


def _misfit(  # noqa: PLR0911 - a kind a case
    rule: Rule, types: Mapping[str, str], personal: Mapping[str, str]
) -> str | None:
    column, kind = next(iter(types.items()), ("", ""))
    plain = kind.partition("(")[0]
    try:
        match rule.kind:
            case "pattern" if kind != "string":
                return f"a pattern needs text, the column is of type {kind}"
            case "range":
                span(rule.minimum, rule.maximum, kind)
            case "choices":
                allowed(rule.values, kind)
            case "freshness" if plain not in _TIMES:
                return f"needs a date or a timestamp, the column is of type {kind}"
            case "drift" if rule.measure == "mean" and plain not in _NUMBERS:
                return f"a mean needs numbers, the column is of type {kind}"
            case "drift" if rule.measure == "mean" and column in personal:
                return "the column is personal, and a mean of it would be kept in the manifest; measure its nulls"
            case "unique" | "reference" if nested := [name for name, each in types.items() if is_nested(each)]:
                return f"column {nested[0]!r} of type {types[nested[0]]} is no key; text, numbers, dates and times are"
            case "reference" if floats := [name for name, each in types.items() if each in ("float", "double")]:
                return f"column {floats[0]!r} of type {types[floats[0]]} rounds, and refers to nothing for certain"
    except ValueError as error:
        return f"{error} column {column!r} of type {kind}"
    return None


def check_reference(rule: Rule, types: Mapping[str, str], others: Mapping[str, str], path: str) -> None:
    """That the columns of the other dataset are there and of the same types. Raises BadRules."""
    for name, other in zip(rule.columns, rule.others, strict=True):
        if other not in others:
            raise BadRules(path, f"{rule.name}: {rule.dataset} has no column {other!r}; it has {', '.join(others)}")
        if types[name] != others[other] and not {types[name], others[other]} <= set(_WHOLE_NUMBERS):
            raise BadRules(
                path,
                f"{rule.name}: column {name!r} is of type {types[name]}, and {other!r} in {rule.dataset} of "
                f"{others[other]}; give both one type",
            )


def _age(within: datetime.timedelta | None) -> str:
    seconds = int(within.total_seconds()) if within else 0
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds % length == 0:
            return f"{seconds // length} {unit}{'s' * (seconds // length != 1)}"
    return f"{seconds} seconds"
