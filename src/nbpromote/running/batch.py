"""Many runs of one notebook: which parameters each gets."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from nbpromote.running.fitting import Injected, Unfit
from nbpromote.running.parameters import Declared, UnfitParameters, fit, unknown
from nbpromote.running.resuming import key
from nbpromote.running.sweeps import MOST, expand

Row = Mapping[str, object]
NO_VALUES: Row = MappingProxyType({})
_SHOWN_PROBLEMS = 10


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody said of the parameters of many runs: `words` as typed and `values` of a file for all of them,
    `sweeps` as typed, and `rows` of a table, which are text where `is_text`."""

    words: tuple[str, ...] = ()
    values: Row = field(default_factory=lambda: NO_VALUES)
    sweeps: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    is_text: bool = False


def plan(path: str, parameters: tuple[Declared, ...], wanted: Wanted) -> tuple[dict[str, Injected], ...]:
    """The parameters of each run, in order: every row of the table with every point of the grid of the sweeps.

    What is the same twice runs once.

    Raises:
        UnfitParameters: some of it does not fit, or is said twice.
    """
    known = {parameter.name: parameter for parameter in parameters}
    problems: list[str] = []
    swept: dict[str, tuple[Injected, ...]] = {}
    fixed = {word.partition("=")[0].strip() for word in wanted.words}
    columns = {name for row in wanted.rows for name in row}
    for sweep in wanted.sweeps:
        name, equals, text = sweep.partition("=")
        name = name.strip()
        if not equals:
            problems.append(f"--sweep {sweep}: a sweep is given as name=values")
        elif name not in known:
            problems.append(unknown(name, known))
        elif name in swept or name in fixed or name in columns:
            problems.append(f"parameter {name} is given twice")
        else:
            try:
                swept[name] = expand(text, known[name].type)
            except Unfit as error:
                problems.append(f"parameter {name}: {error}")
    problems += [f"parameter {name} is given by -p and by the table" for name in sorted(fixed & columns)]
    if problems:
        raise UnfitParameters(path, tuple(problems))
    points = [dict(zip(swept, point, strict=True)) for point in _grid(path, swept, max(len(wanted.rows), 1))]
    found: dict[str, dict[str, Injected]] = {}
    for number, row in enumerate(wanted.rows or (NO_VALUES,), 1):
        try:
            for point in points:
                one = _fit(path, parameters, wanted, row, point)
                found.setdefault(key(one), one)
        except UnfitParameters as error:
            problems += [f"row {number}: {problem}" if wanted.rows else problem for problem in error.problems]
    if problems:
        more = len(problems) - _SHOWN_PROBLEMS
        raise UnfitParameters(path, (*problems[:_SHOWN_PROBLEMS], *([f"and {more:,} more"] if more > 0 else ())))
    return tuple(found.values())


def _grid(path: str, swept: Mapping[str, Sequence[Injected]], rows: int) -> Iterable[tuple[Injected, ...]]:
    size = rows
    for values in swept.values():
        size *= len(values)
    if size > MOST:
        raise UnfitParameters(path, (f"these are {size:,} runs; {MOST:,} at most",))
    return itertools.product(*swept.values())


def _fit(
    path: str, parameters: tuple[Declared, ...], wanted: Wanted, row: Row, point: Mapping[str, Injected]
) -> dict[str, Injected]:
    if not wanted.is_text:
        return fit(path, parameters, words=wanted.words, values={**wanted.values, **row, **point})
    # Of a table of text an empty cell says nothing, so the notebook's default holds.
    words = [f"{name}={text}" for name, text in row.items() if text not in (None, "")]
    return fit(path, parameters, words=(*wanted.words, *words), values={**wanted.values, **point})
