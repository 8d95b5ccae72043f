"""The rules of a dataset, as its YAML file says them.

    on_failure: stop               # or set_aside: publish the rows that pass every rule
    rules:
      - not_null: [customer_id, date]
      - type: {column: amount, is: "decimal(10,2)"}
      - pattern: {column: customer_id, matches: "[0-9]{5}"}        # the whole text
      - range: {column: date, min: 1997-01-01, max: 1998-06-30}    # both ends are allowed
      - choices: {column: channel, values: [web, shop]}
      - unique: [customer_id, date]
      - key: [order_id]                                            # unique, and never null
      - volume: {min: 1, max: 1000000}                             # rows

A null breaks `not_null` and `key` and no other rule; a NaN breaks every `range`.
"""

import datetime
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal, TypeAlias, cast

import pyarrow as pa
import pyarrow.compute as pc
import yaml

from commonlib.validation import personal
from commonlib.validation.errors import BadRules

Kind: TypeAlias = Literal["not_null", "type", "pattern", "range", "choices", "unique", "volume"]
Policy: TypeAlias = Literal["stop", "set_aside"]
Bound: TypeAlias = str | int | float | datetime.date

# Rules about the whole rather than about a row: their failure always stops the commit.
WHOLE: tuple[Kind, ...] = ("type", "volume")


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that must hold. What a kind has no use for is absent."""

    kind: Kind
    columns: tuple[str, ...] = ()
    minimum: Bound | None = None
    maximum: Bound | None = None
    text: str | None = None
    values: tuple[Bound, ...] = ()

    @property
    def name(self) -> str:
        """The rule as a person would say it; the same rule has the same name in every report."""
        columns = ", ".join(self.columns)
        said = {
            "not_null": "is not null",
            "type": f"is of type {self.text}",
            "pattern": f"matches {self.text}",
            "choices": f"is one of {', '.join(map(str, self.values))}",
            "unique": "is unique",
        }.get(self.kind, self._span())
        return f"{columns or 'the number of rows'} {said}"

    def _span(self) -> str:
        if self.minimum is not None and self.maximum is not None:
            return f"is between {self.minimum} and {self.maximum}"
        return f"is at least {self.minimum}" if self.maximum is None else f"is at most {self.maximum}"


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of a dataset, and what happens when a row breaks one."""

    rules: tuple[Rule, ...]
    policy: Policy = "stop"
    path: str = "rules"
    personal: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def hash(self) -> str:
        """The same for rules that judge any data alike."""
        said = [self.policy, *(asdict(rule) for rule in self.rules)]
        return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()

    @property
    def by_row(self) -> tuple[Rule, ...]:
        """The rules that one row alone can break."""
        return tuple(rule for rule in self.rules if rule.kind not in (*WHOLE, "unique"))

    @property
    def unique(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.kind == "unique")


def read(path: str | Path) -> Rules:
    """The rules in a YAML file. Raises BadRules."""
    try:
        return parse(Path(path).read_bytes(), str(path))
    except OSError as error:
        raise BadRules(str(path), f"cannot be read: {error.strerror}") from error


def parse(content: bytes, path: str) -> Rules:
    """The rules in the text of a YAML file, and which of its `columns` are personal. Raises BadRules."""
    try:
        found = yaml.safe_load(content)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadRules(path, f"is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(found, dict) or not isinstance(found.get("rules"), list) or not found["rules"]:
        raise BadRules(path, 'has no rules; write for example "rules:" and under it "- not_null: [customer_id]"')
    policy = found.get("on_failure", "stop")
    if policy not in ("stop", "set_aside"):
        raise BadRules(path, f"on_failure is {policy!r}; it is stop or set_aside")
    rules: list[Rule] = []
    for number, item in enumerate(found["rules"], 1):
        if not isinstance(item, dict) or len(item) != 1:
            raise BadRules(path, f"rule {number} is {item!r}; a rule is one kind with what it is about")
        kind, said = next(iter(item.items()))
        if kind not in _PARSERS:
            raise BadRules(path, f"rule {number} is of kind {kind!r}; the kinds are {', '.join(_PARSERS)}")
        try:
            rules += _PARSERS[kind](said)
        except ValueError as error:
            raise BadRules(path, f"rule {number} ({kind}): {error}") from error
    names = [rule.name for rule in rules]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadRules(path, f"says twice that {twice[0]}")
    tags = personal.tags_of(found.get("columns"))
    if strange := sorted(set(tags.values()) - set(personal.WAYS)):
        raise BadRules(path, f"personal is {strange[0]!r}; it is {', '.join(personal.WAYS)}")
    return Rules(tuple(rules), cast(Policy, policy), path, tags)


def bound(value: Bound, kind: str, rule: Rule, path: str) -> object:
    """A bound or choice of a rule as a value of the column's type, exactly. Raises BadRules."""
    try:
        match kind.partition("(")[0]:
            case "string" if isinstance(value, str):
                return value
            case "tinyint" | "smallint" | "int" | "bigint" if type(value) is int:
                return value
            case "float" | "double" if isinstance(value, int | float):
                return float(value)
            case "decimal" if isinstance(value, int | float | str):
                return Decimal(str(value))
            case "date" if type(value) is datetime.date:
                return value
            case "timestamp" | "timestamp_ntz" if isinstance(value, datetime.date):
                return _moment(value, is_zoned=kind == "timestamp")
    except ArithmeticError:
        pass
    raise BadRules(path, f"{rule.name}: {value!r} does not fit column {rule.columns[0]!r} of type {kind}")


def check_columns(rules: Rules, types: Mapping[str, str]) -> None:
    """That every column a rule is about is there, and of a type that the rule can judge. Raises BadRules."""
    for rule in rules.rules:
        for column in rule.columns:
            if column not in types:
                raise BadRules(rules.path, f"{rule.name}: there is no column {column!r}; there are {', '.join(types)}")
        if rule.kind == "pattern" and (kind := types[rule.columns[0]]) != "string":
            raise BadRules(rules.path, f"{rule.name}: a pattern needs text, the column is of type {kind}")
        for value in (rule.minimum, rule.maximum, *rule.values):
            if value is not None and rule.columns:
                bound(value, types[rule.columns[0]], rule, rules.path)


def _moment(value: datetime.date, *, is_zoned: bool) -> datetime.datetime:
    found = value if isinstance(value, datetime.datetime) else datetime.datetime.combine(value, datetime.time())
    if is_zoned:
        return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)
    return found.replace(tzinfo=None)


