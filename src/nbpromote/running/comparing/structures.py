"""JSON, part by part: numbers within the tolerance, everything else as it was."""

import math
from collections.abc import Iterator

from nbpromote.running.comparing.difference import Telling, Terms

_VALUE = 60
_SUMS = ("sum", "linked")  # of a summary with `least` and `greatest`, whose size tells what noise they may bear


def difference(was: object, now: object, terms: Terms) -> str | None:
    """What differs in words, or None."""
    told = Telling()
    told.lines.extend(f"{place}: {what}" if place else what for place, what in parts_apart(was, now, terms))
    return told.text() or None


def parts_apart(was: object, now: object, terms: Terms, place: str = "") -> Iterator[tuple[str, str]]:
    """Each part that differs: where it is, and how."""
    if isinstance(was, dict) and isinstance(now, dict):
        for key in sorted({*was, *now}, key=str):
            inner = f"{place}.{key}" if place else str(key)
            if key not in now:
                yield inner, "was there, and is not any more"
            elif key not in was:
                yield inner, "is new"
            elif key in _SUMS and _are_near_sums(was, now, key, terms.tolerance):
                continue
            else:
                yield from parts_apart(was[key], now[key], terms, inner)
    elif isinstance(was, list) and isinstance(now, list):
        if len(was) != len(now):
            yield place, f"has {len(now):,} parts and had {len(was):,}"
        for number, (one, other) in enumerate(zip(was, now, strict=False)):
            yield from parts_apart(one, other, terms, f"{place}[{number}]")
    elif not _is_near(was, now, terms):
        yield place, f"is {_short(now)} and was {_short(was)}"


def distance(was: object, now: object) -> float:
    """The largest relative distance of two structures' floats; infinite where more than these differ."""
    if isinstance(was, dict) and isinstance(now, dict) and was.keys() == now.keys():
        return max((distance(was[key], now[key]) for key in was), default=0.0)
    if isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        return max((distance(one, other) for one, other in zip(was, now, strict=True)), default=0.0)
    if was == now:
        return 0.0
    if isinstance(was, float) and isinstance(now, float) and math.isfinite(was) and math.isfinite(now):
        return abs(was - now) / max(abs(was), abs(now))
    return math.inf


def _is_near(was: object, now: object, terms: Terms) -> bool:
    if isinstance(was, bool) or isinstance(now, bool):
        return was is now
    if isinstance(was, float) and isinstance(now, int | float):
        both_nan = isinstance(now, float) and math.isnan(was) and math.isnan(now)
        return both_nan or math.isclose(was, now, rel_tol=terms.tolerance)
    if isinstance(was, str) and isinstance(now, str):
        return terms.is_same(terms.clean(was), terms.clean(now))
    return type(was) is type(now) and was == now


def _are_near_sums(was: dict[str, object], now: dict[str, object], key: str, tolerance: float) -> bool:
    """A sum near zero bears the noise of what was summed up, which is large beside it."""
    values = was.get(key), now.get(key), was.get("least"), was.get("greatest")
    if not all(isinstance(value, int | float) for value in values):
        return False
    before, after, least, greatest = (float(value) for value in values)  # type: ignore[arg-type]
    return math.isclose(before, after, rel_tol=tolerance, abs_tol=tolerance * max(abs(least), abs(greatest)))


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _VALUE else f"{text[: _VALUE - 3]}..."
