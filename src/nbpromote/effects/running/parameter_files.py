"""Parameters from files: of one run as YAML or JSON, of many as a table."""

import csv
import io
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from nbpromote.errors import UsageError

_MAPPING = "it maps names of parameters to values, as YAML or JSON"
_TABLE = (
    "a table of parameters is CSV (UTF-8, with commas and a header), Parquet, or JSON or YAML: a list of objects; "
    "or JSON lines in a .jsonl"
)
_SEPARATORS = {";": "semicolons", "\t": "tabs, as in a .tsv", "|": "bars"}


class UnreadableParametersFile(UsageError):
    """A file of parameters that is none."""

    def __init__(self, path: Path, reason: str, hint: str = _MAPPING) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}" + (f"; {hint}" if hint else ""))


def read_values(path: Path) -> Mapping[str, object]:
    """The parameters of one run, from YAML or JSON.

    Raises:
        UnreadableParametersFile: there are none in it.
    """
    try:
        found = _yaml(path.read_text(encoding="utf-8-sig"))  # JSON is YAML
    except OSError as error:
        raise UnreadableParametersFile(path, error.strerror or "cannot be read", "") from error
    except ValueError as error:
        raise UnreadableParametersFile(path, " ".join(str(error).split())) from error
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise UnreadableParametersFile(path, "is no mapping")
    return found


def read_rows(path: Path) -> tuple[tuple[Mapping[str, object], ...], bool]:
    """The parameters of many runs, a row each, and whether they are text, as in CSV.

    Raises:
        UnreadableParametersFile: it is no table.
    """
    try:
        if path.suffix.lower() in {".parquet", ".pq"}:
            return _parquet(path), False
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix.lower() in {".csv", ".tsv"}:
            return _csv(path, text), True
        if path.suffix.lower() in {".json", ".jsonl", ".ndjson"}:
            return _json(path, text), False
        if path.suffix.lower() in {".yml", ".yaml"}:
            return _objects(path, _yaml(text)), False
    except OSError as error:
        raise UnreadableParametersFile(path, error.strerror or "cannot be read", "") from error
    except (ValueError, csv.Error) as error:
        raise UnreadableParametersFile(path, " ".join(str(error).split()), _TABLE) from error
    raise UnreadableParametersFile(path, f"{path.suffix or 'no suffix'} is not known", _TABLE)


def _yaml(text: str) -> object:
    """YAML without its guess at dates, which the notebook's declaration knows, and with no name given twice."""
    import yaml

    class Loader(yaml.SafeLoader):
        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
            if twice := next((name for name in names if names.count(name) > 1 and name != "<<"), None):
                raise ValueError(f"{twice} is given twice")
            return super().construct_mapping(node, deep)

    Loader.yaml_implicit_resolvers = {
        letter: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:timestamp"]
        for letter, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    try:
        return yaml.load(text, Loader)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _csv(path: Path, text: str) -> tuple[Mapping[str, object], ...]:
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter="\t" if path.suffix.lower() == ".tsv" else ",", strict=True
    )
    names = [name.strip() for name in reader.fieldnames or ()]
    if not all(names) or len(set(names)) != len(names):
        raise UnreadableParametersFile(path, "its header does not name each column once", _TABLE)
    if len(names) == 1 and (other := next((one for one in ";\t|" if one in names[0]), None)) is not None:
        raise UnreadableParametersFile(path, f"its columns are separated by {_SEPARATORS[other]}", _TABLE)
    reader.fieldnames = names
    rows = []
    for row in reader:
        if None in row or None in row.values():
            raise UnreadableParametersFile(path, f"line {reader.line_num} has other columns than the header", _TABLE)
        rows.append(row)
    return _some(path, rows)


def _json(path: Path, text: str) -> tuple[Mapping[str, object], ...]:
    lines = path.suffix.lower() != ".json"
    found = [json.loads(line) for line in text.splitlines() if line.strip()] if lines else json.loads(text)
    return _objects(path, found)


def _objects(path: Path, found: object) -> tuple[Mapping[str, object], ...]:
    if not isinstance(found, list):
        raise UnreadableParametersFile(path, "is no list of objects", _TABLE)
    if (number := next((at for at, row in enumerate(found, 1) if not isinstance(row, dict)), None)) is not None:
        raise UnreadableParametersFile(path, f"row {number} is no object", _TABLE)
    return _some(path, found)


def _parquet(path: Path) -> tuple[Mapping[str, object], ...]:
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(path)
    columns = {name: _as_meant(table.column(name).to_pylist()) for name in table.column_names}
    return _some(path, [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)])


def _as_meant(values: list[object]) -> list[object]:
    """Decimals as text, and the whole numbers that pandas keeps as floats beside nulls."""
    there = [one for one in values if one is not None]
    is_whole = len(there) < len(values) and all(isinstance(one, float) and one.is_integer() for one in there)
    return [
        str(one) if isinstance(one, Decimal) else int(one) if is_whole and isinstance(one, float) else one
        for one in values
    ]


def _some(path: Path, rows: list[dict[str, object]]) -> tuple[Mapping[str, object], ...]:
    if not rows:
        raise UnreadableParametersFile(path, "has no rows", _TABLE)
    return tuple(rows)
