"""What rules need beside the data itself: the datasets that it refers to, what was published before, and the time."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

from commonlib.lake import logs
from commonlib.lake.errors import NotFound
from commonlib.lake.logs import Version
from commonlib.lake.manifest import Input
from commonlib.validation.errors import BadRules
from commonlib.validation.rules import Rule, Rules, check_columns, check_reference

# Versions without the measure, such as those of other rules, are passed over; but not the whole of a long log.
_FARTHEST = 200


@dataclass(frozen=True, slots=True)
class Beside:
    """The time of judging, the versions that are referred to, and what each drifting measure was, newest first."""

    now: datetime.datetime
    references: Mapping[str, Version] = field(default_factory=dict)
    history: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def inputs(self) -> tuple[Input, ...]:
        return tuple(Input(version.dataset, version.number) for version in self.references.values())

    @property
    def mark(self) -> str:
        """What makes the same rules judge the same data otherwise: another version of what it refers to."""
        return "".join(f" {version.dataset} {version.manifest.attempt}" for version in self.references.values())

    def usual(self, rule: Rule) -> float | None:
        """The median of what a drifting measure was in the versions before; None where there are none."""
        found = self.history.get(rule.measured, ())[: rule.over]
        return median(found) if found else None

    def check(self, rules: Rules, types: Mapping[str, str]) -> None:
        """That the rules fit the columns, here and in the datasets referred to. Raises BadRules."""
        check_columns(rules, types)
        for rule in rules.references:
            others = {column.name: column.type for column in self.references[str(rule.dataset)].columns}
            check_reference(rule, types, others, rules.path)


def look(rules: Rules, dataset: str | None) -> Beside:
    """What the rules need now, of a write to the dataset; without one there is no history. Raises BadRules."""
    references = {}
    for rule in rules.references:
        name = str(rule.dataset)
        if name not in references:
            try:
                references[name] = logs.open_log(name).find()
            except NotFound as error:
                raise BadRules(rules.path, f"{rule.name}: {error}") from error
            if references[name].manifest.kind != "table":
                raise BadRules(rules.path, f"{rule.name}: {name} holds files, not a table")
    return Beside(datetime.datetime.now(datetime.UTC), references, _history(rules, dataset) if dataset else {})


def _history(rules: Rules, dataset: str) -> dict[str, tuple[float, ...]]:
    wanted = {rule.measured: rule.over or 1 for rule in rules.rules if rule.kind == "drift"}
    found: dict[str, list[float]] = {name: [] for name in wanted}
    log = logs.open_log(dataset)
    for number in sorted(log.numbers(), reverse=True)[:_FARTHEST] if wanted else ():
        verdict = log.manifest(number).details.get("verdict")
        measures = verdict.get("measures") if isinstance(verdict, Mapping) else None
        for name, value in measures.items() if isinstance(measures, Mapping) else ():
            if name in found and isinstance(value, int | float):
                found[name].append(value)
        if all(len(found[name]) >= over for name, over in wanted.items()):
            break
    return {name: tuple(values) for name, values in found.items()}
