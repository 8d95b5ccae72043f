"""Values go from a notebook's kernel to the proof whole: what is the same is found the same, what differs differs."""

import collections
import dataclasses
import datetime
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import sparse

from nbpromote.effects.promoting.observed import as_in_the_lake, value_of
from nbpromote.proof.observer.values import Describer
from nbpromote.proof.terms import Terms
from nbpromote.proof.values import compare
from nbpromote.proof.verdict import Outcome


def compared(was: Any, now: Any, folder: Path) -> tuple[Outcome, str]:
    values = []
    for name, value in (("was", was), ("now", now)):
        (folder / name).mkdir()
        described = Describer(str(folder / name)).describe(value, "value")
        values.append(value_of(folder / name, json.loads(json.dumps(described))))
    return compare(values[0], values[1], Terms())


@dataclasses.dataclass
class Scored:
    mean: float


class Thing:
    def __init__(self, size: int, weights: list[float]) -> None:
        self.size, self.weights = size, weights


class Slotted:
    __slots__ = ("size",)

    def __init__(self, size: int) -> None:
        self.size = size


class Bag(dict[str, int]):
    pass


def knot(size: int) -> Thing:
    made = Thing(size, [])
    made.whole = made  # type: ignore[attr-defined]
    return made


class Model:
    """As scikit-learn's are: told by `get_params`, fitted into attributes."""

    def __init__(self, *layers: float) -> None:
        self.coefs_ = [np.array([layer]) for layer in layers]

    def get_params(self) -> dict[str, object]:
        return {}


def frame(*values: object, **options: Any) -> pd.DataFrame:
    return pd.DataFrame({"a": list(values)}, **options)


def months(start: str) -> pd.PeriodIndex:
    return pd.period_range(start, periods=2, freq="M")


# One value, and one that is like it but for one thing.
APART: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "integers of any size": (lambda: 10**30, lambda: 10**30 + 1),
    "complex numbers": (lambda: 1 + 2j, lambda: 1 + 3j),
    "very small floats": (lambda: 1e-20, lambda: 5e-20),
    "bytes": (lambda: b"abc", lambda: b"abd"),
    "times": (lambda: datetime.datetime(2020, 1, 1), lambda: datetime.datetime(2020, 1, 2)),
    "long lists": (lambda: list(range(1000)), lambda: [*range(999), 5]),
    "named tuples and dicts": (lambda: collections.Counter("abc"), lambda: collections.Counter("abb")),
    "data classes": (lambda: Scored(1.0), lambda: Scored(2.0)),
    "namespaces": (lambda: SimpleNamespace(a=1), lambda: SimpleNamespace(a=2)),
    "what lies in nested containers": (lambda: {"a": [{"b": (1, 2)}]}, lambda: {"a": [{"b": (1, 3)}]}),
    "models whose numbers lie in lists": (lambda: Model(1, 2), lambda: Model(1, 3)),
    "columns of one name": (
        lambda: pd.DataFrame([[1, 2]], columns=["a", "a"]),
        lambda: pd.DataFrame([[1, 3]], columns=["a", "a"]),
    ),
    "columns of mixed types": (lambda: frame(1, "2"), lambda: frame("1", 2)),
    "columns of objects": (lambda: frame({"k": 1}, None), lambda: frame({"k": 2}, None)),
    "columns of huge integers": (lambda: frame(10**30), lambda: frame(10**30 + 1)),
    "columns of periods": (lambda: frame(*months("2020")), lambda: frame(*months("2021"))),
    "intervals": (lambda: frame(*pd.cut([1, 2, 3], 2)), lambda: frame(*pd.cut([1, 2, 4], 2))),
    "the order of categories": (
        lambda: frame("x", "y").astype(pd.CategoricalDtype(["x", "y"])),
        lambda: frame("x", "y").astype(pd.CategoricalDtype(["y", "x"])),
    ),
    "an index": (lambda: frame(1, 2, index=[0, 1]), lambda: frame(1, 2, index=[0, 5])),
    "an index of periods": (lambda: frame(1, 2, index=months("2020")), lambda: frame(1, 2, index=months("2021"))),
    "the name of an index": (lambda: frame(1), lambda: frame(1).rename_axis("q")),
    "time zones": (
        lambda: frame(1, 2, index=pd.date_range("2020", periods=2, tz="Europe/Zurich")),
        lambda: frame(1, 2, index=pd.date_range("2020", periods=2, tz="Asia/Tokyo")),
    ),
    "a long index": (lambda: pd.Index(["a"] * 999), lambda: pd.Index(["a"] * 500 + ["b"] + ["a"] * 498)),
    "missing values": (lambda: pd.Series([1, None], dtype="Int64"), lambda: pd.Series([1, 2], dtype="Int64")),
    "structured arrays": (
        lambda: np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
        lambda: np.array([(1, 3.0)], dtype=[("a", "i4"), ("b", "f8")]),
    ),
    "arrays of objects": (lambda: np.array([{"a": 1}, None]), lambda: np.array([{"a": 2}, None])),
    "arrays of days": (lambda: np.array([1], "m8[D]"), lambda: np.array([2], "m8[D]")),
    "masks": (lambda: np.ma.array([1, 2], mask=[False, True]), lambda: np.ma.array([1, 2], mask=[True, True])),
    "sparse matrices": (lambda: sparse.csr_matrix([[0, 1]]), lambda: sparse.csr_matrix([[0, 2]])),
    "groups": (lambda: frame(1, 2).groupby("a"), lambda: frame(1, 3).groupby("a")),
    "many frames": (lambda: {i: frame(i) for i in range(300)}, lambda: {i: frame(max(i, 1)) for i in range(300)}),
    "objects": (lambda: Thing(1, [2.0]), lambda: Thing(1, [3.0])),
    "objects with slots": (lambda: Slotted(1), lambda: Slotted(2)),
    "objects in columns": (lambda: frame(Thing(1, [2.0])), lambda: frame(Thing(1, [3.0]))),
    "objects that hold themselves": (lambda: knot(1), lambda: knot(2)),
    "subclasses of containers": (lambda: Bag({"a": 1}), lambda: Bag({"a": 2})),
    "generators of random numbers": (lambda: np.random.default_rng(1), lambda: np.random.default_rng(2)),
    "what functions are bound to": (lambda: partial(pow, 2), lambda: partial(pow, 3)),
    "long arrays in columns": (
        lambda: frame(np.arange(5000.0), "x"),
        lambda: frame(np.append(np.arange(4000.0), np.zeros(1000)), "x"),
    ),
    "types of arrays": (lambda: np.arange(3, dtype="i4"), lambda: np.arange(3, dtype="i8")),
}


