"""Two notebooks' evidence, compared thing by thing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from nbpromote.proof import files, outputs, tables
from nbpromote.proof.evidence import Evidence, Value
from nbpromote.proof.verdict import Comparison, Outcome, Verdict, Weight, conclude

TOLERANCE = 1e-9
_SCHEMA = "the same schema"
_INCOMPARABLE = frozenset({"code", "opaque", "unknown"})


def compare(
    adhoc: Evidence,
    promoted: Evidence,
    *,
    writes: Mapping[str, str],
    result_cells: Sequence[str],
    result_names: Sequence[str],
    cell_names: Mapping[str, str],
    tolerance: float = TOLERANCE,
    today: date | None = None,
) -> Verdict:
    """The verdict on a promotion.

    Args:
        adhoc, promoted: what was seen of the two runs.
        writes: the ad-hoc notebook's targets -> the datasets that the promoted one writes instead.
        result_cells: cells of which what they show is a result.
        result_names: names of which the final value is a result.
        cell_names: cell id -> what people call it.
        tolerance: relative, for floats.
        today: when the notebooks ran: what they show may tell that time.
    """
    found = [_written(adhoc, promoted, target, dataset, tolerance) for target, dataset in writes.items()]
    found += [
        _shown(adhoc, promoted, cell, cell_names[cell], Weight.RESULT, tolerance, today)
        for cell in result_cells
        if adhoc.shown.get(cell) or promoted.shown.get(cell)
    ]
    last = {name: cell for cell, name in adhoc.values}
    for (cell, name), value in adhoc.values.items():
        is_result = name in result_names and last[name] == cell
        now = promoted.values.get((cell, name))
        if now is None and not is_result:
            continue
        comparison = _value(f"{name} after {cell_names[cell]}", value, now, tolerance, is_result=is_result)
        weight = Weight.RESULT if is_result else Weight.STEP
        found.append(Comparison(comparison.subject, comparison.outcome, comparison.detail, weight))
    found += [
        _shown(adhoc, promoted, cell, cell_names[cell], Weight.STEP, tolerance, today)
        for cell in adhoc.shown
        if cell not in result_cells and adhoc.shown[cell] and promoted.shown.get(cell)
    ]
    if not any(one.weight is Weight.RESULT for one in found):
        # Nothing concludes the notebook: whatever has content decides. A schema alone is no content.
        found = [one if one.detail == _SCHEMA else replace(one, weight=Weight.RESULT) for one in found]
    return conclude(tuple(found), (*adhoc.notes, *promoted.notes), tolerance)


def _written(adhoc: Evidence, promoted: Evidence, target: str, dataset: str, tolerance: float) -> Comparison:
    was, now = adhoc.written.get(target), promoted.written.get(dataset)
    if was is None or now is None:
        side = "ad-hoc" if was is None else "promoted"
        return Comparison(dataset, Outcome.DIFFERS, f"the {side} notebook did not write it")
    if was.table is not None and now.table is not None:
        apart = tables.difference(was.table, now.table, is_ordered=False, tolerance=tolerance)
        detail = f"{was.table.num_rows:,} rows, {was.table.num_columns} columns"
        return Comparison(dataset, Outcome.DIFFERS if apart else Outcome.SAME, apart or detail)
    outcome, told = files.compare(was.files, now.files, tolerance)
    return Comparison(dataset, outcome, told)


def _shown(  # noqa: PLR0917
    adhoc: Evidence,
    promoted: Evidence,
    cell: str,
    cell_name: str,
    weight: Weight,
    tolerance: float,
    today: date | None,
) -> Comparison:
    apart = outputs.difference(adhoc.shown.get(cell, ()), promoted.shown.get(cell, ()), tolerance, today=today)
    subject = f"what {cell_name} shows"
    if apart is None:
        kinds = {mime.split("/")[0] for bundle in adhoc.shown.get(cell, ()) for mime in bundle}
        detail = "a picture" if "image" in kinds else "a table" if _has_table(adhoc, cell) else "text"
        return Comparison(subject, Outcome.SAME, detail, weight)
    return Comparison(subject, Outcome.DIFFERS, apart, weight)


def _has_table(evidence: Evidence, cell: str) -> bool:
    return any("<table" in bundle.get("text/html", "") for bundle in evidence.shown.get(cell, ()))


def _value(subject: str, was: Value, now: Value | None, tolerance: float, *, is_result: bool) -> Comparison:
    if now is None:
        return Comparison(subject, Outcome.DIFFERS, "the promoted notebook has no such value")
    if is_result and "lazy frame" in {was.kind, now.kind} and (was.table is None or now.table is None):
        return Comparison(subject, Outcome.NOT_COMPARABLE, "a Spark frame with too many rows to compare")
    outcome, detail = compare_values(was, now, tolerance)
    return Comparison(subject, outcome, detail)


def compare_values(was: Value, now: Value, tolerance: float) -> tuple[Outcome, str]:
    """How two values come out against each other, and what to say of it."""
    if was.kind in _INCOMPARABLE or now.kind in _INCOMPARABLE:
        if was.text and was.text == now.text and was.type == now.type:
            return Outcome.SAME, "its content is the same, byte for byte"
        return Outcome.NOT_COMPARABLE, f"a {was.type} has no content to compare"
    if was.kind == now.kind and was.type == now.type and was.kind in {"container", "model"}:
        return _compare_parts(was, now, tolerance)
    apart = _difference(was, now, tolerance)
    return (Outcome.DIFFERS, apart) if apart else (Outcome.SAME, _described(was))


def _compare_parts(was: Value, now: Value, tolerance: float) -> tuple[Outcome, str]:
    """Containers and models, part by part; those that are the same without a doubt count, the others are named."""
    if was.text and was.text == now.text:
        return Outcome.SAME, "its content is the same, byte for byte"
    if [key for key, _ in was.items] != [key for key, _ in now.items]:
        return Outcome.DIFFERS, "has other parts"
    unknown = []
    for (key, before), (_, after) in zip(was.items, now.items, strict=True):
        outcome, detail = compare_values(before, after, tolerance)
        if outcome is Outcome.DIFFERS:
            return Outcome.DIFFERS, f"{key}: {detail}"
        if outcome is Outcome.NOT_COMPARABLE or detail == _SCHEMA:
            unknown.append(key)
    if len(unknown) == len(was.items) and (unknown or was.kind == "model"):
        return Outcome.NOT_COMPARABLE, f"a {was.type} of which no part has content to compare"
    return Outcome.SAME, _described(was) + (f"; not comparable: {', '.join(unknown[:5])}" if unknown else "")


def _difference(was: Value, now: Value, tolerance: float) -> str | None:  # noqa: PLR0911
    """What is different in a value that has no parts, or None."""
    if was.kind != now.kind or was.type != now.type:
        return f"is a {now.type} and was a {was.type}"
    if was.kind == "frame":
        if was.columns != now.columns:
            return f"has columns {', '.join(now.columns)} and had {', '.join(was.columns)}"
        if was.dtypes != now.dtypes:
            names = [name for name, a, b in zip(was.columns, was.dtypes, now.dtypes, strict=True) if a != b]
            return f"column {names[0]} has another type"
    if was.table is not None and now.table is not None:
        is_ordered = was.kind != "lazy frame"
        apart = tables.difference(was.table, now.table, is_ordered=is_ordered, tolerance=tolerance)
        return re.sub(r"\bcolumn \d+:", "column ", apart) if apart else None
    if was.text == now.text:
        return None
    if ("float" in was.type or "complex" in was.type) and _is_near(was.text, now.text, tolerance):
        return None
    return f"is {now.text[:80]} and was {was.text[:80]}"


def _is_near(was: str, now: str, tolerance: float) -> bool:
    try:
        a, b = complex(was), complex(now)
    except ValueError:
        return False
    return max(tables.distance(a.real, b.real), tables.distance(a.imag, b.imag)) <= tolerance


def _described(value: Value) -> str:
    if value.table is not None and value.kind == "frame":
        return f"{value.table.num_rows:,} rows, {len(value.columns)} columns"
    if value.table is not None:
        return f"{value.table.num_rows:,} {'rows' if value.kind == 'lazy frame' else 'numbers'}"
    if value.kind == "lazy frame":
        return _SCHEMA
    return value.text[:60] or f"{len(value.items)} parts"
