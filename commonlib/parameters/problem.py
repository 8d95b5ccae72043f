"""What is wrong with a parameter's value, and the constraints that every type shares."""

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import Any, Protocol, TypeVar

from commonlib.errors import CommonlibError


class ParameterError(CommonlibError, ValueError):
    """A parameter's value does not fit. `problem` says what is wrong, `fits` what would do instead."""

    def __init__(self, parameter: str, value: object, problem: str, fits: str) -> None:
        self.parameter, self.value, self.problem, self.fits = parameter, value, problem, fits
        super().__init__(parameter, value, problem, fits)

    def __str__(self) -> str:
        return f"parameter {self.parameter}: {shown(self.value)} {self.problem}; {self.fits}"


class Comparable(Protocol):
    """Something with an order."""

    def __lt__(self, other: Any, /) -> bool: ...


C = TypeVar("C", bound=Comparable)
T = TypeVar("T")


def shown(value: object) -> str:
    """The value as Python writes it, cut when long."""
    found = repr(value)
    return found if len(found) <= 80 else f"{found[:60]}... ({len(found)} characters)"


def plain(value: object) -> object:
    """A NumPy or pandas scalar as the Python value it stands for; anything else as it is.

    Their missing values (`pandas.NA`, `NaT`) become None.
    """
    module = type(value).__module__.partition(".")[0]
    if module not in {"numpy", "pandas"}:
        return value
    if type(value).__name__ in {"NAType", "NaTType"}:
        return None
    if type(value).__name__ == "datetime64":
        # At nanoseconds, item() gives a bare int: https://numpy.org/doc/stable/reference/arrays.datetime.html
        moment: Any = value
        return moment.item() if str(moment.dtype) == "datetime64[D]" else moment.astype("datetime64[us]").item()
    for conversion in ("to_pydatetime", "item", "tolist"):
        if (convert := getattr(value, conversion, None)) is not None and getattr(value, "ndim", 0) == 0:
            return _call(convert)
    if (tolist := getattr(value, "tolist", None)) is not None:
        return _call(tolist)
    return value


def within(
    name: str,
    given: object,
    value: C,
    *,
    minimum: C | None,
    maximum: C | None,
    kind: str,
    outside: tuple[str, str] = ("less than", "more than"),
) -> C:
    """The value, when it lies between the bounds, which belong to it."""
    if minimum is not None and value < minimum:
        raise ParameterError(
            name, given, f"is {outside[0]} {minimum}", f"give {kind}{bounds(minimum, maximum, outside)}"
        )
    if maximum is not None and maximum < value:
        raise ParameterError(
            name, given, f"is {outside[1]} {maximum}", f"give {kind}{bounds(minimum, maximum, outside)}"
        )
    return value


def bounds(minimum: object, maximum: object, outside: tuple[str, str] = ("less than", "more than")) -> str:
    """The bounds in words, with a space before; nothing when there are none."""
    if minimum is not None and maximum is not None:
        return f" from {minimum} to {maximum}"
    if minimum is not None:
        return f" not {outside[0]} {minimum}"
    return f" not {outside[1]} {maximum}" if maximum is not None else ""


def among(name: str, given: object, value: T, choices: Iterable[T] | None) -> T:
    """The value, when it is one of the choices or when there are none to choose from."""
    if choices is None:
        return value
    allowed = list(choices)
    if value in allowed:
        return value
    raise ParameterError(name, given, "is not one of the choices", offer(str(value), [str(one) for one in allowed]))


def offer(word: str, allowed: Sequence[str]) -> str:
    """What to give instead of a word: the nearest of those allowed, else all of them."""
    by_fold = {one.casefold(): one for one in reversed(allowed)}
    near = get_close_matches(word.casefold().strip(), by_fold, n=1, cutoff=0.6)
    listed = ", ".join(allowed[:12]) + (f", ... ({len(allowed)} in all)" if len(allowed) > 12 else "")
    return f"did you mean {by_fold[near[0]]}? The choices are {listed}" if near else f"give one of {listed}"


def _call(convert: Callable[[], object]) -> object:
    return convert()
