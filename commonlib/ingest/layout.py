"""How a source's bytes become typed columns, as its YAML file says it.

    format: fixed-width            # or csv, with a header line
    encoding: utf-8                # decoded strictly
    columns:
      - {name: customer_id, type: text, start: 2, width: 5}        # the first character of a line is 1
      - {name: date, type: date, format: yyyyMMdd, start: 8, width: 8}
      - {name: amount, type: "decimal(10,2)", start: 19, width: 8}

A csv has no start and width, but may have a `delimiter`. Types are text, integer, decimal(digits,places), number, date,
timestamp and boolean. The same file may hold the `rules` of commonlib.validation.
"""

import codecs
import datetime
import hashlib
import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, TypeAlias, cast

import pyarrow as pa
import yaml

from commonlib.ingest.errors import BadLayout
from commonlib.lake import paths
from commonlib.lake.errors import duplicates

# Raise it when the same bytes and the same layout come to give other rows: what was landed before is landed again.
READER = 1

Form: TypeAlias = Literal["fixed-width", "csv"]

_KEYS = {"format", "encoding", "delimiter", "columns", "rules", "description", "origin"}
_COLUMN_KEYS = {"name", "type", "start", "width", "format", "description"}
_TYPES: Mapping[str, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "boolean": pa.bool_(),
}
_DECIMAL = re.compile(r"decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)")
_TOKENS = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_TOKEN = "|".join(_TOKENS)
_DEFAULT_FORMATS = {"date": "yyyy-MM-dd", "timestamp": "yyyy-MM-dd HH:mm:ss"}


@dataclass(frozen=True, slots=True)
class Field:
    """One column of the source. `start` and `width` count characters; `start` of the first one is 0 here."""

    name: str
    type: str
    start: int | None = None
    width: int | None = None
    format: str | None = None

    @property
    def arrow(self) -> pa.DataType:
        if found := _DECIMAL.fullmatch(self.type):
            return pa.decimal128(int(found[1]), int(found[2]))
        return _TYPES[self.type]

    @property
    def span(self) -> tuple[int, int]:
        if self.start is None or self.width is None:
            raise ValueError("BUG: a column of a csv has no span; please report how")
        return self.start, self.start + self.width

    def parse_time(self, text: str) -> datetime.datetime:
        """The text as the column's format says, to the letter. Raises ValueError."""
        pattern = re.sub(_TOKEN, lambda match: _TOKENS[match[0]], self.format or "")
        found = datetime.datetime.strptime(text, pattern).replace(tzinfo=datetime.UTC)
        parts = dict(zip(_TOKENS, found.timetuple(), strict=False))
        # strptime is lenient with blanks and missing zeros; what it found must spell the text again.
        if text != re.sub(_TOKEN, lambda match: f"{parts[match[0]]:0{len(match[0])}d}", self.format or ""):
            raise ValueError(f"{text!r} is not spelled as {self.format}")
        return found


@dataclass(frozen=True, slots=True)
class Layout:
    """The description of a source."""

    form: Form
    encoding: str
    delimiter: str
    fields: tuple[Field, ...]

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([pa.field(field.name, field.arrow) for field in self.fields])

    @property
    def hash(self) -> str:
        """The same for two layouts that read any source alike."""
        return hashlib.sha256(json.dumps({"reader": READER, **asdict(self)}).encode()).hexdigest()


def read(path: Path) -> Layout:
    """The layout in a YAML file. Raises BadLayout."""
    try:
        return parse(path.read_bytes(), str(path))
    except OSError as error:
        raise BadLayout(str(path), f"cannot be read: {error.strerror}") from error


