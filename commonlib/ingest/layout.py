"""How a source's bytes become typed columns, as its YAML file says it.

    format: csv                    # or fixed-width, json, jsonl, excel, parquet, orc, avro
    encoding: utf-8                # decoded strictly
    columns:
      - {name: customer_id, type: text}
      - {name: date, type: date, format: dd/MM/yyyy}
      - {name: amount, type: "decimal(10,2)"}

A csv may have a delimiter, quote, escape, comment, header (false when there is none), skip (lines before the header)
and nulls (words that mean absent). Columns of a fixed-width text have `start`, 1 for the first character of a line, and
`width`. An excel may have a sheet, a json has `records` when a list in its one object has them. The types of cells are
text, integer, decimal(digits,places), number, date, timestamp (a moment), timestamp_ntz (a time without zone) and
boolean. The same file may hold the `rules` of commonlib.validation.
"""

import codecs
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, TypeAlias, cast, get_args

import pyarrow as pa
import yaml

from commonlib.ingest import fields as fields_of
from commonlib.ingest.dialect import Dialect
from commonlib.ingest.errors import BadLayout
from commonlib.ingest.fields import DEFAULT_FORMATS, Field
from commonlib.lake.errors import duplicates

# Raise it when the same bytes and the same layout come to give other rows: what was landed before is landed again.
READER = 2

Form: TypeAlias = Literal["fixed-width", "csv", "json", "jsonl", "excel", "parquet", "orc", "avro"]
FORMS = get_args(Form)

_DIALECT_KEYS = {"delimiter", "quote", "escape", "comment", "header", "skip", "nulls"}
_KEYS = {
    "format",
    "encoding",
    "columns",
    "rules",
    "on_failure",
    "description",
    "origin",
    "sheet",
    "records",
    *_DIALECT_KEYS,
}


@dataclass(frozen=True, slots=True)
class Layout:
    """The description of a source. What is None or empty was not declared, and is found out or inferred."""

    form: Form | None = None
    encoding: str | None = None
    dialect: Dialect = Dialect()  # noqa: RUF009 - frozen
    fields: tuple[Field, ...] = ()
    sheet: str | None = None
    records: str | None = None

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([pa.field(field.name, field.arrow) for field in self.fields])

    @property
    def hash(self) -> str:
        """The same for two layouts that read any source alike."""
        said = asdict(self)
        for field in said["fields"]:
            if field["personal"] is None:  # so that layouts without tags are what they were before there were any
                del field["personal"]
        return hashlib.sha256(json.dumps({"reader": READER, **said}).encode()).hexdigest()


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
    fields_of.check_keys(found, _KEYS, path, "the layout")
    if (form := found.get("format")) not in FORMS:
        raise BadLayout(path, f"format is {form!r}; it is {', '.join(FORMS[:-1])} or {FORMS[-1]}")
    columns = found.get("columns")
    if not isinstance(columns, list) or not columns:
        raise BadLayout(path, "has no columns; list each with its name and type")
    fields = tuple(fields_of.parse(column, str(form), path) for column in columns)
    if twice := duplicates([field.name for field in fields]):
        raise BadLayout(path, f"columns {', '.join(twice)} have one name, or differ in case only")
    if form == "fixed-width":
        fields_of.check_spans(fields, path)
    if form != "csv" and (
        only := sorted(_DIALECT_KEYS & found.keys() - ({"skip", "header"} if form == "excel" else set()))
    ):
        raise BadLayout(path, f"the layout has {', '.join(map(repr, only))}, which {form} has not")
    encoding = parse_encoding(found["encoding"], path) if "encoding" in found else None
    if encoding is None and form == "fixed-width":
        encoding = "utf-8-sig"
    if form == "fixed-width" and encoding is not None and encoding.startswith(("utf-16", "utf-32")):
        raise BadLayout(path, f"encoding {encoding!r} is not read for fixed-width text; save it as utf-8")
    sheet, records = (None if found.get(key) is None else str(found[key]) for key in ("sheet", "records"))
    return Layout(cast(Form, form), encoding, parse_dialect(found, path), fields, sheet, records)


