"""The types that a function was seen with: those of its recorded calls, where all of them agree."""

import ast
import json
from collections.abc import Iterable, Mapping, Sequence

from nbpromote.promotion.code import parse_cell
from nbpromote.promotion.draft import Draft, Snapshot
from nbpromote.promotion.recorded_tests import calls_path
from nbpromote.promotion.sharing import use_of

RETURN = "return"
Types = Mapping[str, str]  # parameter, or `return` -> type, with the places that types come from written in full
_LONGEST_TUPLE = 4
_NAMED = {
    "array": "numpy.ndarray",
    "series": "pandas.Series",
    "frame": "pandas.DataFrame",
    "spark": "pyspark.sql.DataFrame",
    "session": "pyspark.sql.SparkSession",
    "timestamp": "pandas.Timestamp",
    "date": "datetime.date",
    "datetime": "datetime.datetime",
    "decimal": "decimal.Decimal",
}


def seen_in(draft: Draft, snapshot: Snapshot) -> dict[str, Types]:
    """What the calls say that the last promotion recorded."""
    calls = {}
    for one in draft.lifted:
        name = one.definition.name
        held = snapshot.read_bytes(calls_path(draft, name))
        try:
            calls[name] = json.loads(held)["calls"] if held else []
        except (ValueError, KeyError, TypeError):
            continue
    return types_of(draft, calls)


def types_of(draft: Draft, calls: Mapping[str, Sequence[Mapping[str, object]]]) -> dict[str, Types]:
    """The types in these calls, by function; calls with `free` variables hand them over by keyword."""
    trees = [code.tree for cell in draft.kept_code if (code := parse_cell(cell.source)) is not None]
    found: dict[str, Types] = {}
    for one in draft.lifted:
        name = one.definition.name
        node = next((n for tree in trees for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name), None)
        # What takes a function as a value may read its types: a pandas UDF becomes another one by them.
        if node is not None and calls.get(name) and not use_of(name, trees).is_passed_on:
            found[name] = _types(node, calls[name])
    return found


def _types(node: ast.FunctionDef, calls: Sequence[Mapping[str, object]]) -> dict[str, str]:
    places = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
    values: dict[str, list[object]] = {}
    for call in calls:
        given = call.get("args")
        for name, value in zip(places, given if isinstance(given, list) else [], strict=False):
            values.setdefault(name, []).append(value)
        for part in ("kwargs", "free"):
            named = call.get(part)
            for name, value in named.items() if isinstance(named, dict) else ():
                values.setdefault(name, []).append(value)
        values.setdefault(RETURN, []).append(call.get("result"))
    return {name: kind for name, many in values.items() if (kind := _common(map(_type, many))) is not None}


def _common(kinds: Iterable[str | None]) -> str | None:
    """The one type that fits all of these, or None."""
    found = dict.fromkeys(kinds)
    if None in found or not found:
        return None
    is_optional = "None" in found and len(found) > 1
    plain = [str(kind) for kind in found if kind != "None"]
    if set(plain) == {"int", "float"}:
        plain = ["float"]
    if len(plain) > 1:
        return None
    return (plain[0] if plain else "None") + (" | None" if is_optional else "")


def _type(value: object) -> str | None:
    if not isinstance(value, dict):
        return "None" if value is None else type(value).__name__
    kind = next(iter(value), "")
    held = value.get(kind)
    if kind == "numpy":
        return "float" if value.get("dtype") == "float64" else None
    if kind in {"list", "tuple"} and isinstance(held, list):
        kinds = [_type(one) for one in held]
        if kind == "tuple" and 0 < len(kinds) <= _LONGEST_TUPLE:
            return None if None in kinds else f"tuple[{', '.join(map(str, kinds))}]"
        inner = _common(kinds)
        return None if inner is None else f"list[{inner}]" if kind == "list" else f"tuple[{inner}, ...]"
    if kind == "dict" and isinstance(held, list):
        parts = _common(_type(key) for key, _ in held), _common(_type(one) for _, one in held)
        return None if None in parts else f"dict[{parts[0]}, {parts[1]}]"
    return _NAMED.get(kind)
