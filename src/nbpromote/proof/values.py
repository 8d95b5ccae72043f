"""Two values that a name had in two runs, told the same, different, or not comparable."""

import re
from dataclasses import replace

from nbpromote.proof import tables
from nbpromote.proof.evidence import Value
from nbpromote.proof.terms import OTHER_ORDER, Terms
from nbpromote.proof.verdict import Outcome

SCHEMA = "the same schema"
_INCOMPARABLE = frozenset({"code", "opaque", "unknown"})
_PARTED = frozenset({"container", "object", "model"})
_WHOLE = "its content is the same, byte for byte"


def compare(was: Value, now: Value, terms: Terms) -> tuple[Outcome, str]:
    """How two values come out against each other, and what to say of it."""
    if was.kind in _INCOMPARABLE or now.kind in _INCOMPARABLE:
        if was.text and was.text == now.text and was.type == now.type:
            return Outcome.SAME, _WHOLE
        return Outcome.NOT_COMPARABLE, f"a {was.type} has no content to compare{_because(was, now)}"
    if was.kind == now.kind and was.type == now.type and was.kind in _PARTED:
        return _compare_model(was, now, terms) if was.kind == "model" else _compare_parts(was, now, terms)
    apart = _difference(was, now, terms)
    if apart == OTHER_ORDER:
        return Outcome.SAME, apart
    return (Outcome.DIFFERS, apart) if apart else (Outcome.SAME, _described(was))


def is_empty(value: Value) -> bool:
    """Whether there is nothing in this value that two runs of it could tell apart."""
    if value.table is not None:
        return not value.table.num_rows
    return value.kind in {"container", "object", "model"} and not value.items and not value.text


def _because(was: Value, now: Value) -> str:
    why = was.why or now.why
    return f" ({why})" if why else ""


def _compare_model(was: Value, now: Value, terms: Terms) -> tuple[Outcome, str]:
    """A model by what it shows of itself and by what it predicts; one that predicts nothing by all that it holds."""
    if was.said is None or now.said is None or (was.text and was.text == now.text):
        return _compare_parts(was, now, terms)
    said, told = compare(was.said, now.said, terms)
    outcome, detail = _compare_parts(_public(was), _public(now), terms)
    if said is Outcome.DIFFERS:
        both = f"{detail.removesuffix(_SAID)}{_SAID}" if outcome is Outcome.DIFFERS else f"its predictions: {told}"
        return said, both
    if said is not Outcome.SAME:
        return outcome, detail
    same = "" if "its predictions are the same" in detail else "; its predictions are the same"
    return Outcome.SAME if outcome is Outcome.NOT_COMPARABLE else outcome, detail + same


_SAID = "; so do its predictions"
_TIME = re.compile(r"(?:^|_)(?:fit|score|refit|wall|run|training)_times?_?$")


def _public(value: Value) -> Value:
    """A model without what is private to its library, and without how long it took."""
    items = tuple((key, _public(one)) for key, one in value.items if key[:1] != "_" and not _TIME.search(key))
    return replace(value, items=items)


def _compare_parts(was: Value, now: Value, terms: Terms) -> tuple[Outcome, str]:  # noqa: PLR0911
    """Containers, objects and models, part by part; parts that cannot be told apart are named."""
    if was.text and was.text == now.text:
        return Outcome.SAME, _WHOLE
    if [key for key, _ in was.items] != [key for key, _ in now.items]:
        return Outcome.DIFFERS, _other_parts(was, now)
    unknown = []
    for (key, before), (_, after) in zip(was.items, now.items, strict=True):
        outcome, detail = compare(before, after, terms)
        if outcome is Outcome.DIFFERS:
            if terms.is_any_order and was.kind == "container" and _as_bag(was) == _as_bag(now):
                return Outcome.SAME, OTHER_ORDER
            return Outcome.DIFFERS, f"{key}: {detail}"
        if outcome is Outcome.NOT_COMPARABLE or detail == SCHEMA:
            unknown.append(key)
    if len(unknown) == len(was.items) and unknown:
        return Outcome.NOT_COMPARABLE, f"a {was.type} of which no part has content to compare"
    if unknown and was.kind != "container":
        return Outcome.NOT_COMPARABLE, f"a {was.type} of which {', '.join(unknown[:5])} cannot be compared"
    return Outcome.SAME, _described(was) + (f"; not comparable: {', '.join(unknown[:5])}" if unknown else "")


