"""Several values in one parameter, or none."""

import json
from collections.abc import Callable, Iterable
from typing import Any, Concatenate, ParamSpec, TypeVar, overload

from commonlib.parameters.problem import ParameterError, among, plain
from commonlib.parameters.scalars import text
from commonlib.parameters.widgets import given

P = ParamSpec("P")
T = TypeVar("T")


@overload
def listing(name: str, value: object, *, choices: Iterable[str] | None = ..., not_empty: bool = ...) -> list[str]: ...
@overload
def listing(
    name: str, value: object, *, of: Callable[[str, Any], T], choices: Iterable[T] | None = ..., not_empty: bool = ...
) -> list[T]: ...


def listing(
    name: str,
    value: object,
    *,
    of: Callable[[str, Any], Any] = text,
    choices: Iterable[Any] | None = None,
    not_empty: bool = False,
) -> list[Any]:
    """Several values, each checked by another function of this package (`of=parameters.integer`).

    From a list or tuple, or from text: a JSON list, or the values with commas between them, as the widget of a job
    gives a choice of several.
    """
    found = plain(value)
    if isinstance(found, str):
        found = _split(name, value, found.strip())
    if not isinstance(found, list | tuple):
        problem = "is not set" if found is None else "is not a list"
        raise ParameterError(name, value, problem, 'give a list, such as ["a", "b"]')
    if not_empty and not found:
        raise ParameterError(name, value, "is empty", "give at least one value")
    allowed = None if choices is None else list(choices)
    items = [(f"{name}[{place}]", item) for place, item in enumerate(found)]
    return [among(label, item, of(label, item), allowed) for label, item in items]


def optional(
    check: Callable[Concatenate[str, object, P], T], name: str, value: object, *args: P.args, **constraints: P.kwargs
) -> T | None:
    """What `check` makes of the value, or None when it is not set: None, or empty text from the widget of a job.

    >>> from commonlib.parameters import integer
    >>> optional(integer, "weeks", None, minimum=1) is None
    True
    """
    found = plain(given(name, value))
    if found is None or (isinstance(found, str) and not found.strip()):
        return None
    return check(name, found, *args, **constraints)


def _split(name: str, given: object, written: str) -> object:
    if not written:
        return []
    if written.startswith("["):
        try:
            return json.loads(written)
        except ValueError as error:
            raise ParameterError(
                name, given, f"is not a JSON list ({error})", 'give a list, such as ["a", "b"]'
            ) from error
    if written.startswith(("(", "{")):
        # Papermill turns tuples and sets into such text without a word.
        raise ParameterError(name, given, "is text of a tuple or set", 'give a list, such as ["a", "b"]')
    return [item.strip() for item in written.split(",")]
