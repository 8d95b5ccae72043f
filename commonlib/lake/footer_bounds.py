"""The least and greatest values that a Parquet file's footer states, as a manifest keeps them."""

import datetime
import math
from collections.abc import Iterator, Mapping
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

from commonlib.lake.bounds import merged
from commonlib.lake.manifest import Bounds

_LONGEST = 100


def bounds_of(footer: pq.FileMetaData, plain: Mapping[str, pa.DataType]) -> Iterator[tuple[str, Bounds | None]]:
    """The bounds of each plain column; None where some row group does not state them."""
    for number in range(footer.num_columns):
        name = footer.schema.column(number).path
        if name not in plain:
            continue
        kind = plain[name]
        groups = [_group(footer.row_group(group).column(number), kind) for group in range(footer.num_row_groups)]
        spelled = "decimal" if pa.types.is_decimal(kind) else ""
        yield name, None if None in groups else merged([one for one in groups if one is not None], spelled)


def _group(column: pq.ColumnChunkMetaData, kind: pa.DataType) -> Bounds | None:
    statistics = column.statistics
    if statistics is None:
        return None
    if not statistics.has_min_max:
        is_empty = statistics.has_null_count and statistics.null_count == column.num_values
        return Bounds(None, None) if is_empty else None
    least, greatest = (_spelled(value, kind) for value in (statistics.min, statistics.max))
    return None if least is None or greatest is None else Bounds(least, greatest)


def _spelled(value: object, kind: pa.DataType) -> int | float | str | None:
    """The value as JSON has it; None for one that it has not, or that is too long to be of use."""
    if pa.types.is_decimal(kind):
        return _decimal(value, kind)
    match value:
        case bool() | int():
            return value
        case float() if math.isfinite(value):
            return value
        case str() if len(value) <= _LONGEST:
            return value
        case datetime.date():
            return value.isoformat()
    return None


def _decimal(value: object, kind: pa.DataType) -> str | None:
    if isinstance(value, bytes):
        value = int.from_bytes(value, "big", signed=True)
    if isinstance(value, int):  # what the file holds, in units of the last digit
        value = Decimal((value < 0, tuple(map(int, str(abs(value)))), -kind.scale))
    return f"{value:f}" if isinstance(value, Decimal) else None