def _other_parts(was: Value, now: Value) -> str:
    before, after = ({key for key, _ in one.items} for one in (was, now))
    if len(was.items) != len(now.items) and was.kind == "container":
        return f"has {len(now.items):,} parts and had {len(was.items):,}"
    apart = sorted(before ^ after)
    if not apart:
        return "has its parts in another order"
    return f"{apart[0]} is in {'the first' if apart[0] in before else 'the second'} only"


def _as_bag(value: Value) -> list[str]:
    """The parts of a list as texts in an order of their own."""
    return sorted(repr((item.type, item.text, _as_bag(item))) for _, item in value.items)


def _difference(was: Value, now: Value, terms: Terms) -> str | None:  # noqa: PLR0911
    """What is different in a value that has no parts, or None."""
    if was.kind != now.kind or was.type != now.type:
        return f"is a {now.type} and was a {was.type}"
    if was.kind == "frame":
        if was.columns != now.columns:
            return f"has columns {', '.join(now.columns)} and had {', '.join(was.columns)}"
        if was.dtypes != now.dtypes:
            pairs = zip(was.columns, was.dtypes, now.dtypes, strict=True)
            name, before, after = next(one for one in pairs if one[1] != one[2])
            return f"column {name} has another type: {_plain_type(after)} and was {_plain_type(before)}"
    if was.table is not None and now.table is not None:
        return _table_difference(was, now, terms)
    if was.text == now.text:
        return None
    if ("float" in was.type or "complex" in was.type) and _is_near(was.text, now.text, terms.tolerance):
        return None
    return f"is {now.text[:80]} and was {was.text[:80]}"


def _plain_type(text: str) -> str:
    return "categories in another order, or others" if text.startswith("category ") else text


def _table_difference(was: Value, now: Value, terms: Terms) -> str | None:
    assert was.table is not None
    assert now.table is not None
    if was.kind == "array":
        shapes = [one.table.column_names[0] for one in (was, now) if one.table is not None]
        if shapes[0] != shapes[1]:
            return f"has {_shape(shapes[1])} and had {_shape(shapes[0])}"
        if was.text != now.text:
            return f"holds {now.text} and held {was.text}"
    is_ordered = was.kind != "lazy frame"
    apart = tables.difference(was.table, now.table, is_ordered=is_ordered, tolerance=terms.tolerance)
    if apart is None:
        return None
    if terms.is_any_order and was.kind == "frame":
        # Rows that come in another order have other row numbers.
        bags = [one.table.select(_own_columns(one)) for one in (was, now) if one.table is not None]
        if tables.difference(bags[0], bags[1], is_ordered=False, tolerance=terms.tolerance) is None:
            return OTHER_ORDER
    apart = re.sub(r"\bcolumn \d+:", "column ", apart)
    return re.sub(r"^column values \S+ ", "", apart) if was.kind == "array" else apart


def _own_columns(value: Value) -> list[str]:
    assert value.table is not None
    names: list[str] = value.table.column_names
    index = [name for name in names if name.startswith("index ")]
    is_numbered = len(index) == 1 and str(value.table.schema.field(index[0]).type).startswith("int")
    return [name for name in names if name not in index] if is_numbered else names


def _shape(title: str) -> str:
    return f"shape {title.removeprefix('values ').split(',')[0]}"


def _is_near(was: str, now: str, tolerance: float) -> bool:
    try:
        a, b = complex(was), complex(now)
    except ValueError:
        return False
    return max(tables.distance(a.real, b.real), tables.distance(a.imag, b.imag)) <= tolerance


def _described(value: Value) -> str:
    if value.table is not None and value.kind == "frame":
        return f"{value.table.num_rows:,} rows, {len(value.columns)} columns"
    if value.table is not None:
        return f"{value.table.num_rows:,} {'rows' if value.kind == 'lazy frame' else 'numbers'}"
    if value.kind == "lazy frame":
        return SCHEMA
    if value.kind in {"model", "object"}:
        count = len(value.items)
        return f"all of the {count} parts that it holds" if count else f"a {value.type}"
    return value.text[:60] or f"{len(value.items)} parts"
