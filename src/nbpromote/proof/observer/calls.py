"""Real calls of the notebook's functions, kept small: the arguments and what came back."""

import base64
import copy
import functools
import io
import json
import os
import sys
import types
from collections.abc import Iterator
from typing import Any

from . import secrets
from .places import Places
from .trying import unnoticed
from .values import is_spark_frame, type_name

_MOST_CALLS = 3
_ROWS = 120
_MOST_BYTES = 300_000


class CannotKeep(Exception):
    """A value that is no plain data."""


class CallRecorder:
    """Wraps functions of the notebook. Each call is made once more on a small copy of its arguments, and that is kept.

    `functions` maps a name to the free variables that become arguments; `calls` maps it to what was kept.
    """

    def __init__(self, shell: Any, functions: dict[str, list[str]], places: Places) -> None:
        self.shell = shell
        self.functions = functions
        self.places = places
        self.secrets = secrets.find(os.environ)
        self.calls: dict[str, list[dict[str, Any]]] = {name: [] for name in functions}
        self.notes: list[str] = []

    def __reduce__(self) -> Any:
        """In another process, where a lambda may take a wrapped function along, nothing is recorded."""
        return types.SimpleNamespace, (), {"places": types.SimpleNamespace(is_frozen=True)}

    def wrap(self) -> None:
        """Wrap those of the functions that are defined by now."""
        for name in self.functions:
            function = self.shell.user_ns.get(name)
            if isinstance(function, types.FunctionType) and not hasattr(function, "_recorded"):
                self.calls[name].clear()  # an earlier definition's calls are no evidence for this one
                self.shell.user_ns[name] = self._recorded(name, function)

    def _recorded(self, name: str, function: types.FunctionType) -> Any:
        @functools.wraps(function)
        def recorded(*args: Any, **kwargs: Any) -> Any:
            if not self.places.is_frozen and len(self.calls[name]) < _MOST_CALLS:
                self._record(name, function, args, kwargs)
            return function(*args, **kwargs)

        recorded._recorded = True  # type: ignore[attr-defined]
        return recorded

    def _record(self, name: str, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.places.is_frozen = True
        namespace = self.shell.user_ns
        free = {one: namespace[one] for one in self.functions[name] if one in namespace}
        try:
            arguments, keywords, given = _smaller((args, kwargs, free))
            call = {
                "args": [plain(one) for one in arguments],
                "kwargs": _plain_items(keywords),
                "free": _plain_items(given),
            }
            if any({key: one[key] for key in call} == call for one in self.calls[name]):
                return
            self._refuse_secrets((arguments, keywords, given))
            namespace.update(given)
            try:
                with unnoticed():
                    result = function(*arguments, **keywords)
                    self._refuse_secrets(result)
                    call["result"] = plain(result)
            finally:
                namespace.update(free)
            if len(json.dumps(call)) > _MOST_BYTES:
                raise CannotKeep("it is too large to keep")
            self.calls[name].append(call)
        except Exception as error:  # a call on fewer rows may fail where the whole one does not
            self.notes.append(f"{name}: a call could not be kept ({type(error).__name__}: {error})"[:300])
        finally:
            self.places.is_frozen = False

    def _refuse_secrets(self, value: Any) -> None:
        if self.secrets and secrets.is_in(_texts(value), self.secrets):
            raise CannotKeep("it holds a secret")


def _texts(value: Any) -> Iterator[str]:
    """Every text in a value that `plain` takes, those in frames included."""
    pandas = sys.modules.get("pandas")
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts([*value.keys(), *value.values()])
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
    elif pandas is not None and isinstance(value, pandas.DataFrame | pandas.Series):
        frame = value if value.ndim == 2 else value.to_frame()
        yield from map(str, frame.columns)
        for place in range(frame.shape[1]):
            yield from map(str, frame.iloc[:, place])
    elif is_spark_frame(value):
        yield from (str(row) for row in value.collect())
    elif type_name(value) == "numpy.ndarray":
        yield from map(str, value.reshape(-1))


def _smaller(value: Any) -> Any:  # noqa: PLR0911
    """A copy in which arrays and frames are cut to the same few rows, spread over the whole."""
    if isinstance(value, tuple):
        return tuple(_smaller(one) for one in value)
    if isinstance(value, list):
        return [_smaller(one) for one in value]
    if isinstance(value, dict):
        return {key: _smaller(one) for key, one in value.items()}
    pandas, numpy = sys.modules.get("pandas"), sys.modules.get("numpy")
    if pandas is not None and isinstance(value, pandas.DataFrame | pandas.Series):
        return value.iloc[:: _stride(len(value))].copy(deep=True)
    if numpy is not None and isinstance(value, numpy.ndarray):
        return value[:: _stride(len(value))].copy() if value.ndim else value.copy()
    if is_spark_frame(value):
        return value.orderBy(*value.columns).limit(_ROWS)
    if _is_session(value):
        return value
    return copy.deepcopy(value)


def _stride(length: int) -> int:
    return max(1, -(-length // _ROWS))


def _is_session(value: Any) -> bool:
    return type_name(value).startswith("pyspark.sql") and type_name(value).endswith("SparkSession")


def _plain_items(items: dict[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in items.items()}


def plain(value: Any) -> Any:  # noqa: PLR0911, PLR0912
    """The value as JSON that `commonlib.recorded` makes into the same value again.

    Raises:
        CannotKeep: it is no plain data.
    """
    pandas, numpy = sys.modules.get("pandas"), sys.modules.get("numpy")
    if value is None or type(value) in (bool, int, float, str):
        return value
    if type(value) in (list, tuple):
        return {type(value).__name__: [plain(one) for one in value]}
    if type(value) is dict:  # a defaultdict, a Counter or a library's own would come back as another thing
        return {"dict": [[plain(key), plain(one)] for key, one in value.items()]}
    if numpy is not None and isinstance(value, numpy.ndarray | numpy.generic):
        if value.dtype.kind not in "biufUM m".replace(" ", ""):
            return _refuse(value)
        data = value.astype("int64").tolist() if value.dtype.kind in "Mm" else value.tolist()
        if isinstance(value, numpy.ndarray) and type(value) is not numpy.ndarray:
            return _refuse(value)  # a matrix, or a masked array
        kind = "array" if isinstance(value, numpy.ndarray) else "numpy"
        return {kind: data, "dtype": str(value.dtype), **({"shape": list(value.shape)} if kind == "array" else {})}
    if pandas is not None and type(value) is pandas.Series:
        return {"series": _parquet(value.to_frame("values")), "name": plain(value.name)}
    if pandas is not None and type(value) is pandas.DataFrame:
        return {"frame": _parquet(value)}
    if is_spark_frame(value):
        import pyarrow.parquet

        buffer = io.BytesIO()
        pyarrow.parquet.write_table(value.toArrow(), buffer)
        return {"spark": base64.b64encode(buffer.getvalue()).decode(), "schema": json.loads(value.schema.json())}
    if _is_session(value):
        return {"session": True}
    if type_name(value) in {"datetime.date", "datetime.datetime"}:
        return {type(value).__name__: value.isoformat()}
    if type_name(value) == "decimal.Decimal":
        return {"decimal": str(value)}
    if type_name(value) == "pandas._libs.tslibs.timestamps.Timestamp":
        return {"timestamp": value.isoformat()}
    return _refuse(value)


def _refuse(value: Any) -> Any:
    raise CannotKeep(f"{type_name(value)} is no plain data")


def _parquet(frame: Any) -> str:
    import pyarrow
    import pyarrow.parquet

    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pandas(frame), buffer)
    return base64.b64encode(buffer.getvalue()).decode()
