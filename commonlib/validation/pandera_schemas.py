"""Rules to and from schemas of pandera, which people have beside their pandas code. Needs `pip install pandera`.

What the other has no word for is refused by name, or left out when asked (`partial=True`).
"""

import re
from collections.abc import Iterator
from typing import Any

from commonlib.errors import CommonlibError
from commonlib.validation.errors import BadRules
from commonlib.validation.rule_files import rules_of
from commonlib.validation.rules import Rule, Rules

_TYPES = {
    "tinyint": "int8", "smallint": "int16", "int": "int32", "bigint": "int64", "float": "float32", "double": "float64",
    "boolean": "bool", "string": "str",
}  # fmt: skip
_KINDS = {dtype: kind for kind, dtype in _TYPES.items()}
# In pandas these have no null of their own, so that a column with nulls has another type.
_WITHOUT_NULL = ("tinyint", "smallint", "int", "bigint", "boolean")
_NOT_HERE = ("reference", "volume", "freshness", "drift")


class MissingPandera(CommonlibError, ImportError):
    """Pandera is not installed."""

    def __init__(self) -> None:
        super().__init__("schemas of pandera need pandera: pip install pandera")


def to_pandera(rules: Rules, *, partial: bool = False) -> Any:
    """The rules as a `pandera.pandas.DataFrameSchema`, for frames such as `lake.read_pandas` gives.

    Raises BadRules for rules that pandera has no word for, unless `partial` leaves them out; MissingPandera.
    """
    pandera = _pandera()
    checks: dict[str, list[Any]] = {}
    dtypes: dict[str, Any] = {}
    not_null = {rule.columns[0] for rule in rules.rules if rule.kind == "not_null"}
    left_out = [rule.name for rule in rules.rules if rule.kind in _NOT_HERE]
    for rule in rules.rules:
        if rule.kind in ("pattern", "range", "choices"):
            checks.setdefault(rule.columns[0], []).append(_check(pandera, rule))
        elif rule.kind == "type":
            dtypes[rule.columns[0]] = dtype = _dtype(str(rule.text), has_nulls=rule.columns[0] not in not_null)
            left_out += [] if dtype else [rule.name]
    if left_out and not partial:
        raise BadRules(rules.path, f"pandera has no word for: {'; '.join(left_out)}; partial=True leaves them out")
    columns = dict.fromkeys(name for rule in rules.rules if rule.kind not in _NOT_HERE for name in rule.columns)
    return pandera.DataFrameSchema(
        {
            name: pandera.Column(dtypes.get(name), checks.get(name, []), nullable=name not in not_null)
            for name in columns
        },
        checks=[_unique(pandera, list(rule.columns)) for rule in rules.unique],
        name=rules.path,
    )


def from_pandera(schema: Any, *, partial: bool = False, name: str = "pandera") -> Rules:
    """The rules that a `DataFrameSchema`, or a `DataFrameModel`, of pandera says. A null is what pandas calls one.

    Raises BadRules for what has no rule here, such as checks of one's own, unless `partial` leaves it out.
    """
    if isinstance(schema, type) and hasattr(schema, "to_schema"):
        schema = schema.to_schema()
    items: list[dict[str, object]] = []
    left_out = [f"the check {check.name} of the whole" for check in schema.checks if not _key_of(check)]
    left_out += ["strict (other columns are let through)"] if schema.strict else []
    for column, said in schema.columns.items():
        if not said.required:
            left_out.append(f"column {column!r} is not required")
            continue
        items += [] if said.nullable else [{"not_null": [str(column)]}]
        items += [{"unique": [str(column)]}] if said.unique else []
        if said.dtype is not None:
            kind = _kind(str(said.dtype))
            items += [{"type": {"column": str(column), "is": kind}}] if kind else []
            left_out += [] if kind else [f"column {column!r} is of type {said.dtype}"]
        for check in said.checks:
            found = [*_of_check(str(column), check)]
            items += found
            left_out += [] if found else [f"the check {check.name} of column {column!r}"]
    items += [{"unique": [*schema.unique]}] if schema.unique else []
    items += [{"unique": key} for check in schema.checks if (key := _key_of(check))]
    if left_out and not partial:
        raise BadRules(name, f"there is no rule for: {'; '.join(left_out)}; partial=True leaves it out")
    if not items:
        raise BadRules(name, "the schema says nothing that is a rule")
    return rules_of(list({str(item): item for item in items}.values()), name=name)


