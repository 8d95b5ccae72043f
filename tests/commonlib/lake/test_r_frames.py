"""Frames of R: nothing changes on the way to R and back but what R has no class for, and that is refused."""

import struct
from decimal import Decimal

import pyarrow as pa
import pytest

from commonlib.lake.errors import LakeError
from commonlib.lake.r_frames import from_table, to_table


def test_what_goes_to_r_comes_back_as_it_was() -> None:
    table = pa.table(
        {
            "ok": pa.array([True, None, False]),
            "n": pa.array([2**31 - 1, None, -(2**31) + 1], pa.int32()),
            "x": pa.array([0.1, None, float("inf")]),
            "text": pa.array(["NA", None, "\u00e9"]),
            "day": pa.array([-25_000, None, 20_000], pa.date32()),
            "at": pa.array([-1, None, 1_767_225_600_123_457], pa.timestamp("us", "UTC")),
        }
    )
    assert to_table(from_table(table)).equals(table)
    assert to_table(from_table(table[:0])).equals(table[:0])


@pytest.mark.parametrize(
    ("column", "kind", "values"),
    [
        (pa.array([1, -(2**31)], pa.int32()), "numeric", [1.0, -(2.0**31)]),  # R's least integer is its NA
        (pa.array([1, 2], pa.int8()), "integer", [1.0, 2.0]),
        (pa.array([1, 2**53], pa.int64()), "numeric", [1.0, 2.0**53]),
        (pa.array([Decimal("1.25"), Decimal("2.50")]), "numeric", [1.25, 2.5]),
        (pa.array(["a", "b"]).dictionary_encode(), "character", ["a", "b"]),
        (pa.array(["a", "b"], pa.large_string()), "character", ["a", "b"]),
        (pa.array([0, 1], pa.timestamp("s")), "POSIXct", [0.0, 1.0]),
    ],
)
def test_other_types_come_in_the_class_that_holds_them(column: pa.Array, kind: str, values: list[object]) -> None:
    ((name, found, held, absent),) = from_table(pa.table({"a": column}))
    assert (name, found, bytes(absent)) == ("a", kind, b"\0\0")
    assert (held if kind == "character" else [*struct.unpack("<2d", held)]) == values


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        (pa.array([2**53 + 1]), "column a has whole numbers beyond 2^53"),
        (pa.array([[1]]), "column a is of type list<item: int64>, for which R has no class"),
        (pa.array([b"x"]), "column a is of type binary"),
    ],
)
def test_what_r_would_change_is_refused(column: pa.Array, reason: str) -> None:
    with pytest.raises(LakeError, match=reason.replace("^", r"\^")):
        from_table(pa.table({"a": column}))
    with pytest.raises(LakeError, match="column z is of class complex, which the lake does not hold; make it one of "):
        to_table([("z", "complex", b"", b"")])