def parse(content: bytes, path: str) -> Layout:
    """The layout in the text of a YAML file. Raises BadLayout."""
    try:
        found = yaml.safe_load(content)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadLayout(path, f"is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(found, dict):
        raise BadLayout(path, 'is not a layout; it begins with "format: fixed-width" or "format: csv"')
    _check_keys(found, _KEYS, path, "the layout")
    if (form := found.get("format")) not in ("fixed-width", "csv"):
        raise BadLayout(path, f"format is {form!r}; it is fixed-width or csv")
    delimiter = found.get("delimiter", ",")
    if not isinstance(delimiter, str) or len(delimiter) != 1:
        raise BadLayout(path, f"delimiter is {delimiter!r}; it is one character")
    columns = found.get("columns")
    if not isinstance(columns, list) or not columns:
        raise BadLayout(path, "has no columns; list each with its name and type")
    fields = tuple(_field(column, form, path) for column in columns)
    if twice := duplicates([field.name for field in fields]):
        raise BadLayout(path, f"columns {', '.join(twice)} have one name, or differ in case only")
    if form == "fixed-width":
        _check_spans(fields, path)
    return Layout(cast(Form, form), _encoding(found.get("encoding", "utf-8"), path), delimiter, fields)


def _encoding(name: object, path: str) -> str:
    try:
        found = codecs.lookup(name).name if isinstance(name, str) else None
    except LookupError:
        found = None
    if found is None or found.startswith(("utf-16", "utf-32")):
        raise BadLayout(path, f"encoding {name!r} is not known here; utf-8, cp1252 and iso8859-1 are")
    # Python's "utf-8-sig" reads text with and without a byte order mark.
    return "utf-8-sig" if found == "utf-8" else found


def _field(column: object, form: str, path: str) -> Field:
    if not isinstance(column, dict) or not isinstance(column.get("name"), str) or not column["name"]:
        raise BadLayout(path, f"column {column!r} has no name; write {{name: amount, type: integer}}")
    name = column["name"]
    where = f"column {name!r}"
    _check_keys(column, _COLUMN_KEYS, path, where)
    if name.casefold() == paths.ATTEMPT:
        raise BadLayout(path, f"{where} has a name that the lake uses itself; rename it")
    kind = column.get("type")
    decimal = _DECIMAL.fullmatch(kind) if isinstance(kind, str) else None
    if (decimal and not 1 <= int(decimal[1]) <= 38) or (decimal and int(decimal[2]) > int(decimal[1])):
        raise BadLayout(path, f"{where} is {kind}; a decimal has 1 to 38 digits, and no more places than digits")
    if not isinstance(kind, str) or (kind not in _TYPES and decimal is None):
        raise BadLayout(
            path, f"{where} has type {kind!r}; the types are {', '.join(_TYPES)} and decimal(digits,places)"
        )
    layout = column.get("format", _DEFAULT_FORMATS.get(kind))
    if layout is not None and (kind not in _DEFAULT_FORMATS or not isinstance(layout, str)):
        raise BadLayout(path, f"{where} has a format {layout!r}; only dates and timestamps have one, as text")
    if layout is not None and (left := re.search("[A-Za-z%]", re.sub(_TOKEN, "", layout))):
        raise BadLayout(path, f"{where} has format {layout!r} with {left[0]!r}; write it with {', '.join(_TOKENS)}")
    start, width = column.get("start"), column.get("width")
    if form == "csv" and (start is not None or width is not None):
        raise BadLayout(path, f"{where} has a start or a width, which a csv has not")
    if form == "fixed-width" and not all(type(number) is int and number > 0 for number in (start, width)):
        raise BadLayout(path, f"{where} needs a start and a width, whole numbers from 1")
    return Field(name, kind, None if start is None else start - 1, width, layout)


def _check_spans(fields: tuple[Field, ...], path: str) -> None:
    ordered = sorted(fields, key=lambda field: field.span)
    for one, other in itertools.pairwise(ordered):
        if one.span[1] > other.span[0]:
            raise BadLayout(path, f"columns {one.name!r} and {other.name!r} overlap")


def _check_keys(found: Mapping[object, object], known: set[str], path: str, where: str) -> None:
    if unknown := [str(key) for key in found if key not in known]:
        raise BadLayout(path, f"{where} has {', '.join(map(repr, unknown))}; known are {', '.join(sorted(known))}")
