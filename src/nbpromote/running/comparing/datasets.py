"""Datasets that were written, by their summaries: what differs, said of rows and columns."""

from collections.abc import Iterator, Mapping
from typing import Any

from nbpromote.running.comparing.difference import Telling, Terms
from nbpromote.running.comparing.structures import parts_apart

_NUMBERS = {"least": "least", "greatest": "greatest", "sum": "sum", "nulls": "nulls", "finite": "finite numbers"}


def difference(was: Mapping[str, Any], now: Mapping[str, Any], terms: Terms) -> str | None:
    """What differs in words, dataset by dataset, or None."""
    told = Telling()
    for name in sorted({*was, *now}):
        if name not in now:
            told.lines.append(f"{name} was written, and is not any more")
        elif name not in was:
            told.lines.append(f"{name} is written, and was not")
        else:
            told.lines.extend(f"{name}{what}" for what in _apart(was[name], now[name], terms))
    return told.text() or None


def columns_apart(was: Any, now: Any, terms: Terms) -> list[str]:
    """The names of the columns of one dataset that differ."""
    return sorted(_columns(was, now, terms)[0])


def _apart(was: Any, now: Any, terms: Terms) -> Iterator[str]:
    """What to say behind the dataset's name."""
    columns, beside = _columns(was, now, terms)
    for place, what in beside:
        yield f" has {now['rows']:,} rows, and had {was['rows']:,}" if place == "rows" else f": {place} {what}".rstrip()
    for name, parts in columns.items():
        yield f", column {name}: {_column(parts, was['columns'].get(name), now['columns'].get(name))}"


def _columns(was: Any, now: Any, terms: Terms) -> tuple[dict[str, dict[str, str]], list[tuple[str, str]]]:
    """What differs of each column, part by part, and of the dataset beside."""
    if not all(isinstance(one, Mapping) and isinstance(one.get("columns"), Mapping) for one in (was, now)):
        return {}, list(parts_apart(was, now, terms))
    beside = tuple({key: one for key, one in side.items() if key != "columns"} for side in (was, now))
    found: dict[str, dict[str, str]] = {}
    for name in sorted({*was["columns"], *now["columns"]}):
        one, other = ({name: side["columns"][name]} if name in side["columns"] else {} for side in (was, now))
        parts = {place.removeprefix(name).removeprefix("."): what for place, what in parts_apart(one, other, terms)}
        if parts:
            found[name] = parts
    others = list(parts_apart(beside[0], beside[1], terms))
    own = {name: parts for name, parts in found.items() if parts.keys() != {"linked"}}
    # `linked` hangs on what stands beside a number, too, and is another when that is.
    return (own if own or others else found), others


def _column(parts: Mapping[str, str], was: Any, now: Any) -> str:
    if was is None or now is None:
        return "is new" if was is None else "was there, and is not any more"
    told = [f"is {now['type']}, and was {was['type']}"] if "type" in parts else []
    told += [
        f"{word} {now[part]}, was {was[part]}"
        for part, word in _NUMBERS.items()
        if part in parts and part in was and part in now
    ]
    if told:
        return "; ".join(told)
    if set(parts) <= {"linked"}:
        return "the same numbers stand in other rows"
    return "holds other values"