def _pandera() -> Any:
    try:
        import pandera.pandas
    except ImportError as error:
        raise MissingPandera from error
    return pandera.pandas


def _check(pandera: Any, rule: Rule) -> Any:
    if rule.kind == "pattern":
        return pandera.Check.str_matches(rf"\A(?:{rule.text})\Z")
    if rule.kind == "choices":
        return pandera.Check.isin(list(rule.values))
    if rule.maximum is None:
        return pandera.Check.ge(rule.minimum)
    return (
        pandera.Check.le(rule.maximum) if rule.minimum is None else pandera.Check.in_range(rule.minimum, rule.maximum)
    )


def _unique(pandera: Any, names: list[str]) -> Any:
    """Pandera's own `unique` takes nulls for one repeated value."""

    def is_no_repetition(frame: Any) -> Any:
        return ~frame.duplicated(names, keep=False) | frame[names].isna().any(axis=1)

    title = f"{', '.join(names)} is unique"
    return pandera.Check(is_no_repetition, name=title, statistics={"unique": names}, error=title)


def _key_of(check: Any) -> list[str] | None:
    found = (check.statistics or {}).get("unique")
    return [str(name) for name in found] if isinstance(found, list) else None


def _dtype(kind: str, *, has_nulls: bool) -> Any:
    from pandera.engines import pandas_engine

    if found := re.fullmatch(r"decimal\((\d+),(\d+)\)", kind):
        return pandas_engine.Decimal(int(found[1]), int(found[2]))
    if kind == "date":
        return pandas_engine.Date()
    return None if has_nulls and kind in _WITHOUT_NULL else _TYPES.get(kind)


def _kind(dtype: str) -> str | None:
    if found := re.fullmatch(r"[Dd]ecimal\((?:precision=)?(\d+), ?(?:scale=)?(\d+).*\)", dtype):
        return f"decimal({found[1]},{found[2]})"
    if dtype.startswith("datetime64["):
        return "timestamp" if "," in dtype else "timestamp_ntz"
    if dtype in ("object", "string") or dtype.startswith("string["):
        return "string"
    return _KINDS.get(dtype.lower() if dtype.startswith("Int") or dtype == "boolean" else dtype) or (
        "boolean" if dtype == "boolean" else "date" if dtype == "date" else None
    )


def _of_check(column: str, check: Any) -> Iterator[dict[str, object]]:
    said = check.statistics or {}
    match check.name:
        case "greater_than_or_equal_to":
            yield {"range": {"column": column, "min": said["min_value"]}}
        case "less_than_or_equal_to":
            yield {"range": {"column": column, "max": said["max_value"]}}
        case "in_range" if said.get("include_min", True) and said.get("include_max", True):
            yield {"range": {"column": column, "min": said["min_value"], "max": said["max_value"]}}
        case "isin":
            yield {"choices": {"column": column, "values": list(said["allowed_values"])}}
        case "equal_to":
            yield {"choices": {"column": column, "values": [said["value"]]}}
        case "str_matches":
            yield {"pattern": {"column": column, "matches": _whole(said["pattern"])}}
        case "str_length":
            least, most = said.get("min_value") or 0, said.get("max_value")
            exact = said.get("exact_value")
            count = f"{exact}" if exact is not None else f"{least},{'' if most is None else most}"
            yield {"pattern": {"column": column, "matches": f"(?s:.{{{count}}})"}}


def _whole(pattern: Any) -> str:
    """Pandera looks from the start of the text on; a rule is about the whole of it."""
    text = pattern if isinstance(pattern, str) else str(pattern.pattern)
    if found := re.fullmatch(r"\\A\(\?:(.*)\)\\Z", text, re.DOTALL):
        return found[1]
    text = re.sub(r"^(\^|\\A)", "", text)
    bare = re.sub(r"(?<!\\)(\$|\\Z)$", "", text)
    return bare if bare != text and "|" not in bare else f"(?:{bare})" if bare != text else f"(?:{text})(?s:.*)"
