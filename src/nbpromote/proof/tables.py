"""Two tables, told the same or different in words."""

import math
from collections.abc import Sequence
from typing import Any

import pyarrow
import pyarrow.compute


def difference(left: pyarrow.Table, right: pyarrow.Table, *, is_ordered: bool, tolerance: float) -> str | None:
    """What is different in `right`, or None.

    Args:
        left, right: the tables.
        is_ordered: whether the order of the rows means something.
        tolerance: relative, for floats; NaN equals NaN, and everything else is compared exactly.
    """
    if left.column_names != right.column_names:
        gone = [name for name in left.column_names if name not in right.column_names]
        new = [name for name in right.column_names if name not in left.column_names]
        if not gone and not new:
            return f"its columns are in another order: {', '.join(right.column_names)}"
        lost = f"columns {', '.join(gone)} are missing" if gone else ""
        return "; ".join(one for one in (lost, f"columns {', '.join(new)} are new" if new else "") if one)
    for name in left.column_names:
        was, now = left.schema.field(name).type, right.schema.field(name).type
        if was != now and not _is_same_kind(was, now):
            return f"column {name} is {now} and was {was}"
    if left.num_rows != right.num_rows:
        return f"{right.num_rows:,} rows instead of {left.num_rows:,}"
    if not is_ordered:
        left, right = _sorted(left), _sorted(right)
    for name in left.column_names:
        found = _column_difference(name, left.column(name), right.column(name), tolerance)
        if found is not None:
            return found
    return None


def _is_same_kind(was: pyarrow.DataType, now: pyarrow.DataType) -> bool:
    """Types that hold the same values and differ in the writer's taste only."""
    text = (pyarrow.types.is_string, pyarrow.types.is_large_string, pyarrow.types.is_dictionary)
    if all(any(check(one) for check in text) for one in (was, now)):
        return True
    if pyarrow.types.is_timestamp(was) and pyarrow.types.is_timestamp(now):
        return bool((was.tz is None) == (now.tz is None))
    lists = (pyarrow.types.is_list, pyarrow.types.is_large_list)
    return all(any(check(one) for check in lists) for one in (was, now)) or pyarrow.types.is_nested(was)


def _sorted(table: pyarrow.Table) -> pyarrow.Table:
    """The rows in an order of their own: by the exact columns first, by floats (rounded) last."""
    exact = [name for name in table.column_names if not pyarrow.types.is_floating(table.schema.field(name).type)]
    floating = [name for name in table.column_names if name not in exact]
    keys: dict[str, Any] = {}
    for name in exact:
        column = table.column(name)
        if pyarrow.types.is_nested(column.type) or pyarrow.types.is_dictionary(column.type):
            column = pyarrow.array([None if value is None else repr(value) for value in column.to_pylist()])
        keys[name] = column
    for name in floating:
        values = table.column(name).cast(pyarrow.float64())
        magnitude = pyarrow.compute.round(values, ndigits=6)
        keys[f"rounded {name}"] = magnitude
        keys[name] = values
    if not keys or not table.num_rows:
        return table
    names = [f"key {place}" for place in range(len(keys))]
    order = pyarrow.compute.sort_indices(
        pyarrow.table(list(keys.values()), names=names), sort_keys=[(name, "ascending") for name in names]
    )
    return table.take(order)


def _column_difference(name: str, left: Any, right: Any, tolerance: float) -> str | None:
    if pyarrow.types.is_floating(left.type) or pyarrow.types.is_floating(right.type):
        worst, place = _furthest(left.to_pylist(), right.to_pylist())
        if worst > tolerance:
            was, now = left[place].as_py(), right[place].as_py()
            return f"column {name} is {now!r} where it was {was!r} (furthest apart: {worst:.2g})"
        return None
    left, right = left.combine_chunks(), right.combine_chunks()
    if left.type == right.type and left.equals(right):
        return None
    was_values, now_values = left.to_pylist(), right.to_pylist()
    pairs = enumerate(zip(was_values, now_values, strict=True))
    apart = [place for place, (was, now) in pairs if not _is_near(was, now, tolerance)]
    if not apart:
        return None
    many = "1 row" if len(apart) == 1 else f"{len(apart):,} rows"
    return f"column {name} differs in {many}: {now_values[apart[0]]!r} where it was {was_values[apart[0]]!r}"


def _is_near(was: object, now: object, tolerance: float) -> bool:
    """Whether two values are the same, floats inside of lists and structs within the tolerance."""
    if isinstance(was, float) and isinstance(now, float):
        return distance(was, now) <= tolerance
    if isinstance(was, list | tuple) and isinstance(now, list | tuple):
        return len(was) == len(now) and all(_is_near(a, b, tolerance) for a, b in zip(was, now, strict=True))
    if isinstance(was, dict) and isinstance(now, dict):
        return was.keys() == now.keys() and all(_is_near(was[key], now[key], tolerance) for key in was)
    return bool(was == now)


def _furthest(left: Sequence[float | None], right: Sequence[float | None]) -> tuple[float, int]:
    """The largest relative distance of two columns, and its row. None and NaN are only near to themselves."""
    worst, place = 0.0, 0
    for row, (was, now) in enumerate(zip(left, right, strict=True)):
        apart = distance(was, now)
        if apart > worst:
            worst, place = apart, row
    return worst, place


def distance(was: float | None, now: float | None) -> float:
    """How far two floats are apart, relative to the larger one; infinite when only one of them is a number."""
    if was is None or now is None:
        return 0.0 if was is now else math.inf
    if was == now or (math.isnan(was) and math.isnan(now)):
        return 0.0
    if not (math.isfinite(was) and math.isfinite(now)):
        return math.inf
    return abs(was - now) / max(abs(was), abs(now))
