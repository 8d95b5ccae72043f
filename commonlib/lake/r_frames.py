"""Frames of R in the lake: for `commonlib/lake.R`, which hands columns over and takes them back, with what is absent.

A column of R is a vector and a mask of what is absent in it: R's own marks for that (the least integer, one of the
many NaN, the text "NA") mean something else to everybody else.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commonlib import receipts
from commonlib.lake import arrow_frames, tables
from commonlib.lake.errors import LakeError

# Name, class in R, values (texts, or little-endian doubles as bytes), and a byte for each: whether it is absent.
Column: TypeAlias = tuple[str, str, Any, Any]
_TYPES: Mapping[str, pa.DataType] = {
    "logical": pa.bool_(),
    "integer": pa.int32(),
    "numeric": pa.float64(),
    "character": pa.string(),
    "Date": pa.date32(),
    "POSIXct": pa.timestamp("us", "UTC"),
}
_MOST_WHOLE = 2**53  # beyond, a number of R (a double) is not every whole one


def write(
    columns: Sequence[Column],
    dataset: str,
    partition: Mapping[str, object] | None = None,
    partition_by: Sequence[str] = (),
    key: str | None = None,
    *,
    add_columns: bool = False,
) -> tuple[int, str, str]:
    """Commit the columns as `lake.write` does: the version's number, and its receipt as JSON and as a line."""
    columns_may: Any = "add" if add_columns else "same"
    names = [partition_by] if isinstance(partition_by, str) else list(partition_by)
    done = tables.put(
        to_table(columns), dataset, partition=partition, partition_by=names, key=key, columns_may=columns_may
    )
    return done.number, *_told(tables.receipt_of("write", done))


def read(
    dataset: str, version: int | None = None, as_of: str | datetime | None = None
) -> tuple[list[Column], int, str, str]:
    """The version that `lake.read` takes: its columns, how many rows it has, and its receipt as JSON and as a line."""
    found = tables.open_version(dataset, None if version is None else int(version), as_of)
    table = arrow_frames.read(found)
    return from_table(table), table.num_rows, *_told(tables.receipt_of("read", found))


def to_table(columns: Sequence[Column]) -> pa.Table:
    """The columns as a table. Raises LakeError for a class that has no type here."""
    arrays = {}
    for name, kind, values, absent in columns:
        if kind not in _TYPES:
            fit = ", ".join(_TYPES)
            raise LakeError(f"column {name} is of class {kind}, which the lake does not hold; make it one of {fit}")
        arrays[name] = _array(kind, values, np.frombuffer(absent, bool))
    return pa.table(arrays)


def from_table(table: pa.Table) -> list[Column]:
    """The table's columns as R takes them. Raises LakeError for a type that R has no class for."""
    return [_column(field.name, table.column(field.name).combine_chunks()) for field in table.schema]


def _array(kind: str, values: "Sequence[str] | bytes", absent: "np.ndarray[Any, np.dtype[np.bool_]]") -> pa.Array:
    if kind == "character":
        texts = [None if gone else one for one, gone in zip(values, absent, strict=True)]
        return pa.array(texts, pa.string())
    doubles = np.frombuffer(bytes(values), "<f8")  # type: ignore[arg-type]
    if kind == "numeric":
        return pa.array(doubles, mask=absent)
    present = np.where(absent, 0.0, doubles)
    if kind == "POSIXct":
        return pa.array(np.round(present * 1e6).astype("i8"), mask=absent).cast(_TYPES[kind])
    whole = pa.array(np.floor(present).astype("i4"), mask=absent)
    return whole.cast(_TYPES[kind])


def _column(name: str, array: pa.Array) -> Column:
    kind, absent = _class(name, array), bytearray(np.asarray(array.is_null()).astype("u1"))
    if kind == "character":
        return name, kind, array.cast(pa.string()).fill_null("").to_pylist(), absent
    if kind == "Date":
        array = array.cast(pa.date32()).cast(pa.int32())
    elif kind == "POSIXct":
        array = array.cast(pa.timestamp("us", array.type.tz), safe=False).cast(pa.int64())
    elif kind == "logical":
        array = array.cast(pa.int32())
    doubles = np.asarray(array.cast(pa.float64(), safe=False).fill_null(0.0)) / (1e6 if kind == "POSIXct" else 1.0)
    return name, kind, bytearray(doubles.astype("<f8").tobytes()), absent


def _class(name: str, array: pa.Array) -> str:
    kind = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
    if pa.types.is_integer(kind):
        least, most = (0, 0) if array.null_count == len(array) else pc.min_max(array).as_py().values()
        if max(abs(least), abs(most)) > _MOST_WHOLE:
            raise LakeError(f"column {name} has whole numbers beyond 2^53, which R would round; make them text before")
        return "integer" if kind.bit_width <= 32 and max(abs(least), abs(most)) < 2**31 else "numeric"
    for is_such, found in (
        (pa.types.is_boolean, "logical"),
        (pa.types.is_floating, "numeric"),
        (pa.types.is_decimal, "numeric"),
        (pa.types.is_string, "character"),
        (pa.types.is_large_string, "character"),
        (pa.types.is_null, "character"),
        (pa.types.is_date, "Date"),
        (pa.types.is_timestamp, "POSIXct"),
    ):
        if is_such(kind):
            return found
    raise LakeError(f"column {name} is of type {kind}, for which R has no class; leave it out, or make it text before")


def _told(receipt: receipts.Receipt) -> tuple[str, str]:
    return json.dumps(receipts.to_json(receipt)), str(receipt)
