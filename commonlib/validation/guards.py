"""Guards between the cells of a production notebook: cheap checks that stop a run before it computes on nonsense."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar, cast

from commonlib.lake.schema import quote
from commonlib.lake.spark_frames import is_frame
from commonlib.validation.errors import ValidationError

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import DataFrame

Frame = TypeVar("Frame")


def require(
    frame: Frame,
    name: str,
    *,
    columns: Sequence[str] = (),
    not_empty: bool = True,
    not_null: Sequence[str] = (),
) -> Frame:
    """The frame itself, once it has the columns, a row, and no null where there must be none.

    `name` is what the frame is called in the message. Spark and pandas frames. With Spark, emptiness looks at one row
    and nulls are searched until the first; nothing is shown. Raises ValidationError.
    """
    has = [str(column) for column in cast("pd.DataFrame", frame).columns]
    if missing := [column for column in (*columns, *not_null) if column not in has]:
        raise ValidationError(
            f"{name}: has no column {', '.join(map(repr, dict.fromkeys(missing)))}; it has {', '.join(has) or 'none'}"
        )
    is_spark = is_frame(frame)
    if not_empty and (cast("DataFrame", frame).isEmpty() if is_spark else len(cast("pd.DataFrame", frame)) == 0):
        raise ValidationError(f"{name}: has no rows; look at what it was made from, and at the parameters of this run")
    if not_null:
        found = (
            _spark_nulls(cast("DataFrame", frame), not_null)
            if is_spark
            else _pandas_nulls(cast("pd.DataFrame", frame), not_null)
        )
        if found:
            raise ValidationError(f"{name}: column {', '.join(map(repr, found))} has nulls, and must have none")
    return frame


def _spark_nulls(frame: "DataFrame", names: Sequence[str]) -> list[str]:
    from pyspark.sql import functions as sf

    marks = frame.select(*(frame[quote(name)].isNull().alias(name) for name in names))
    any_null = sf.lit(False)
    for name in names:
        any_null = any_null | sf.col(quote(name))
    row = marks.filter(any_null).first()
    return [name for name in names if row is not None and row[name]]


def _pandas_nulls(frame: "pd.DataFrame", names: Sequence[str]) -> list[str]:
    return [name for name in names if bool(frame[name].isna().any())]
