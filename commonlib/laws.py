"""What holds of a function whatever its data are, tried on variations of the calls that a notebook made of it.

A recorded result tells what a function returned once. These tell more: the same rows in another order, rows that come
twice, a result that is given to the function again.
"""

import inspect
import random
from collections.abc import Callable
from typing import Any

from commonlib import recorded
from commonlib.errors import CommonlibError

TOLERANCE = recorded.TOLERANCE
_FEWEST_ROWS = 3
_ORDERS = 2


class DoesNotApply(CommonlibError, AssertionError):
    """A law says nothing about this call: it has no rows, or too few."""


def keeps_its_arguments(function: Callable[..., Any], call: recorded.Call) -> None:
    """The call leaves every argument as it was given.

    Raises:
        NotTheSame: with the argument that was changed.
    """
    given, before = _bound(function, call), _bound(function, call)
    function(*given.args, **given.kwargs)
    for name, value in before.arguments.items():
        _same(given.arguments[name], value, name)


def treats_each_row_alone(function: Callable[..., Any], call: recorded.Call) -> None:
    """What comes of a row does not hang on the other rows: some rows added at the end change nothing before them.

    The rows are those of the longest arguments: frames, series and arrays of one length.

    Raises:
        DoesNotApply: the call has too few rows.
        NotTheSame: with the place and the two values.
    """
    count = _row_count(function, call)
    some = list(range(count // 2))
    more = _with_rows(function, call, [*range(count), *some])
    _same(more, _joined(_with_rows(function, call, None), _with_rows(function, call, some)))


def takes_rows_in_any_order(function: Callable[..., Any], call: recorded.Call) -> None:
    """The rows of the longest arguments may come in any order: the same comes of them, in any order, too.

    Raises:
        DoesNotApply: the call has too few rows.
        NotTheSame: with the place and the two values.
    """
    count = _row_count(function, call)
    expected = _with_rows(function, call, None)
    orders = [list(reversed(range(count)))]
    for seed in range(_ORDERS - 1):
        orders.append(random.Random(seed).sample(range(count), count))
    for order in orders:
        _same(_in_one_order(_with_rows(function, call, order)), _in_one_order(expected))


def done_twice_is_done_once(function: Callable[..., Any], call: recorded.Call) -> None:
    """Given its own result, the function returns it as it is. The result takes the first argument's place.

    Raises:
        NotTheSame: with the place and the two values.
    """
    given = _bound(function, call)
    once = function(*given.args, **given.kwargs)
    again, first = _bound(function, call), next(iter(given.arguments))
    again.arguments[first] = once
    expected = _bound(function, call)
    _same(function(*again.args, **again.kwargs), function(*expected.args, **expected.kwargs))


def _same(actual: Any, expected: Any, where: str = "") -> None:
    recorded.assert_same(actual, expected, tolerance=TOLERANCE, where=where)


def _bound(function: Callable[..., Any], call: recorded.Call) -> inspect.BoundArguments:
    """The arguments of the call by their names, made anew."""
    return inspect.signature(function).bind(*call.args, **call.kwargs)


def _row_count(function: Callable[..., Any], call: recorded.Call) -> int:
    lengths = [_length(value) for value in _bound(function, call).arguments.values()]
    count = max(lengths, default=0)
    if count < _FEWEST_ROWS:
        raise DoesNotApply(f"{call}: has {max(count, 0)} rows, and {_FEWEST_ROWS} would tell something")
    return count


def _with_rows(function: Callable[..., Any], call: recorded.Call, rows: list[int] | None) -> Any:
    """What comes of the call with these of its rows, in this order; None: with all, as they are."""
    bound, count = _bound(function, call), _row_count(function, call)
    for name, value in bound.arguments.items():
        if rows is not None and _length(value) == count:
            bound.arguments[name] = _taken(value, rows)
    return function(*bound.args, **bound.kwargs)


def _kind(value: Any) -> str:
    kind = type(value)
    known = {"DataFrame", "Series", "ndarray"}
    return f"{kind.__module__.split('.')[0]}.{kind.__name__}" if kind.__name__ in known else ""


def _length(value: Any) -> int:
    """The rows of a frame, a series or an array; -1 for what has none."""
    kind = _kind(value)
    if kind == "pyspark.DataFrame":
        return int(value.count())
    return len(value) if kind and (kind != "numpy.ndarray" or value.ndim) else -1


def _taken(value: Any, rows: list[int]) -> Any:
    kind = _kind(value)
    if kind == "pyspark.DataFrame":
        from commonlib.session import get_spark

        return get_spark().createDataFrame(value.toArrow().take(rows), value.schema)
    return value.iloc[rows] if kind.startswith("pandas.") else value[rows]


def _joined(one: Any, other: Any) -> Any:
    kind = _kind(one)
    if kind == "pyspark.DataFrame":
        return one.unionByName(other)
    if kind == "numpy.ndarray":
        import numpy

        return numpy.concatenate([one, other])
    if kind.startswith("pandas."):
        import pandas

        return pandas.concat([one, other])
    raise DoesNotApply(f"a {type(one).__name__} has no rows")


def _in_one_order(value: Any) -> Any:
    """A frame, series or array with its rows sorted; anything else as it is."""
    kind = _kind(value)
    if kind == "numpy.ndarray":
        return value[sorted(range(len(value)), key=lambda row: str(value[row]))] if value.ndim else value
    if not kind.startswith("pandas."):
        return value
    frame = value.to_frame("value") if kind == "pandas.Series" else value
    # Row numbers are no part of a row: in another order each has another one.
    has_numbers = frame.index.nlevels == 1 and sorted(map(str, frame.index)) == sorted(map(str, range(len(frame))))
    frame = frame.reset_index(drop=has_numbers)
    order = frame.astype(str).sort_values(list(frame.columns)).index
    return frame.loc[order].reset_index(drop=True)
