"""Rules as people write them: a YAML file, a Python file, or lists in a notebook. All three say the same words.

on_failure: stop               # or set_aside: publish the rows that pass every rule
rules:
  - not_null: [customer_id, date]
  - type: {column: amount, is: "decimal(10,2)"}
  - pattern: {column: customer_id, matches: "[0-9]{5}"}        # the whole text
  - range: {column: date, min: 1997-01-01, max: 1998-06-30}    # both ends are allowed
  - choices: {column: channel, values: [web, shop]}
  - unique: [customer_id, date]
  - key: [order_id]                                            # unique, and never null
  - reference: {column: shop, in: validated/shops, to: id}     # a value that is there; null refers to nothing
  - volume: {min: 1, max: 1000000}                             # rows
  - freshness: {column: date, within: 3 days}                  # how old the newest value may be
  - drift: {rows: 50%}                                         # from the median of the last 5 published versions
  - drift: {column: amount, mean: 20%, over: 10}
  - drift: {column: amount, nulls: 5%}                         # points: from 1 % to 6 %
"""

import datetime
import re
import runpy
import traceback
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import cast, get_args

import yaml

from commonlib.lake import paths
from commonlib.validation import patterns, personal
from commonlib.validation.errors import BadRules
from commonlib.validation.fitting import Bound
from commonlib.validation.rules import Measure, Policy, Rule, Rules

_EXAMPLE = 'write for example "rules:" and under it "- not_null: [customer_id]"'
# What else the one file about a source says is ingest's affair.
_OTHERS = (
    *("format", "encoding", "columns", "description", "origin", "sheet", "records"),
    *("delimiter", "quote", "escape", "comment", "header", "skip", "nulls"),
)
_OVER = 5
_UNITS = {"minute": 60, "hour": 3600, "day": 86400, "week": 604800}


