"""A value of the notebook as JSON, with its bulk in a file beside it."""

import os
import re
import sys
import types
from typing import Any

Described = dict[str, Any]

_SCALAR_MODULES = frozenset({"datetime", "decimal", "fractions", "pathlib", "uuid"})
_MANY = 200
_MOST_ROWS = 5_000_000


class Describer:
    """Describes values; `busy` is true meanwhile, so that patched functions leave our own calls alone."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.busy = False

    def describe(self, value: Any, stem: str, *, is_result: bool = False) -> Described:
        """This value as JSON, with files that begin with `stem`. A Spark frame is computed only as a result."""
        self.busy = True
        try:
            if is_result and is_spark_frame(value):
                return self._spark(value, stem)
            return self._describe(value, stem)
        except Exception as error:  # whatever a stranger's object does, the notebook must not notice
            return {"kind": "unknown", "type": type_name(value), "why": f"{type(error).__name__}: {error}"[:300]}
        finally:
            self.busy = False

    def _describe(self, value: Any, stem: str) -> Described:  # noqa: PLR0911
        kind = type_name(value)
        pandas, numpy = sys.modules.get("pandas"), sys.modules.get("numpy")
        if isinstance(value, types.ModuleType | type) or callable(value):
            return {"kind": "code", "type": kind}
        if value is None or isinstance(value, bool | str):
            return {"kind": "scalar", "type": kind, "value": value}
        if isinstance(value, int | float):
            return {"kind": "scalar", "type": kind, "value": repr(value)}
        if pandas is not None and isinstance(value, pandas.DataFrame | pandas.Series):
            return self._pandas(value, stem, kind)
        if numpy is not None and isinstance(value, numpy.ndarray):
            numpy.save(os.path.join(self.folder, f"{stem}.npy"), value, allow_pickle=value.dtype == object)
            return {"kind": "array", "type": kind, "file": f"{stem}.npy", "dtype": str(value.dtype)}
        if numpy is not None and isinstance(value, numpy.generic):
            return {"kind": "scalar", "type": kind, "value": repr(value.item())}
        if is_spark_frame(value):
            return {"kind": "lazy frame", "type": "pyspark DataFrame", "schema": value.schema.json()}
        if isinstance(value, list | tuple | dict | set | frozenset):
            return self._container(value, stem, kind)
        fitted = _fitted(value)
        if fitted is not None:
            return {"kind": "model", "type": kind, "items": self._items(fitted, stem)}
        if kind.split(".")[0] in _SCALAR_MODULES or kind.startswith("pandas."):
            return {"kind": "scalar", "type": kind, "value": plain_text(value)}
        return {"kind": "opaque", "type": kind}

    def _spark(self, value: Any, stem: str) -> Described:
        import pyarrow.parquet

        described = {"kind": "lazy frame", "type": "pyspark DataFrame", "schema": value.schema.json()}
        if value.count() > _MOST_ROWS:
            return described
        pyarrow.parquet.write_table(value.toArrow(), os.path.join(self.folder, f"{stem}.parquet"))
        return {**described, "file": f"{stem}.parquet"}

    def _pandas(self, value: Any, stem: str, kind: str) -> Described:
        import pyarrow
        import pyarrow.parquet

        is_frame = value.ndim == 2
        frame = value.copy(deep=False) if is_frame else value.to_frame()
        names = [str(name) for name in frame.columns]
        dtypes = [str(dtype) for dtype in frame.dtypes]
        frame.columns = [f"{place}:{name}" for place, name in enumerate(names)]
        index, frame = frame.index, frame.reset_index(drop=True)
        for level in range(index.nlevels):
            frame.insert(level, f"index {level}", index.get_level_values(level).to_numpy())
        try:
            table = pyarrow.Table.from_pandas(frame, preserve_index=False)
        except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError, pyarrow.ArrowNotImplementedError):
            for column in frame.columns:
                if frame[column].dtype == object or str(frame[column].dtype) == "category":
                    frame[column] = [None if one is None else plain_text(one) for one in frame[column]]
            table = pyarrow.Table.from_pandas(frame, preserve_index=False)
        pyarrow.parquet.write_table(table, os.path.join(self.folder, f"{stem}.parquet"))
        return {"kind": "frame", "type": kind, "file": f"{stem}.parquet", "columns": names, "dtypes": dtypes}

    def _container(self, value: Any, stem: str, kind: str) -> Described:
        if isinstance(value, dict):
            items = list(value.items())
        elif isinstance(value, set | frozenset):
            items = list(enumerate(sorted(value, key=repr)))
        else:
            items = list(enumerate(value))
        if len(items) > _MANY:
            return {"kind": "scalar", "type": kind, "value": plain_text(value)}
        return {"kind": "container", "type": kind, "items": self._items(items, stem)}

    def _items(self, items: list[tuple[Any, Any]], stem: str) -> list[list[Any]]:
        return [[plain_text(key), self._describe(item, f"{stem}-{place}")] for place, (key, item) in enumerate(items)]


def type_name(value: Any) -> str:
    """The class of a value with its module, `int` and `pandas.core.frame.DataFrame` alike."""
    return f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")


def is_spark_frame(value: Any) -> bool:
    kind = type_name(value)
    return kind.startswith("pyspark.sql") and kind.endswith("DataFrame")


def plain_text(value: Any) -> str:
    """The value's text without addresses in memory."""
    return re.sub(r"\b0x[0-9a-fA-F]{6,}\b", "0x", value if isinstance(value, str) else repr(value))


def _fitted(value: Any) -> list[tuple[str, Any]] | None:
    """What a fitted model is known by: the plain attributes and arrays that it holds."""
    if not hasattr(value, "get_params") and not hasattr(value, "params"):
        return None
    numpy = sys.modules.get("numpy")
    arrays = (numpy.ndarray, numpy.generic) if numpy is not None else ()
    return [(name, one) for name, one in sorted(vars(value).items()) if isinstance(one, int | float | str | arrays)]