def parse_dialect(found: Mapping[object, object], path: str) -> Dialect:
    """The dialect that these keys declare. Raises BadLayout."""
    words: dict[str, str | None] = {"quote": '"'}
    for key in ("delimiter", "quote", "escape", "comment"):
        value = found.get(key)
        if key in found and value is not None:
            if key == "delimiter" and isinstance(value, str):
                value = {"tab": "\t", "\\t": "\t"}.get(value, value)
            longest = 8 if key in ("delimiter", "comment") else 1
            if not isinstance(value, str) or not 1 <= len(value) <= longest or value.strip("\r\n") != value:
                raise BadLayout(path, f"{key} is {value!r}; it is one character" + ", or a few" * (longest > 1))
            if key in ("quote", "escape") and not value.isascii():
                raise BadLayout(path, f"{key} is {value!r}; it is one of ASCII's characters")
            words[key] = value
        elif key in found:
            words[key] = None
    marks = [word for word in words.values() if word]
    if len(set(marks)) != len(marks):
        raise BadLayout(path, "delimiter, quote, escape and comment must differ")
    header, skip, nulls = found.get("header"), found.get("skip", 0), found.get("nulls", [])
    if header is not None and not isinstance(header, bool):
        raise BadLayout(path, f"header is {header!r}; it is true or false")
    if not isinstance(skip, int) or isinstance(skip, bool) or skip < 0:
        raise BadLayout(path, f"skip is {skip!r}; it is the number of lines before the header")
    if not isinstance(nulls, list) or not all(isinstance(word, str) for word in nulls):
        raise BadLayout(path, f'nulls is {nulls!r}; it is a list of texts, for example [NA, "NULL"]')
    return Dialect(
        words.get("delimiter"), words["quote"], words.get("escape"), words.get("comment"), header, skip, tuple(nulls)
    )


def parse_encoding(name: object, path: str) -> str:
    """The encoding as Python calls it. Raises BadLayout."""
    try:
        info = codecs.lookup(name) if isinstance(name, str) else None
        # Some of Python's codecs, such as rot13 and base64, make no text of bytes.
        found = info.name if info is not None and isinstance(b"".decode(info.name), str) else None
    except (LookupError, UnicodeError, ValueError):
        found = None
    if found is None:
        raise BadLayout(path, f"encoding {name!r} is not known here; utf-8, utf-16, cp1252 and iso8859-1 are")
    # Python's "utf-8-sig" reads text with and without a byte order mark.
    return "utf-8-sig" if found == "utf-8" else found


def render(layout: Layout) -> str:
    """The layout as YAML, which `parse` reads again."""
    lines = [f"format: {layout.form}"]
    if layout.encoding is not None:
        lines.append(f"encoding: {layout.encoding.removesuffix('-sig')}")
    if layout.sheet is not None:
        lines.append(f"sheet: {_quote(layout.sheet)}")
    if layout.records is not None:
        lines.append(f"records: {_quote(layout.records)}")
    if layout.form == "csv":
        ours = layout.dialect
        marks = {"delimiter": ours.delimiter, "quote": ours.quote, "escape": ours.escape, "comment": ours.comment}
        lines += [
            f"{key}: {_quote(mark)}"
            for key, mark in marks.items()
            if mark is not None and (key, mark) != ("quote", '"')
        ]
        lines += ["quote: null"] if ours.quote is None else []
        lines += [f"header: {json.dumps(ours.header)}"] if ours.header is not None else []
        lines += [f"skip: {ours.skip}"] if ours.skip else []
        lines += [f"nulls: [{', '.join(map(_quote, ours.nulls))}]"] if ours.nulls else []
    lines.append("columns:")
    for field in layout.fields:
        spelled = f", format: {_quote(field.format)}" if field.format != DEFAULT_FORMATS.get(field.type) else ""
        spelled += f", personal: {field.personal}" if field.personal else ""
        lines.append(f"  - {{name: {_quote(field.name)}, type: {_quote(field.type)}{spelled}}}")
    return "\n".join(lines) + "\n"


def _quote(text: str | None) -> str:
    """The text as YAML: plain where no reader can take it for anything else, else in quotes."""
    if text is None:
        return "null"
    plain = re.fullmatch(r"[A-Za-z_][\w ]*\w|[A-Za-z_]", text, re.ASCII)
    if plain and yaml.safe_load(text) == text:
        return text
    return str(yaml.safe_dump(text, default_style='"', allow_unicode=True, width=1 << 30)).strip()