def read(path: str | Path) -> Rules:
    """The rules in a YAML file, or in a Python file that binds `rules`. Raises BadRules."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise BadRules(str(path), f"cannot be read: {error.strerror}") from error
    return _run(Path(path)) if Path(path).suffix == ".py" else parse(content, str(path))


def parse(content: bytes, path: str) -> Rules:
    """The rules in the text of a YAML file, and which of its `columns` are personal. Raises BadRules."""
    try:
        found = yaml.safe_load(content)
        tree = yaml.compose(content, yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        raise BadRules(path, f"is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(found, dict) or not isinstance(found.get("rules"), list) or not found["rules"]:
        raise BadRules(path, f"has no rules; {_EXAMPLE}")
    if strange := [key for key in found if key not in ("rules", "on_failure", *_OTHERS)]:
        raise BadRules(
            path, f"has {strange[0]!r}, which means nothing; there are rules, on_failure, {', '.join(_OTHERS)}"
        )
    places = [f"line {node.start_mark.line + 1}" for node in _items(tree)]
    return _made(found["rules"], found.get("on_failure", "stop"), found.get("columns"), path, places)


def rules_of(
    items: Sequence[Mapping[str, object]],
    *,
    on_failure: Policy = "stop",
    columns: Sequence[Mapping[str, object]] = (),
    name: str = "rules",
) -> Rules:
    """Rules said in Python, in the words of the YAML file: `rules_of([{"not_null": ["id"]}, {"volume": {"min": 1}}])`.

    `columns` tags personal data as the file does; `name` is what errors call the rules. Raises BadRules.
    """
    return _made(list(items), on_failure, list(columns), name, ())


def _run(path: Path) -> Rules:
    """The rules that a Python file binds by the names that a YAML file has as keys."""
    try:
        found = runpy.run_path(str(path))
    except BadRules:
        raise
    except Exception as error:  # the file is anyone's, and so is what it raises
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        where = f"line {error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else 1}"
        raise BadRules(str(path), f"{where}: {type(error).__name__}: {error}") from error
    rules = found.get("rules")
    if isinstance(rules, Rules):
        return Rules(rules.rules, rules.policy, str(path), rules.personal)
    if not isinstance(rules, list) or not rules:
        raise BadRules(str(path), 'has no rules; write for example rules = [{"not_null": ["customer_id"]}]')
    return _made(rules, found.get("on_failure", "stop"), found.get("columns"), str(path), ())


def _items(tree: yaml.Node | None) -> list[yaml.Node]:
    pairs = tree.value if isinstance(tree, yaml.MappingNode) else []
    return next((value.value for key, value in pairs if key.value == "rules"), [])


def _made(items: list[object], policy: object, columns: object, path: str, places: Sequence[str]) -> Rules:
    if policy not in ("stop", "set_aside"):
        raise BadRules(path, f"on_failure is {policy!r}; it is stop or set_aside")
    rules: list[Rule] = []
    seen: dict[str, tuple[str, str]] = {}
    for number, item in enumerate(items, 1):
        where = f"{places[number - 1]}: rule {number}" if len(places) >= number else f"rule {number}"
        if not isinstance(item, dict) or len(item) != 1:
            raise BadRules(path, f"{where} is {item!r}; a rule is one kind with what it is about; {_EXAMPLE}")
        kind, said = next(iter(item.items()))
        if kind not in _PARSERS:
            raise BadRules(path, f"{where} is of kind {kind!r}; the kinds are {', '.join(_PARSERS)}")
        try:
            made = _PARSERS[kind](said)
        except ValueError as error:
            raise BadRules(path, f"{where} ({kind}): {error}") from error
        for rule in made:
            before, place = seen.get(rule.name, ("", ""))
            if kind == before:
                raise BadRules(path, f"{where} ({kind}): says twice that {rule.name}, as {place}; drop one")
            if not before:  # a key is not null and unique, which another rule may say, too
                seen[rule.name] = (kind, where)
                rules.append(rule)
    tags = personal.tags_of(columns)
    if strange := sorted(set(tags.values()) - set(personal.WAYS)):
        raise BadRules(path, f"personal is {strange[0]!r}; it is {', '.join(personal.WAYS)}")
    return Rules(tuple(rules), policy, path, tags)


def _columns(said: object) -> tuple[str, ...]:
    found = [said] if isinstance(said, str) else said
    if not isinstance(found, list | tuple) or not found or not all(isinstance(name, str) for name in found):
        raise ValueError(f"{said!r} are no columns; write [customer_id, date]")
    if len(set(found)) < len(found):
        raise ValueError(f"{said!r} names a column twice")
    return tuple(found)


def _keys(said: object, *known: str, optional: tuple[str, ...] = ()) -> dict[str, object]:
    if not isinstance(said, dict):
        raise ValueError(f"{said!r} is no list of what it has to say: {', '.join((*known, *optional))}")
    if strange := [str(key) for key in said if key not in (*known, *optional)]:
        raise ValueError(f"has {strange[0]!r}, which means nothing; it knows {', '.join((*known, *optional))}")
    if missing := [key for key in known if key not in said]:
        raise ValueError(f"{said!r} does not say what it has to: {', '.join(missing)}")
    if "column" in said and not isinstance(said["column"], str):
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
    patterns.check(text)
    return [Rule("pattern", _columns(found["column"]), text=text)]


def _range(said: object) -> list[Rule]:
    found = _keys(said, "column", optional=("min", "max"))
    low, high = _bounds(found)
    return [Rule("range", _columns(found["column"]), minimum=low, maximum=high)]


def _choices(said: object) -> list[Rule]:
    found = _keys(said, "column", "values")
    values = found["values"]
    if not isinstance(values, list | tuple) or not values:
        raise ValueError(f"{values!r} are no values; write [web, shop]")
    if strange := [each for each in values if not isinstance(each, str | int | float | Decimal | datetime.date)]:
        raise ValueError(f"{strange[0]!r} is no value; a null is allowed without being named")
    return [Rule("choices", _columns(found["column"]), values=tuple(values))]


def _reference(said: object) -> list[Rule]:
    found = _keys(said, "in", optional=("column", "columns", "to"))
    columns = _columns(found.get("column") or found.get("columns"))
    others = _columns(found["to"]) if "to" in found else columns
    if len(others) != len(columns):
        raise ValueError(f"{len(columns)} columns refer to {len(others)}; name as many in to")
    dataset = str(found["in"])
    paths.parse_dataset(dataset)
    return [Rule("reference", columns, dataset=dataset, others=others)]


def _volume(said: object) -> list[Rule]:
    low, high = _bounds(_keys(said, optional=("min", "max")))
    if not all(bound is None or (type(bound) is int and bound >= 0) for bound in (low, high)):
        raise ValueError(f"{said!r}: a number of rows is a whole number")
    return [Rule("volume", minimum=low, maximum=high)]


def _freshness(said: object) -> list[Rule]:
    found = _keys(said, "column", "within")
    match = re.fullmatch(r"(\d{1,8}) *(minute|hour|day|week)s?", str(found["within"]).strip())
    if match is None:
        raise ValueError(f"{found['within']!r} is no time; write for example 3 days, or 12 hours")
    within = datetime.timedelta(seconds=int(match[1]) * _UNITS[match[2]])
    if within.days > 36525:
        raise ValueError(f"{found['within']!r} is more than a hundred years")
    return [Rule("freshness", _columns(found["column"]), within=within)]


def _drift(said: object) -> list[Rule]:
    found = _keys(said, optional=("column", "rows", "mean", "nulls", "over"))
    measures = [each for each in get_args(Measure) if each in found]
    if len(measures) != 1 or ("column" in found) == (measures == ["rows"]):
        raise ValueError(f"{said!r} is neither {{rows: 50%}} nor {{column: amount, mean: 20%}} nor one of nulls")
    over = found.get("over", _OVER)
    if type(over) is not int or not 1 <= over <= 100:
        raise ValueError(f"over is {over!r}; it is a number of versions, from 1 to 100")
    columns = _columns(found["column"]) if "column" in found else ()
    return [Rule("drift", columns, measure=measures[0], share=_share(found[measures[0]]), over=over)]


def _share(said: object) -> float:
    if isinstance(said, str) and (match := re.fullmatch(r"(\d+(?:\.\d+)?) *%", said.strip())):
        return float(match[1]) / 100
    raise ValueError(f"{said!r} is no share; write for example 20%")


def _bounds(found: Mapping[str, object]) -> tuple[Bound | None, Bound | None]:
    low, high = found.get("min"), found.get("max")
    if low is None and high is None:
        raise ValueError(f"{dict(found)!r} does not say what it has to: min, max or both")
    for value in (low, high):
        if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal | datetime.date | None):
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
    "reference": _reference,
    "volume": _volume,
    "freshness": _freshness,
    "drift": _drift,
}
