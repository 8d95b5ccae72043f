"""Two notebooks' evidence, compared thing by thing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from nbpromote.proof import files, folders, outputs, tables, values
from nbpromote.proof.evidence import Evidence, Value
from nbpromote.proof.outputs import Shown
from nbpromote.proof.terms import OTHER_ORDER, Terms
from nbpromote.proof.values import SCHEMA
from nbpromote.proof.verdict import Comparison, Outcome, Repeat, Verdict, Weight, outcome_of

_TELLING = "it shows how Spark works there, which is another on other settings"


@dataclass(frozen=True, slots=True)
class Subjects:
    """What a proof is about.

    Attributes:
        writes: the first notebook's targets -> the datasets that the second one writes instead.
        result_cells: cells of which what they show is a result.
        result_names: names of which the final value is a result.
        cell_names: cell id -> what people call it.
        given: names that are parameters: what a notebook is given is nothing that it computes.
        telling: cells that show how Spark works, which other settings change.
    """

    writes: Mapping[str, str]
    result_cells: Sequence[str]
    result_names: Sequence[str]
    cell_names: Mapping[str, str]
    given: Sequence[str] = ()
    telling: Collection[str] = frozenset()

    def name_of(self, cell: str) -> str:
        """What people call a cell; the promoted notebook has some that the ad-hoc one has not."""
        return self.cell_names.get(cell, "a cell of the promoted notebook")

    @property
    def of_promoted(self) -> "Subjects":
        """The same when both notebooks are the promoted one."""
        return replace(self, writes={name: name for name in self.writes.values()})


def compare(adhoc: Evidence, promoted: Evidence, subjects: Subjects, terms: Terms) -> Verdict:
    """The verdict on a promotion."""
    found = comparisons(adhoc, promoted, subjects, terms)
    return Verdict(outcome_of(found), found, (*adhoc.notes, *promoted.notes), terms.tolerance)


def repeated(first: Evidence, again: Evidence, subjects: Subjects, terms: Terms, settings: tuple[str, ...]) -> Repeat:
    """What other settings have changed. Rows that come in another order have not changed."""
    found = comparisons(first, again, subjects.of_promoted, replace(terms, is_any_order=True))
    found = tuple(
        replace(one, outcome=Outcome.SAME, detail=_TELLING)
        if one.cell in subjects.telling and one.outcome is Outcome.DIFFERS and one.subject.startswith("what ")
        else one
        for one in found
    )
    return Repeat(outcome_of(found), found, settings)


def saved(
    notebook: Mapping[str, tuple[Shown, ...]], fresh: Evidence, subjects: Subjects, terms: Terms
) -> tuple[Comparison, ...]:
    """Where the outputs that lie in the ad-hoc notebook's file are not what a fresh run shows, in its cells' order."""
    found = []
    for cell, name in subjects.cell_names.items():
        if notebook.get(cell) and cell in fresh.shown:
            apart = outputs.difference(notebook[cell], fresh.shown[cell], terms)
            if apart not in {None, OTHER_ORDER}:
                found.append(Comparison(name, Outcome.DIFFERS, str(apart), Weight.STEP, cell))
    return tuple(found)


def comparisons(was: Evidence, now: Evidence, subjects: Subjects, terms: Terms) -> tuple[Comparison, ...]:
    """Everything that both made, in the order of the run."""
    found = [_written(was, now, target, dataset, terms) for target, dataset in subjects.writes.items()]
    found += _shown_and_left(was, now, subjects, terms)
    if not any(one.weight is Weight.RESULT and not one.is_empty for one in found):
        # Nothing concludes the notebook: whatever has content decides. A schema alone is no content.
        given = {f"{name} " for name in subjects.given}
        found = [
            one
            if one.is_empty or one.detail == SCHEMA or one.subject.startswith(tuple(given))
            else replace(one, weight=Weight.RESULT)
            for one in found
        ]
    places = {cell: place for place, cell in enumerate(was.shown)}
    return tuple(sorted(found, key=lambda one: places.get(one.cell, -1 if one.cell else len(places))))


def _shown_and_left(was: Evidence, now: Evidence, subjects: Subjects, terms: Terms) -> list[Comparison]:
    """What cells show, and the values that they leave behind."""
    found = []
    last = {name: cell for cell, name in was.values}
    for (cell, name), value in was.values.items():
        is_result = name in subjects.result_names and last[name] == cell
        other = now.values.get((cell, name))
        if other is None and not is_result:
            continue
        outcome, detail = _value(value, other, terms, is_result=is_result)
        weight = Weight.RESULT if is_result else Weight.STEP
        is_empty = outcome is Outcome.SAME and values.is_empty(value)
        found.append(Comparison(f"{name} after {subjects.name_of(cell)}", outcome, detail, weight, cell, is_empty))
    for cell in {**was.shown, **now.shown}:
        before, after = was.shown.get(cell, ()), now.shown.get(cell, ())
        is_result = cell in subjects.result_cells
        if (before or after) if is_result else (before and after):
            weight = Weight.RESULT if is_result else Weight.STEP
            found.append(_shown(before, after, cell, subjects.name_of(cell), weight, terms))
    return found


def _written(adhoc: Evidence, promoted: Evidence, target: str, dataset: str, terms: Terms) -> Comparison:
    was, now = adhoc.written.get(target), promoted.written.get(dataset)
    if was is None or now is None:
        side = "first" if terms.is_any_order else "ad-hoc"
        side = side if was is None else "second" if terms.is_any_order else "promoted"
        return Comparison(dataset, Outcome.DIFFERS, f"the {side} {_RUN[terms.is_any_order]} did not write it")
    if was.table is not None and now.table is not None:
        apart = tables.difference(was.table, now.table, is_ordered=False, tolerance=terms.tolerance)
        detail = f"{was.table.num_rows:,} rows, {was.table.num_columns} columns"
        outcome = Outcome.DIFFERS if apart else Outcome.SAME
        is_empty = not apart and not was.table.num_rows
        return Comparison(dataset, outcome, apart or detail, cell=was.cell, is_empty=is_empty)
    are_folders = any("/" in name for name in (*was.files, *now.files))
    outcome, told = (folders if are_folders else files).compare(was.files, now.files, terms)
    is_empty = outcome is Outcome.SAME and not any(was.files.values())
    return Comparison(dataset, outcome, told, cell=was.cell, is_empty=is_empty)


_RUN = {False: "notebook", True: "run"}


def _shown(  # noqa: PLR0917
    was: tuple[Shown, ...], now: tuple[Shown, ...], cell: str, name: str, weight: Weight, terms: Terms
) -> Comparison:
    apart = outputs.difference(was, now, terms)
    subject = f"what {name} shows"
    if apart not in {None, OTHER_ORDER}:
        return Comparison(subject, Outcome.DIFFERS, str(apart), weight, cell)
    kinds = {mime.split("/")[0] for bundle in was for mime in bundle}
    has_table = any("<table" in bundle.get("text/html", "") for bundle in was)
    detail = "a picture" if "image" in kinds else "a table" if has_table else "text"
    is_empty = not outputs.has_content(was)
    if is_empty:
        detail = "only what kind of thing it is"
    return Comparison(subject, Outcome.SAME, apart or detail, weight, cell, is_empty)


def _value(was: Value, now: Value | None, terms: Terms, *, is_result: bool) -> tuple[Outcome, str]:
    if now is None:
        return Outcome.DIFFERS, "the promoted notebook has no such value"
    if is_result and "lazy frame" in {was.kind, now.kind} and (was.table is None or now.table is None):
        return Outcome.NOT_COMPARABLE, "a Spark frame with too many rows to compare"
    return values.compare(was, now, terms)
