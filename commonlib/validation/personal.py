"""Personal data does not go where more people read: tagged columns are masked, hashed or dropped in what is published.

Readers of Parquet know no masks, so what is hidden is not in the published files at all. A hash is keyed (HMAC-SHA256),
as a plain hash of an address or a number is soon guessed; the key is in the environment and nowhere else.
"""

import hashlib
import hmac
import os
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, cast

import pyarrow as pa
import pyarrow.compute as pc

from commonlib.lake.schema import quote
from commonlib.lake.spark_frames import is_frame
from commonlib.validation.errors import ValidationError

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

KEY = "PERSONAL_DATA_KEY"
WAYS = ("mask", "hash", "drop")
MASK = "***"
_SHORTEST = 16


def tags_of(columns: object) -> dict[str, str]:
    """The tags in the `columns` of a schema or rules file: `{name: email, type: text, personal: hash}`."""
    listed = columns if isinstance(columns, list) else []
    return {
        str(column["name"]): str(column["personal"])
        for column in listed
        if isinstance(column, dict) and column.get("personal") is not None
    }


def hide(frame: "DataFrame | pa.RecordBatchReader", tags: Mapping[str, str]) -> "DataFrame | pa.RecordBatchReader":
    """The frame without what its tagged columns say; nulls stay nulls. Raises ValidationError."""
    if not tags:
        return frame
    if is_frame(frame):
        return _hide_spark(cast("DataFrame", frame), tags)
    reader = cast(pa.RecordBatchReader, frame)
    fields = [_hidden_field(field, tags.get(field.name)) for field in reader.schema]
    schema = pa.schema([field for field in fields if field is not None])
    if not schema.names:
        raise ValidationError("every column is personal and dropped; there is nothing to publish")
    return pa.RecordBatchReader.from_batches(schema, _hidden_batches(reader, schema, tags))


def _hidden_field(field: pa.Field, way: str | None) -> pa.Field | None:
    if way == "hash" and not _has_one_spelling(field.type):
        raise ValidationError(
            f"column {field.name!r} of type {field.type} has no one spelling to hash; text, integers, decimals and "
            "dates have: mask or drop it"
        )
    return field if way is None else None if way == "drop" else pa.field(field.name, pa.string())


def _has_one_spelling(kind: pa.DataType) -> bool:
    types = pa.types
    kinds = (types.is_string, types.is_large_string, types.is_integer, types.is_decimal, types.is_date)
    return any(is_kind(kind) for is_kind in kinds)


def _hidden_batches(
    reader: pa.RecordBatchReader, schema: pa.Schema, tags: Mapping[str, str]
) -> Iterator[pa.RecordBatch]:
    hashed = _hasher() if "hash" in tags.values() else None
    for batch in reader:
        columns = []
        for name in schema.names:
            column, way = batch.column(name), tags.get(name)
            if way == "mask":
                column = pc.if_else(pc.is_valid(column), MASK, pa.scalar(None, pa.string()))
            elif way == "hash":
                assert hashed is not None
                texts = column.cast(pa.string()).to_pylist()
                column = pa.array([None if text is None else hashed(text) for text in texts], pa.string())
            columns.append(column)
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _hide_spark(frame: "DataFrame", tags: Mapping[str, str]) -> "DataFrame":
    from pyspark.sql import functions as sf
    from pyspark.sql.pandas.types import to_arrow_type

    # The key is in the function's closure and so in no plan, which people can look at.
    plain = _hasher() if "hash" in tags.values() else None
    # By a lambda, as Spark would guess at the type hints of the function itself.
    hashed = sf.udf(lambda text: plain(text), "string") if plain else None  # noqa: PLW0108
    kept: list[Column] = []
    for field in frame.schema.fields:
        name, way = field.name, tags.get(field.name)
        column = frame[quote(name)]
        if way == "mask":
            column = sf.when(column.isNotNull(), sf.lit(MASK))
        elif way == "hash":
            assert hashed is not None
            _hidden_field(pa.field(name, to_arrow_type(field.dataType)), way)
            column = sf.when(column.isNotNull(), hashed(column.cast("string")))
        if way != "drop":
            kept.append(column.alias(name))
    if not kept:
        raise ValidationError("every column is personal and dropped; there is nothing to publish")
    return frame.select(*kept)


def _hasher() -> Callable[[str | None], str | None]:
    key = os.environ.get(KEY, "").encode()
    if len(key) < _SHORTEST:
        raise ValidationError(
            f"personal columns are hashed with a key: set {KEY} to at least {_SHORTEST} characters that only you know, "
            "the same for all that is to be joined"
        )

    def hashed(text: str | None) -> str | None:
        return None if text is None else hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    return hashed
