"""Two variants of a notebook, cell against cell: which are the same, and what those that differ compute."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nbpromote.analysis.facts import Facts
from nbpromote.analysis.results import find_results
from nbpromote.notebook.model import Cell
from nbpromote.promotion.aligning import ALIKE, align, likeness
from nbpromote.proof import files, outputs, tables, values
from nbpromote.proof.evidence import Evidence, Written
from nbpromote.proof.terms import Terms
from nbpromote.proof.verdict import Comparison, Outcome

_SHOWS = "what it shows"


@dataclass(frozen=True, slots=True)
class Variant:
    """A notebook, and what was seen of it when it ran: None when it did not. `errors` are those of its cells, and
    `seconds` how long each took; `stopped` says why the run ended before the last cell."""

    facts: Facts
    evidence: Evidence | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    whole_seconds: float | None = None
    peak_memory: int | None = None
    stopped: str | None = None

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells of code in running order, without empty ones."""
        found = (self.facts.notebook.cell(cell_id) for cell_id in self.facts.flow.order)
        return tuple(cell for cell in found if cell.source.strip())


@dataclass(frozen=True, slots=True)
class Pair:
    """A cell of each that belong together, or a cell that only one has. `values` are what both computed there."""

    a: Cell | None
    b: Cell | None
    values: tuple[Comparison, ...] = ()

    @property
    def is_same_code(self) -> bool:
        return self.a is not None and self.b is not None and self.a.source.strip() == self.b.source.strip()

    @property
    def parts(self) -> tuple[Comparison, ...]:
        """What the two compute differently here."""
        return tuple(one for one in self.values if one.outcome is Outcome.DIFFERS)


@dataclass(frozen=True, slots=True)
class Compared:
    """Both variants, their cells side by side, and their results."""

    a: Variant
    b: Variant
    pairs: tuple[Pair, ...]
    results: tuple[Comparison, ...] = ()

    @property
    def first_parting(self) -> Pair | None:
        """The first pair at which the two compute different things; if there is none, the first that shows some."""
        parting = [pair for pair in self.pairs if pair.parts]
        deep = (pair for pair in parting if any(one.subject != _SHOWS for one in pair.parts))
        return next(deep, parting[0] if parting else None)


def compare_variants(a: Variant, b: Variant, terms: Terms = Terms()) -> Compared:  # noqa: B008  it is frozen
    """The two variants side by side; in values only where both ran."""
    pairs = tuple(
        Pair(one, other, _values(a, b, one, other, terms) if one and other else ()) for one, other in _aligned(a, b)
    )
    return Compared(a, b, pairs, (*_written(a, b, terms), *_shown_results(a, b, pairs)))


def _aligned(a: Variant, b: Variant) -> list[tuple[Cell | None, Cell | None]]:
    ours, theirs = a.cells, b.cells
    texts = [one.source.strip() for one in ours], [one.source.strip() for one in theirs]
    binds = [a.facts.of(one.id).binds for one in ours], [b.facts.of(one.id).binds for one in theirs]

    def score(i: int, j: int) -> float:
        ours, theirs = binds[0][i], binds[1][j]
        is_named = ours and theirs and (ours <= theirs or theirs <= ours)  # one binds all that the other does
        found = max(likeness(texts[0][i], texts[1][j]), ALIKE if is_named else 0.0)
        return found if found >= ALIKE else 0.0

    pairs = align(*texts, score)
    found = [(None if i is None else ours[i], None if j is None else theirs[j]) for i, j in pairs]
    return _with_moved(found)


def _with_moved(pairs: list[tuple[Cell | None, Cell | None]]) -> list[tuple[Cell | None, Cell | None]]:
    """Cells that both have word for word, in another order, brought together where the first variant has them."""
    alone = {other.source.strip(): other for one, other in pairs if one is None and other is not None}
    taken: set[str] = set()
    found: list[tuple[Cell | None, Cell | None]] = []
    for one, other in pairs:
        if one is not None and other is None and (moved := alone.pop(one.source.strip(), None)) is not None:
            taken.add(moved.id)
            found.append((one, moved))
        else:
            found.append((one, other))
    return [(one, other) for one, other in found if one is not None or other is None or other.id not in taken]


def _values(a: Variant, b: Variant, one: Cell, other: Cell, terms: Terms) -> tuple[Comparison, ...]:
    if a.evidence is None or b.evidence is None:
        return ()
    was = {name: value for (cell, name), value in a.evidence.values.items() if cell == one.id}
    now = {name: value for (cell, name), value in b.evidence.values.items() if cell == other.id}
    names = [(name, name) for name in was if name in now]
    left = [name for name in was if name not in now], [name for name in now if name not in was]
    if len(left[0]) == len(left[1]) == 1:
        names.append((left[0][0], left[1][0]))  # called something else
    found = []
    for name, theirs in names:
        outcome, detail = values.compare(was[name], now[theirs], terms)
        found.append(Comparison(name if name == theirs else f"{name} / {theirs}", outcome, detail))
    shown = a.evidence.shown.get(one.id, ()), b.evidence.shown.get(other.id, ())
    if any(shown):
        apart = outputs.difference(*shown, terms)
        found.append(Comparison(_SHOWS, Outcome.DIFFERS if apart else Outcome.SAME, apart or "the same"))
    return tuple(found)


def _written(a: Variant, b: Variant, terms: Terms) -> list[Comparison]:
    """What is written to the same place; and, when each writes one thing more, these against each other."""
    if a.evidence is None or b.evidence is None:
        return []
    was, now = dict(a.evidence.written), dict(b.evidence.written)
    found = [_file(name, was.pop(name), now.pop(name), terms) for name in list(was) if name in now]
    if len(was) == len(now) == 1:
        (one, before), (other, after) = *was.items(), *now.items()
        return [*found, _file(f"{one} / {other}", before, after, terms)]
    only = [Comparison(name, Outcome.NOT_COMPARABLE, "only A writes it") for name in was]
    return [*found, *only, *(Comparison(name, Outcome.NOT_COMPARABLE, "only B writes it") for name in now)]


def _file(name: str, was: Written, now: Written, terms: Terms) -> Comparison:
    if was.table is not None and now.table is not None:
        apart = tables.difference(was.table, now.table, is_ordered=False, tolerance=terms.tolerance)
        same = f"{was.table.num_rows:,} rows, {was.table.num_columns} columns"
        return Comparison(name, Outcome.DIFFERS if apart else Outcome.SAME, apart or same)
    return Comparison(name, *files.compare(was.files, now.files, terms))


def _shown_results(a: Variant, b: Variant, pairs: tuple[Pair, ...]) -> list[Comparison]:
    """The tables and plots that conclude the work of either."""
    results = [{one.cell_id for one in find_results(side.facts) if one.kind != "write"} for side in (a, b)]
    found = []
    for pair in pairs:
        is_result = (pair.a and pair.a.id in results[0]) or (pair.b and pair.b.id in results[1])
        shown = [one for one in pair.values if one.subject == _SHOWS]
        if is_result and shown and pair.a and pair.b:
            subject = f"what cell {pair.a.number} / cell {pair.b.number} shows"
            found.append(Comparison(subject, shown[0].outcome, shown[0].detail))
    return found
