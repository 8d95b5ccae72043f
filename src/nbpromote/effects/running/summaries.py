"""What a dataset holds, in a few lines that do not depend on the order of its rows."""

import math
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commonlib.errors import CommonlibError
from commonlib.lake import logs

if TYPE_CHECKING:
    import pyarrow as pa

_MODULUS = 2**61 - 1
_WHOLE = ("tinyint", "smallint", "int", "bigint")


def summarise(lake: Path, dataset: str, version: int | None = None) -> dict[str, Any] | None:
    """Rows, and by column: type, nulls, least, greatest, and sums of floats or an order-free digest of other values.

    `linked` is the sum of a column's floats, each times a share of one that the other values of its row determine: it
    changes when floats change places between rows, and bears noise as a sum does.

    None when the dataset has no such version, or is no table.
    """
    try:
        found = logs.open_log(dataset, lake).find(version)
    except CommonlibError:
        return None
    if found.manifest.kind != "table":
        return {"files": sorted(Path(path).name for path in found.paths)}
    import pyarrow as pa
    import pyarrow.dataset as ds  # it loads pandas, which takes longer than most of what is summed up

    # Left alone, pyarrow makes integers of folders such as `id=00123`.
    keys = pa.schema(
        [
            (column.name, pa.int64() if column.type in _WHOLE else pa.string())
            for column in found.manifest.partition_columns
        ]
    )
    table = ds.dataset(
        list(found.paths), format="parquet", partitioning=ds.partitioning(keys, flavor="hive")
    ).to_table()
    types = {column.name: column.type for column in found.columns}
    columns = {name: _column(table.column(name), types.get(name, "")) for name in sorted(table.column_names)}
    shares = _shares(table)
    for name, told in columns.items():
        if "sum" in told:
            values = table.column(name).to_pylist()
            told["linked"] = math.fsum(
                value * share
                for value, share in zip(values, shares, strict=True)
                if value is not None and math.isfinite(value)
            )
    return {"rows": table.num_rows, "columns": columns}


def _column(values: "pa.ChunkedArray", kind: str) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    told: dict[str, Any] = {"type": kind or str(values.type), "nulls": values.null_count}
    if pa.types.is_floating(values.type):
        known = pc.drop_null(values)
        finite = known.filter(pc.is_finite(known))
        told |= {"finite": len(finite), "sum": pc.sum(finite).as_py()}
        told |= {"least": pc.min(finite).as_py(), "greatest": pc.max(finite).as_py()} if len(finite) else {}
        return told
    try:
        ends = pc.min_max(values).as_py()
        told |= {"least": _plain(ends["min"]), "greatest": _plain(ends["max"])}
    except pa.ArrowNotImplementedError:
        pass
    counts = values.value_counts() if not pa.types.is_nested(values.type) else ()
    total = 0
    for one in counts:
        total += _hash(repr(_plain(one["values"].as_py()))) * one["counts"].as_py()
    for nested in values if pa.types.is_nested(values.type) else ():
        total += _hash(repr(nested.as_py()))
    told["digest"] = f"{total % _MODULUS:016x}"
    return told


def _shares(table: "pa.Table") -> list[float]:
    """For each row a number from 0 to 1 that depends on its values that are no floats."""
    import pyarrow as pa

    exact = [name for name in sorted(table.column_names) if not pa.types.is_floating(table.schema.field(name).type)]
    columns = [table.column(name).to_pylist() for name in exact]
    if not columns:
        return [1.0] * table.num_rows
    return [_hash(repr(tuple(map(_plain, row)))) / 2**64 for row in zip(*columns, strict=True)]


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, bool | int | str) else str(value)
