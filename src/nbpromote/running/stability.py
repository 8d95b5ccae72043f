"""What two runs of a case tell of each cell: whether what it shows can be held against a later run."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from nbpromote.errors import NbpromoteError
from nbpromote.running import reference
from nbpromote.running.comparing import Difference, Terms, compare, datasets, texts
from nbpromote.running.reference import Masking

_LARGEST_NOISE = 1e-4  # relative; what is further apart is another result
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")


class Stability(StrEnum):
    """How two runs of a cell, on other settings, stand to each other."""

    STABLE = "stable"
    MASKABLE = "noise, masked"
    FLOAT_NOISE = "float noise, within the tolerance"
    UNSTABLE = "unstable"


@dataclass(frozen=True, slots=True)
class Judged:
    """One cell (`cell-4`), or one dataset, and why it is so."""

    place: str
    stability: Stability
    why: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """A run's outputs of one cell, and how to know its noise."""

    cell: Mapping[str, Any]
    masking: Masking


class Unstable(NbpromoteError):
    """A reference was not recorded, for a second run did something else."""

    def __init__(self, case: str, found: Sequence[Judged], settings: Sequence[str]) -> None:
        self.found = tuple(found)
        lines = [f"  {one.place}: {one.why}".replace("\n", "\n    ") for one in found]
        super().__init__(
            f"{case}: no reference was recorded, for a second run ({', '.join(settings)}) did something else:\n"
            + "\n".join(lines)
        )


def judge_cell(place: str, first: Side, second: Side, terms: Terms) -> Judged:
    """How stable what this cell shows is."""
    plain = [reference.outputs(side.cell, str) for side in (first, second)]
    masked = [reference.outputs(side.cell, side.masking) for side in (first, second)]
    if plain[0] == plain[1]:
        return Judged(place, Stability.STABLE)
    if masked[0] == masked[1]:
        return Judged(place, Stability.MASKABLE, "times, ids, addresses or paths")
    found = compare(masked[0], masked[1], terms)
    if not found:
        return Judged(place, Stability.FLOAT_NOISE, _noise(compare(masked[0], masked[1], Terms(0.0))))
    told = "\n".join(f"{one.what}: {one.told}" for one in found)
    return Judged(place, Stability.UNSTABLE, f"{told}\n{_advice(place, found, terms, (first.masking, second.masking))}")


def judge_data(
    first: Mapping[str, Any], second: Mapping[str, Any], terms: Terms, ignored: Sequence[str] = ()
) -> Iterator[Judged]:
    """How stable each dataset is that both runs wrote, by summaries of their columns."""
    first, second = without_ignored(first, ignored), without_ignored(second, ignored)
    for name in sorted({*first, *second}):
        if name not in first or name not in second:
            yield Judged(name, Stability.UNSTABLE, "only one of the runs wrote it")
        elif first[name] == second[name]:
            yield Judged(name, Stability.STABLE)
        elif told := datasets.difference({name: first[name]}, {name: second[name]}, terms):
            columns = datasets.columns_apart(first[name], second[name], terms)
            advice = "write what does not hang on order, clock or chance"
            if columns:
                advice += f"; or leave it out: ignore: [{', '.join(f'{name}.{column}' for column in columns)}]"
            yield Judged(name, Stability.UNSTABLE, f"{told}\n{advice}")
        else:
            yield Judged(name, Stability.FLOAT_NOISE, "sums of floats in another order")


def without_ignored(written: Mapping[str, Any], ignored: Sequence[str]) -> dict[str, Any]:
    """Summaries of datasets without the columns (`dataset.column`) and datasets that a case leaves out."""
    return {name: _without(name, told, ignored) for name, told in written.items() if name not in ignored}


def _without(name: str, told: Any, ignored: Sequence[str]) -> Any:
    if not isinstance(told, Mapping) or not isinstance(told.get("columns"), Mapping):
        return told
    kept = {key: one for key, one in told["columns"].items() if f"{name}.{key}" not in ignored}
    if len(kept) < len(told["columns"]):
        # `linked` sums of the other columns hang on the values of the one that is left out.
        kept = {key: {what: one for what, one in of.items() if what != "linked"} for key, of in kept.items()}
    return {**told, "columns": kept}


def _noise(found: Sequence[Difference]) -> str:
    if not found:
        return "in the last digit that is shown"
    worst = max((texts.distance(one.expected, one.actual) for one in found if one.expected), default=0.0)
    return f"up to {worst:.2g} of a value" if 0 < worst < 1 else "another drawing of the same data"


def _advice(place: str, found: Sequence[Difference], terms: Terms, maskings: tuple[Masking, Masking]) -> str:
    """What may have caused it, and what to do."""
    pairs = [(one.expected, one.actual) for one in found if one.expected and one.actual]
    days = [[(one.now + timedelta(days=shift)).date().isoformat() for shift in (-1, 0, 1)] for one in maskings]
    if any(_has(was, days[0]) and _has(now, days[1]) for was, now in pairs):
        return "it hangs on the clock: make the day a parameter"
    worst = max((texts.distance(*pair) for pair in pairs), default=float("inf"))
    if terms.tolerance < worst < _LARGEST_NOISE:
        return f"float noise: tolerance: {_above(worst)} in the case accepts it"
    if any(_DATE.sub("", was) == _DATE.sub("", now) for was, now in pairs):
        return "it hangs on the clock or the time zone: make the day a parameter, or set TZ in the case's environment"
    if pairs and all(sorted(_words(was)) == sorted(_words(now)) for was, now in pairs):
        return "the same in another order: sort it before it is shown (sets, groups and Spark's rows have no order)"
    return f"seed what is drawn, order what is cut, or leave it out: ignore: [{place}]"


def _has(text: str, days: Sequence[str]) -> bool:
    return any(day in text for day in days)


def _words(text: str) -> list[str]:
    return re.findall(r"[\w.+-]+", text)


def _above(number: float) -> str:
    power = 1
    while 10.0**-power > number:
        power += 1
    return f"1.0e-{power - 1}"