def _columns(said: object) -> tuple[str, ...]:
    found = [said] if isinstance(said, str) else said
    if not isinstance(found, list) or not found or not all(isinstance(name, str) for name in found):
        raise ValueError(f"{said!r} are no columns; write [customer_id, date]")
    return tuple(found)


def _keys(said: object, *known: str) -> dict[str, object]:
    if not isinstance(said, dict) or not set(said) <= set(known) or not (set(said) - {"column"}):
        raise ValueError(f"{said!r} does not say what it has to: {', '.join(known)}")
    if "column" in known and not isinstance(said.get("column"), str):
        raise ValueError(f"{said!r} names no column")
    return said


def _not_null(said: object) -> list[Rule]:
    return [Rule("not_null", (column,)) for column in _columns(said)]


def _unique(said: object) -> list[Rule]:
    return [Rule("unique", _columns(said))]


def _type(said: object) -> list[Rule]:
    found = _keys(said, "column", "is")
    return [Rule("type", _columns(found["column"]), text=str(found["is"]).replace(" ", ""))]


def _pattern(said: object) -> list[Rule]:
    found = _keys(said, "column", "matches")
    text = str(found["matches"])
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from error
    if re.search(r"\(\?[=!<P>]|\\[1-9]|[*+?}]\+", text):
        raise ValueError(f"{text!r} looks around, back or possessively, which not every engine can")
    try:
        pc.match_substring_regex(pa.array([""]), text)
    except pa.ArrowInvalid as error:
        raise ValueError(f"{text!r} is no regular expression that every engine knows: {error}") from error
    return [Rule("pattern", _columns(found["column"]), text=text)]


def _range(said: object) -> list[Rule]:
    found = _keys(said, "column", "min", "max")
    low, high = _bounds(found)
    return [Rule("range", _columns(found["column"]), minimum=low, maximum=high)]


def _choices(said: object) -> list[Rule]:
    found = _keys(said, "column", "values")
    values = found["values"]
    if not isinstance(values, list) or not values:
        raise ValueError(f"{values!r} are no values; write [web, shop]")
    return [Rule("choices", _columns(found["column"]), values=tuple(values))]


def _volume(said: object) -> list[Rule]:
    low, high = _bounds(_keys(said, "min", "max"))
    if not all(bound is None or (type(bound) is int and bound >= 0) for bound in (low, high)):
        raise ValueError(f"{said!r}: a number of rows is a whole number")
    return [Rule("volume", minimum=low, maximum=high)]


def _bounds(found: Mapping[str, object]) -> tuple[Bound | None, Bound | None]:
    low, high = found.get("min"), found.get("max")
    for value in (low, high):
        if isinstance(value, bool) or not isinstance(value, str | int | float | datetime.date | None):
            raise ValueError(f"{value!r} is no bound; it is a number, a date or text")
    return cast("Bound | None", low), cast("Bound | None", high)


_PARSERS: Mapping[str, Callable[[object], list[Rule]]] = {
    "not_null": _not_null,
    "type": _type,
    "pattern": _pattern,
    "range": _range,
    "choices": _choices,
    "unique": _unique,
    "key": lambda said: _not_null(said) + _unique(said),
    "volume": _volume,
}
