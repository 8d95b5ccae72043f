"""Parameters from files: of one run as YAML or JSON, of many as a table."""

import csv
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from nbpromote.errors import UsageError

_MAPPING = "it maps names of parameters to values, as YAML or JSON"
_TABLE = "a table of parameters is CSV with a header, Parquet, or JSON: a list of objects, or one a line"


class UnreadableParametersFile(UsageError):
    """A file of parameters that is none."""

    def __init__(self, path: Path, reason: str, hint: str = _MAPPING) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}; {hint}")


def read_values(path: Path) -> Mapping[str, object]:
    """The parameters of one run, from YAML or JSON.

    Raises:
        UnreadableParametersFile: there are none in it.
    """
    import yaml

    class Loader(yaml.SafeLoader):
        """YAML without its guess at dates: the notebook's declaration says what is one."""

    Loader.yaml_implicit_resolvers = {
        letter: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:timestamp"]
        for letter, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    try:
        found = yaml.load(path.read_text(encoding="utf-8"), Loader)  # a SafeLoader; JSON is YAML
    except OSError as error:
        raise UnreadableParametersFile(path, error.strerror or "cannot be read") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
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
    except OSError as error:
        raise UnreadableParametersFile(path, error.strerror or "cannot be read", _TABLE) from error
    except (ValueError, csv.Error) as error:
        raise UnreadableParametersFile(path, " ".join(str(error).split()), _TABLE) from error
    raise UnreadableParametersFile(path, f"{path.suffix or 'no suffix'} is not known", _TABLE)


def _csv(path: Path, text: str) -> tuple[Mapping[str, object], ...]:
    reader = csv.DictReader(text.splitlines(), delimiter="\t" if path.suffix.lower() == ".tsv" else ",", strict=True)
    names = [name.strip() for name in reader.fieldnames or ()]
    if not all(names) or len(set(names)) != len(names):
        raise UnreadableParametersFile(path, "its header does not name each column once", _TABLE)
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
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise UnreadableParametersFile(path, "is no list of objects", _TABLE)
    return _some(path, found)


def _parquet(path: Path) -> tuple[Mapping[str, object], ...]:
    import pyarrow.parquet

    rows = pyarrow.parquet.read_table(path).to_pylist()
    return _some(
        path, [{name: str(one) if isinstance(one, Decimal) else one for name, one in row.items()} for row in rows]
    )


def _some(path: Path, rows: list[dict[str, object]]) -> tuple[Mapping[str, object], ...]:
    if not rows:
        raise UnreadableParametersFile(path, "has no rows", _TABLE)
    return tuple(rows)