@pytest.mark.parametrize("name", APART)
def test_a_difference_is_found_in(name: str, tmp_path: Path) -> None:
    one, other = APART[name]
    assert compared(one(), other(), tmp_path)[0] is Outcome.DIFFERS


SAME: dict[str, Callable[[], Any]] = {name: one for name, (one, _) in APART.items()} | {
    "an empty frame": pd.DataFrame,
    "columns that are no text": lambda: pd.DataFrame({1: [1], ("a", 2): [2]}),
    "columns of two levels": lambda: pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])),
    "a sparse column": lambda: frame(*[0, 1]).astype(pd.SparseDtype(int)),
    "two time zones in one column": lambda: frame(
        pd.Timestamp("2020", tz="UTC"), pd.Timestamp("2020", tz="Asia/Tokyo")
    ),
    "not a number in a list in a column": lambda: frame([1.0, float("nan")]),
    "half a character": lambda: "\ud800",
    "nothing": lambda: None,
    "not a number": lambda: np.float32("nan"),
    "an object that nothing is known of": lambda: sparse.csr_matrix([[0, 1]]),
}


@pytest.mark.parametrize("name", SAME)
def test_two_of_the_same_are_the_same(name: str, tmp_path: Path) -> None:
    assert compared(SAME[name](), SAME[name](), tmp_path)[0] is Outcome.SAME


@pytest.mark.parametrize(
    "noisy",
    [
        lambda x: x,
        np.float64,
        lambda x: [x] * 300,
        lambda x: complex(x, 1),
        lambda x: np.array([x + 1j]),
        lambda x: frame([x]),
        lambda x: {"a": {"b": x}},
        Model,
    ],
    ids=["float", "numpy's", "long list", "complex", "complex array", "list in a column", "nested", "model"],
)
def test_noise_in_floats_is_no_difference(noisy: Callable[[float], Any], tmp_path: Path) -> None:
    assert compared(noisy(0.1), noisy(0.1 * (1 + 1e-12)), tmp_path)[0] is Outcome.SAME


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (lambda: [lambda: 1], lambda: [lambda: 2]),
        (lambda: (i for i in "ab"), lambda: (i for i in "ac")),
    ],
    ids=["functions", "generator"],
)
def test_what_cannot_be_looked_into_is_never_called_the_same_when_it_is_not(
    was: Callable[[], Any], now: Callable[[], Any], tmp_path: Path
) -> None:
    assert compared(was(), now(), tmp_path)[0] is Outcome.NOT_COMPARABLE


def test_what_has_no_content_among_parts_that_have_is_named(tmp_path: Path) -> None:
    outcome, told = compared({"score": 0.5, "f": lambda: 1}, {"score": 0.5, "f": lambda: 1}, tmp_path)
    assert outcome is Outcome.SAME
    assert told.endswith("not comparable: f")


@pytest.mark.parametrize(
    ("index", "columns"),
    [
        (None, ["a"]),
        (pd.Index([4, 7]), ["a"]),
        (pd.Index([4, 7], name="id"), ["id", "a"]),
        (pd.Index(["mean", "std"]), ["a", "__index_level_0__"]),
    ],
    ids=["row numbers", "row numbers after a filter", "named", "data without a name"],
)
def test_an_index_that_pandas_wrote_is_where_the_lake_has_it(index: "pd.Index[Any]", columns: list[str]) -> None:
    table = pa.Table.from_pandas(pd.DataFrame({"a": [1, 2]}, index=index))
    assert as_in_the_lake(table).column_names == columns
