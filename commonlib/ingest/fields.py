"""One column of a source: its type, and how its cells are spelled."""

import datetime
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from commonlib.ingest import types
from commonlib.ingest.errors import BadLayout
from commonlib.lake import paths

_COLUMN_KEYS = {"name", "type", "start", "width", "format", "description", "personal"}
_PERSONAL = ("mask", "hash", "drop")
_TOKENS = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_TOKEN = "|".join(_TOKENS)
ISO = "iso"
DEFAULT_FORMATS = {"date": "yyyy-MM-dd", "timestamp": "yyyy-MM-dd HH:mm:ss", "timestamp_ntz": ISO}


@dataclass(frozen=True, slots=True)
class Field:
    """One column of the source. `start` and `width` count characters; `start` of the first one is 0 here."""

    name: str
    type: str
    start: int | None = None
    width: int | None = None
    format: str | None = None
    personal: str | None = None

    @property
    def arrow(self) -> pa.DataType:
        return types.parse(self.type)

    @property
    def span(self) -> tuple[int, int]:
        if self.start is None or self.width is None:
            raise ValueError("BUG: only a column of fixed-width text has a span; please report how")
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

    @property
    def time_pattern(self) -> tuple[str, str] | None:
        """A pattern that the format's texts match, and what makes ISO's spelling of one; None for a format in part."""
        tokens = re.findall(_TOKEN, self.format or "")
        needed = ["yyyy", "MM", "dd"] if self.type == "date" else [*_TOKENS]
        if sorted(tokens) != sorted(needed):
            return None
        pattern = "".join(
            f"([0-9]{{{len(part)}}})" if part in _TOKENS else re.escape(part)
            for part in re.split(f"({_TOKEN})", self.format or "")
        )
        place = {token: rf"\{tokens.index(token) + 1}" for token in tokens}
        iso = "{yyyy}-{MM}-{dd}" if self.type == "date" else "{yyyy}-{MM}-{dd} {HH}:{mm}:{ss}"
        return rf"\A{pattern}\z", iso.format(**place)


def parse(column: object, form: str, path: str) -> Field:
    """The column that a layout of this form describes. Raises BadLayout."""
    if not isinstance(column, dict) or not isinstance(column.get("name"), str) or not column["name"]:
        raise BadLayout(path, f"column {column!r} has no name; write {{name: amount, type: integer}}")
    name = column["name"]
    where = f"column {name!r}"
    check_keys(column, _COLUMN_KEYS, path, where)
    if name.casefold() == paths.ATTEMPT:
        raise BadLayout(path, f"{where} has a name that the lake uses itself; rename it")
    kind = column.get("type")
    decimal = types.DECIMAL.fullmatch(kind) if isinstance(kind, str) else None
    if (decimal and not 1 <= int(decimal[1]) <= 38) or (decimal and int(decimal[2]) > int(decimal[1])):
        raise BadLayout(path, f"{where} is {kind}; a decimal has 1 to 38 digits, and no more places than digits")
    if not isinstance(kind, str) or (kind not in types.OF_TEXT and decimal is None and not _is_type(kind, form)):
        raise BadLayout(
            path, f"{where} has type {kind!r}; the types are {', '.join(types.OF_TEXT)} and decimal(digits,places)"
        )
    spelled = column.get("format", DEFAULT_FORMATS.get(kind))
    if spelled is not None and (kind not in DEFAULT_FORMATS or not isinstance(spelled, str)):
        raise BadLayout(path, f"{where} has a format {spelled!r}; only dates and timestamps have one, as text")
    if spelled not in (None, ISO) and (left := re.search("[A-Za-z%]", re.sub(_TOKEN, "", spelled.replace("T", "")))):
        raise BadLayout(path, f"{where} has format {spelled!r} with {left[0]!r}; write it with {', '.join(_TOKENS)}")
    start, width = column.get("start"), column.get("width")
    if form != "fixed-width" and (start is not None or width is not None):
        raise BadLayout(path, f"{where} has a start or a width, which a {form} has not")
    if form == "fixed-width" and not all(type(number) is int and number > 0 for number in (start, width)):
        raise BadLayout(path, f"{where} needs a start and a width, whole numbers from 1")
    tag = column.get("personal")
    if tag is not None and tag not in _PERSONAL:
        raise BadLayout(path, f"{where} has personal: {tag!r}; when published it is {', '.join(_PERSONAL)}")
    return Field(name, kind, None if start is None else start - 1, width, spelled, tag)


def _is_type(kind: str, form: str) -> bool:
    """Whether values of such a type can come from a source of this form, beside those that a text can be read as."""
    try:
        types.parse(kind)
    except ValueError:
        return False
    return form in ("json", "jsonl", "parquet", "orc", "avro")


def check_spans(fields: tuple[Field, ...], path: str) -> None:
    """That no two columns of fixed-width text overlap. Raises BadLayout."""
    ordered = sorted(fields, key=lambda field: field.span)
    for one, other in itertools.pairwise(ordered):
        if one.span[1] > other.span[0]:
            raise BadLayout(path, f"columns {one.name!r} and {other.name!r} overlap")


def check_keys(found: Mapping[object, object], known: set[str], path: str, where: str) -> None:
    """That the description has no keys but these. Raises BadLayout."""
    if unknown := [str(key) for key in found if key not in known]:
        raise BadLayout(path, f"{where} has {', '.join(map(repr, unknown))}; known are {', '.join(sorted(known))}")
