"""What an object of any class is made of, by what Python itself would keep of it in a pickle."""

import copyreg
import functools
import inspect
import re
import types
from typing import Any

Parts = list[tuple[Any, Any]]

# Handles on something that lives elsewhere, or pictures that are compared as they are shown.
HANDLES = frozenset({
    "pyspark", "py4j", "matplotlib", "seaborn", "plotly", "bokeh", "altair", "IPython", "ipywidgets", "_io", "socket",
    "threading", "_thread", "multiprocessing", "concurrent", "asyncio", "sqlite3", "sqlalchemy", "duckdb", "requests",
})  # fmt: skip
# What is remembered to be quick, and how long something took: neither is what the object is.
_NOT_ITS_OWN = re.compile(r"^_*cache(?:d|s)?(?:_|$)|_cache$|(?:^|_)(?:fit|score|refit|wall|run|training)_?times?_?$")


def parts(value: Any) -> Parts | None:
    """The parts of an object, name or place -> part; None when it does not say.

    `__reduce_ex__` tells how to make the object again: arguments, attributes, items
    (https://docs.python.org/3/library/pickle.html#object.__reduce__). So nothing that belongs to it is missed.
    """
    kind = type(value)
    if kind.__module__.split(".")[0] in HANDLES:
        return None
    try:
        told = copyreg.dispatch_table.get(kind)
        made: Any = told(value) if told is not None else value.__reduce_ex__(4)
    except Exception:  # whatever a stranger's object does when it is asked
        return None
    if isinstance(made, str) or not 2 <= len(made) <= 6:
        return None
    maker, arguments, state, listed, mapped = (*made, None, None, None)[:5]
    # Its class, and how it is made, are known by its type.
    own = [(f"argument {place}", one) for place, one in enumerate(arguments) if not isinstance(one, type)]
    own = [] if maker is copyreg.__newobj__ and not own else own  # type: ignore[attr-defined]
    found: Parts = [*own, *_state(kind, state)]
    found += enumerate(listed) if listed is not None else ()
    found += mapped if mapped is not None else ()
    return found


def _state(kind: type, state: Any) -> Parts:
    if state is None:
        return []
    attributes = state
    if isinstance(state, tuple) and len(state) == 2 and all(one is None or isinstance(one, dict) for one in state):
        attributes = {**(state[0] or {}), **(state[1] or {})}
    if not isinstance(attributes, dict):
        return [("state", state)]
    return [(name, one) for name, one in attributes.items() if not _is_remembered(kind, name)]


def _is_remembered(kind: type, name: Any) -> bool:
    if not isinstance(name, str):
        return False
    held = inspect.getattr_static(kind, name, None)
    return isinstance(held, functools.cached_property) or _NOT_ITS_OWN.search(name) is not None


def name_of_code(value: Any) -> str | None:
    """The name by which everybody can import a function, a class or a module; None when it has none."""
    if isinstance(value, types.ModuleType):
        return value.__name__
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str) or "<" in name:
        return None
    if isinstance(value, types.MethodType | types.GeneratorType) or module.split(".")[0] in {"__main__", "commonlib"}:
        return None  # what a promotion moves has another name afterwards
    return f"{module}.{name}"
