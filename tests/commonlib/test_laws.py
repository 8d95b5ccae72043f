"""Laws of functions: each holds of a function that keeps it, and fails for one that nearly does."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from commonlib import laws, recorded
from nbpromote.proof.observer.calls import plain

FRAME = pd.DataFrame({"who": ["b", "a", "b", None, "c"], "x": [2.0, 1.0, None, 4.0, 3.0]}, index=[7, 3, 5, 1, 9])
XS = np.array([3.0, 1.0, 2.0, 5.0])


def of(*args: Any) -> recorded.Call:
    """A call with these arguments, as it is kept."""
    return recorded.Call(
        1, json.loads(json.dumps({"args": [plain(one) for one in args], "kwargs": {}, "result": None}))
    )


def noted(frame: pd.DataFrame) -> pd.DataFrame:
    frame["new"] = 1
    return frame


def without_nulls(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["x"].notna()].assign(y=lambda one: one["x"] * 2)


def shares(frame: pd.DataFrame) -> pd.Series:
    return frame["x"] / frame["x"].sum()


def by_name(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.groupby("who", as_index=False)["x"].sum()


def firsts(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.groupby("who")["x"].first().reset_index()


@pytest.mark.parametrize(
    ("law", "kept", "broken", "given"),
    [
        (laws.keeps_its_arguments, without_nulls, noted, [FRAME]),
        (laws.keeps_its_arguments, sorted, lambda xs: xs.pop(), [[3, 1, 2]]),
        (laws.treats_each_row_alone, without_nulls, shares, [FRAME]),
        (laws.treats_each_row_alone, without_nulls, by_name, [FRAME]),
        (laws.treats_each_row_alone, without_nulls, lambda frame: frame.drop_duplicates(), [FRAME]),
        (laws.treats_each_row_alone, lambda p, x: p[0] * x, lambda p, x: p[0] * x / x.max() / len(x), [XS[:2], XS]),
        (laws.treats_each_row_alone, lambda x: x**2, np.cumsum, [XS]),
        (laws.takes_rows_in_any_order, shares, lambda frame: frame["x"].cumsum(), [FRAME]),
        (laws.takes_rows_in_any_order, by_name, firsts, [pd.concat([FRAME, FRAME.assign(x=FRAME.x + 1)])]),
        (laws.takes_rows_in_any_order, lambda frame: frame["x"].max(), lambda frame: frame["x"].iloc[0], [FRAME]),
        (laws.takes_rows_in_any_order, np.mean, lambda x: x[-1], [XS]),
        (laws.done_twice_is_done_once, str.strip, lambda text: text[1:], ["  a b "]),
        (laws.done_twice_is_done_once, by_name, lambda frame: frame.assign(x=frame["x"] + 1), [FRAME]),
    ],
)
def test_a_law_holds_where_it_is_kept_and_fails_where_it_is_not(
    law: Callable[..., None], kept: Callable[..., Any], broken: Callable[..., Any], given: list[Any]
) -> None:
    law(kept, of(*given))
    with pytest.raises(AssertionError):
        law(broken, of(*given))


def test_a_call_without_rows_tells_nothing() -> None:
    for law in (laws.treats_each_row_alone, laws.takes_rows_in_any_order):
        for given in (2.0, FRAME.head(2), np.float64(3.0)):
            with pytest.raises(laws.DoesNotApply):
                law(lambda x: x, of(given))


def test_calls_of_spark_are_varied_too(spark: Any) -> None:
    frame = spark.createDataFrame([("a", 1), ("b", 2), ("a", 3), ("c", 4)], "who string, x int")
    call = of(frame)
    laws.treats_each_row_alone(lambda one: one.where("x > 1"), call)
    laws.takes_rows_in_any_order(lambda one: one.groupBy("who").max("x"), call)
    with pytest.raises(recorded.NotTheSame):
        laws.treats_each_row_alone(lambda one: one.groupBy("who").max("x"), call)
    with pytest.raises(recorded.NotTheSame):
        laws.takes_rows_in_any_order(lambda one: one.limit(2), call)


def test_the_calls_of_the_sample_keep_the_laws_that_they_suggest() -> None:
    from commonlib import customer_value

    calls = Path(__file__).parent / "recorded/customer_value"
    for call in recorded.calls(calls / "p_alive.json"):
        laws.treats_each_row_alone(customer_value.p_alive, call)
