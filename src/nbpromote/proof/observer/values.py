"""A value of the notebook as JSON, with its bulk in a file beside it."""

import dataclasses
import enum
import os
import sys
import types
from typing import Any

from . import models, objects
from .digests import digest
from .frames import text_of, write_array, write_frame, write_table

Described = dict[str, Any]


class TooLarge(Exception):
    """It has more parts than it is worth to look at."""


_SCALAR_MODULES = frozenset({"datetime", "decimal", "fractions", "pathlib", "uuid", "zoneinfo"})
_FRAMES = ("DataFrame", "Series", "Index", "Categorical")
_PANDAS_SCALARS = frozenset({"Timestamp", "Timedelta", "Period", "Interval", "NaTType", "NAType"})
_CODE = (
    types.ModuleType, type, types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.GeneratorType
)  # fmt: skip
_MANY_PLAIN = 100_000
_MOST_PARTS = 20_000
_MOST_FILES = 2_000
_DEEP = 24
_LONG = 100_000
_MOST_ROWS = 5_000_000


class Describer:
    """Describes values; `busy` is true meanwhile, so that patched functions leave our own calls alone."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.busy = False
        self._parts = self._files = 0
        self._path: set[int] = set()

    def describe(self, value: Any, stem: str, *, is_result: bool = False) -> Described:
        """This value as JSON; files of its bulk begin with `stem`. Only as a result is a Spark frame computed."""
        self.busy = True
        self._parts = self._files = 0
        try:
            if is_result and is_spark_frame(value):
                return self._spark(value, stem)
            return self._describe(value, stem, _DEEP)
        except TooLarge:
            return {**self._opaque(value), "why": "it has too many parts"}
        except Exception as error:  # whatever a stranger's object does, the notebook must not notice
            why = text_of(error)[:300]
            return {"kind": "unknown", "type": type_name(value), "why": why, "value": digest(value)}
        finally:
            self.busy = False

    def _describe(self, value: Any, stem: str, depth: int) -> Described:  # noqa: PLR0911, PLR0912
        kind = type_name(value)
        pandas, numpy, pyarrow = (sys.modules.get(name) for name in ("pandas", "numpy", "pyarrow"))
        if isinstance(value, _CODE):
            name = objects.name_of_code(value)
            if name is not None:
                return {"kind": "scalar", "type": kind, "value": name}
            return {"kind": "code", "type": kind}
        if value is None or isinstance(value, bool):
            return {"kind": "scalar", "type": kind, "value": value}
        if numpy is not None and isinstance(value, numpy.generic):
            return {"kind": "scalar", "type": kind, "value": str(value)}
        if isinstance(value, enum.Enum | bytes | int | float | complex | str):
            return {"kind": "scalar", "type": kind, "value": _scalar(value)}
        if pandas is not None and isinstance(value, tuple(getattr(pandas, name) for name in _FRAMES)):
            return self._frame(value, stem, kind)
        if pyarrow is not None and isinstance(value, pyarrow.Table):
            return self._table(value, stem, kind)
        if kind == "polars.dataframe.frame.DataFrame":
            return self._table(value.to_arrow(), stem, kind)
        if numpy is not None and isinstance(value, numpy.ndarray):
            return self._array(value, stem, kind, depth)
        if is_spark_frame(value):
            return {"kind": "lazy frame", "type": "pyspark DataFrame", "schema": value.schema.json()}
        tensor = models.array_of(value)
        if tensor is not None:
            return self._array(tensor, stem, kind, depth)
        module, _, name = kind.partition(".")
        if module in _SCALAR_MODULES or (module == "pandas" and name.split(".")[-1] in _PANDAS_SCALARS):
            return {"kind": "scalar", "type": kind, "value": text_of(value)}
        if depth == 0 or id(value) in self._path:
            return self._opaque(value) if not depth else {"kind": "scalar", "type": kind, "value": "what holds it"}
        self._path.add(id(value))
        try:
            return self._parted(value, stem, kind, depth)
        finally:
            self._path.discard(id(value))

    def _parted(self, value: Any, stem: str, kind: str, depth: int) -> Described:
        """A value that is made of others: a container, a model, an object."""
        items = _parts(value)
        if items is not None:
            if len(items) > _MANY_PLAIN or (len(items) > _MOST_PARTS and not _is_plain(items)):
                raise TooLarge
            return {"kind": "container", "type": kind, "items": self._items(items, stem, depth)}
        is_model = models.is_model(value)
        found = models.parts(value)
        if found is None:
            found = objects.parts(value)
        if found is None:
            return self._opaque(value)
        described: Described = {
            "kind": "model" if is_model else "object",
            "type": kind,
            "items": self._items(found, stem, depth),
        }
        if depth == _DEEP:
            described["value"] = digest(value)
        said = models.predictions(value) if is_model else None
        if said is not None:
            described["predictions"] = self._describe(said, f"{stem}-said", depth - 1)
        return described

    def _opaque(self, value: Any) -> Described:
        return {"kind": "opaque", "type": type_name(value), "value": digest(value)}

    def _spark(self, value: Any, stem: str) -> Described:
        described = {"kind": "lazy frame", "type": "pyspark DataFrame", "schema": value.schema.json()}
        if value.count() > _MOST_ROWS:
            return described
        write_table(value.toArrow(), os.path.join(self.folder, f"{stem}.arrow"))
        return {**described, "file": f"{stem}.arrow"}

    def _frame(self, value: Any, stem: str, kind: str) -> Described:
        names, dtypes = write_frame(value, os.path.join(self.folder, f"{stem}.arrow"))
        return {"kind": "frame", "type": kind, "file": f"{stem}.arrow", "columns": names, "dtypes": dtypes}

    def _table(self, table: Any, stem: str, kind: str) -> Described:
        write_table(table, os.path.join(self.folder, f"{stem}.arrow"))
        dtypes = [str(one) for one in table.schema.types]
        return {"kind": "frame", "type": kind, "file": f"{stem}.arrow", "columns": table.column_names, "dtypes": dtypes}

    def _array(self, value: Any, stem: str, kind: str, depth: int) -> Described:
        if hasattr(value, "mask") and hasattr(value, "filled"):
            parts = [("mask", sys.modules["numpy"].broadcast_to(value.mask, value.shape)), ("values", value.filled())]
            return {"kind": "container", "type": kind, "items": self._items(parts, stem, depth)}
        self._files += 1
        if self._files > _MOST_FILES:
            raise TooLarge
        write_array(value, os.path.join(self.folder, f"{stem}.npy"))
        return {"kind": "array", "type": kind, "file": f"{stem}.npy", "dtype": str(value.dtype)}

    def _items(self, items: list[tuple[Any, Any]], stem: str, depth: int) -> list[list[Any]]:
        if not _is_plain(items):
            self._parts += len(items)
            if self._parts > _MOST_PARTS:
                raise TooLarge
        return [
            [key if isinstance(key, str) else text_of(key), self._describe(item, f"{stem}-{place}", depth - 1)]
            for place, (key, item) in enumerate(items)
        ]


def _scalar(value: Any) -> str:
    """The text of a plain value; of a long one its begin and its hash."""
    text: str = value.encode("utf-8", "backslashreplace").decode() if type(value) is str else text_of(value)
    return text if len(text) <= _LONG else f"{text[:200]}... {len(text)} characters, {digest(value)}"


def _parts(value: Any) -> list[tuple[Any, Any]] | None:
    """What a container is made of, or None when it is none."""
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, set | frozenset):
        return list(enumerate(sorted(value, key=repr)))
    if isinstance(value, list | tuple) or type_name(value) == "collections.deque":
        return list(enumerate(value))
    if isinstance(value, types.SimpleNamespace):
        return list(vars(value).items())
    if dataclasses.is_dataclass(value):
        return [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value)]
    return None


def _is_plain(items: list[tuple[Any, Any]]) -> bool:
    return all(one is None or type(one) in (bool, int, float, str) for _, one in items)


def type_name(value: Any) -> str:
    """The class of a value with its module, `int` and `pandas.core.frame.DataFrame` alike.

    The notebook's own classes are without it: a promotion moves them to commonlib.
    """
    module, name = type(value).__module__, type(value).__qualname__
    is_own = module in {"builtins", "__main__"} or module.startswith("commonlib.")
    return name if is_own else f"{module}.{name}"


def is_spark_frame(value: Any) -> bool:
    kind = type_name(value)
    return kind.startswith("pyspark.sql") and kind.endswith("DataFrame")
