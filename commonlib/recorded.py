"""Calls of functions as a notebook made them, kept as JSON, to test that the functions still return the same.

A file holds `{"calls": [{"args": [...], "kwargs": {...}, "result": ...}]}`. Plain JSON values stand for themselves; a
list, tuple, dict, array, series, frame, Spark frame, date, timestamp or decimal is an object that says what it is, with
frames as Parquet in base64.
"""

import base64
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from commonlib.errors import CommonlibError

TOLERANCE = 1e-6


class NotTheSame(CommonlibError, AssertionError):
    """A function returned something else than it did."""

    def __init__(self, where: str, what: str) -> None:
        self.where, self.what = where, what
        super().__init__(f"{where}: {what}" if where else what)


@dataclass(frozen=True, slots=True)
class Call:
    """One recorded call. The values are made anew each time, so that a call may change its arguments."""

    number: int
    recorded: Mapping[str, Any]

    @property
    def args(self) -> list[Any]:
        return [_value(one) for one in self.recorded["args"]]

    @property
    def kwargs(self) -> dict[str, Any]:
        return {name: _value(one) for name, one in self.recorded["kwargs"].items()}

    @property
    def result(self) -> Any:
        return _value(self.recorded["result"])

    def __str__(self) -> str:
        return f"call-{self.number}"


def calls(path: Path) -> list[Call]:
    """The calls in this file, in the order in which the notebook made them."""
    found = json.loads(path.read_text(encoding="utf-8"))["calls"]
    return [Call(number, one) for number, one in enumerate(found, 1)]


def assert_same(actual: Any, expected: Any, *, tolerance: float = TOLERANCE, where: str = "") -> None:
    """Compare what a function returned with what it returned in the notebook.

    Floats may differ by `tolerance`, relative; NaN equals NaN; everything else is compared exactly, types included. The
    rows of Spark frames are compared in no order.

    Raises:
        NotTheSame: with the place and the two values.
    """
    kind = type(expected).__name__
    if _is_spark(expected) and _is_spark(actual):
        columns = sorted(expected.columns)
        if sorted(actual.columns) != columns:
            raise NotTheSame(where, f"columns {actual.columns}, not {expected.columns}")
        frames = [_in_order(one.select(*columns).toPandas()) for one in (actual, expected)]
        assert_same(*frames, tolerance=tolerance, where=where)
    elif type(actual).__name__ != kind:
        raise NotTheSame(where, f"a {type(actual).__name__}, not a {kind}")
    elif kind == "ndarray":
        _arrays(actual, expected, tolerance, where)
    elif kind in {"DataFrame", "Series"}:
        _pandas(actual, expected, tolerance, where)
    elif isinstance(expected, list | tuple):
        if len(actual) != len(expected):
            raise NotTheSame(where, f"{len(actual)} elements, not {len(expected)}")
        for place, (one, other) in enumerate(zip(actual, expected, strict=True)):
            assert_same(one, other, tolerance=tolerance, where=f"{where}[{place}]")
    elif isinstance(expected, dict):
        if list(actual) != list(expected):
            raise NotTheSame(where, f"keys {list(actual)}, not {list(expected)}")
        for key in expected:
            assert_same(actual[key], expected[key], tolerance=tolerance, where=f"{where}[{key!r}]")
    elif not _is_near(actual, expected, tolerance):
        raise NotTheSame(where, f"{actual!r}, not {expected!r}")


def _is_near(actual: Any, expected: Any, tolerance: float) -> bool:
    if type(expected).__name__ not in {"float", "float64", "float32"}:
        return bool(actual == expected)
    if math.isnan(actual) or math.isnan(expected):
        return math.isnan(actual) and math.isnan(expected)
    return math.isclose(actual, expected, rel_tol=tolerance)


def _arrays(actual: Any, expected: Any, tolerance: float, where: str) -> None:
    import numpy

    if actual.dtype != expected.dtype or actual.shape != expected.shape:
        raise NotTheSame(where, f"{actual.dtype}{actual.shape}, not {expected.dtype}{expected.shape}")
    try:
        if expected.dtype.kind in "fc":
            numpy.testing.assert_allclose(actual, expected, rtol=tolerance, atol=0)
        else:
            numpy.testing.assert_array_equal(actual, expected)
    except AssertionError as error:
        raise NotTheSame(where, str(error).strip()) from None


def _pandas(actual: Any, expected: Any, tolerance: float, where: str) -> None:
    import pandas

    same = pandas.testing.assert_frame_equal if expected.ndim == 2 else pandas.testing.assert_series_equal
    try:
        same(actual, expected, rtol=tolerance, atol=0, check_freq=False)
    except AssertionError as error:
        raise NotTheSame(where, str(error).strip()) from None


def _in_order(frame: Any) -> Any:
    keys = frame.astype(str)
    return frame.loc[keys.sort_values(list(keys.columns)).index].reset_index(drop=True)


def _is_spark(value: Any) -> bool:
    return type(value).__module__.startswith("pyspark.sql") and type(value).__name__ == "DataFrame"


def _value(found: Any) -> Any:  # noqa: PLR0911
    if not isinstance(found, dict):
        return found
    kind = next(iter(found))
    held = found[kind]
    if kind in {"list", "tuple"}:
        values = [_value(one) for one in held]
        return values if kind == "list" else tuple(values)
    if kind == "dict":
        return {_value(key): _value(one) for key, one in held}
    if kind in {"array", "numpy"}:
        import numpy

        array = numpy.array(held, dtype=found["dtype"])
        return array.reshape(found["shape"]) if kind == "array" else array[()]
    if kind in {"series", "frame"}:
        frame = _parquet(held).to_pandas()
        return frame if kind == "frame" else frame["values"].rename(_value(found["name"]))
    if kind == "spark":
        return _spark_frame(held, found["schema"])
    if kind == "session":
        from commonlib.session import get_spark

        return get_spark()
    if kind == "timestamp":
        import pandas

        return pandas.Timestamp(held)
    plain = {"date": date.fromisoformat, "datetime": datetime.fromisoformat, "decimal": Decimal}
    made: Any = plain[kind]
    return made(held)


def _parquet(text: str) -> Any:
    import pyarrow.parquet

    return pyarrow.parquet.read_table(io.BytesIO(base64.b64decode(text)))


def _spark_frame(text: str, schema: Mapping[str, Any]) -> Any:
    from pyspark.sql.types import StructType

    from commonlib.session import get_spark

    spark = get_spark()
    return spark.createDataFrame(_parquet(text), StructType.fromJson(dict(schema)))
