"""How a JSON file is written: indent, separators, escapes, numbers, so that it is written again in the same way."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, product

# Jackson and Gson, which Databricks' exports come from, escape what HTML gives a meaning to.
_HTML = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "=": "\\u003d", "'": "\\u0027"}
_INDENT = re.compile(r"\A[\[{]\r?\n([ \t]+)")
_ESCAPE = re.compile(r"\\(?:u[0-9a-f]{4}|.)")
_SEPARATORS = ((",", ": "), (", ", ": "), (",", ":"), (",", " : "))


@dataclass(frozen=True, slots=True)
class JsonStyle:
    """`escaped` are characters of HTML that are written as escapes; `number` marks numbers that keep their spelling."""

    indent: int | str | None = 1
    separators: tuple[str, str] = (",", ": ")
    is_ascii: bool = False
    escaped: str = ""
    newline: str = "\n"
    end: str = "\n"
    number: str = "number:"
    has_upper: bool = False


def load(text: str) -> tuple[object, JsonStyle, bool]:
    """The document, the style in which it is written, and whether that style gives back the text exactly."""
    style = JsonStyle()
    mark = "number:"
    while mark in text:
        mark += ":"

    def members(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in pairs:
            # Databricks writes an output's type twice.
            times = next(times for times in count() if key + mark * times not in found)
            found[key + mark * times] = value
        return found

    # A number with a point keeps its spelling (1.0E-4) as a marked text.
    document = json.loads(text, parse_float=lambda written: f"{mark}{written}", object_pairs_hook=members)
    for style in _candidates(text, mark):
        if dump(document, style) == text:
            return document, style, True
    return document, style, False


def dump(document: object, style: JsonStyle) -> str:
    """The document as text in this style."""
    text = json.dumps(document, indent=style.indent, separators=style.separators, ensure_ascii=style.is_ascii)
    text = re.sub(rf'"{re.escape(style.number)}([-+0-9.eE]+)"', r"\1", text)
    text = text.replace(style.number, "")
    if style.has_upper:
        text = _ESCAPE.sub(lambda found: found[0] if found[0][1] != "u" else f"\\u{found[0][2:].upper()}", text)
    for character in style.escaped:
        text = text.replace(character, _HTML[character])
    return text.replace("\n", style.newline) + style.end


def _candidates(text: str, mark: str) -> Iterator[JsonStyle]:
    found = _INDENT.match(text)
    indent = None if not found else len(found[1]) if found[1].isspace() and "\t" not in found[1] else found[1]
    newline = "\r\n" if "\r\n" in text else "\n"
    end = text[len(text.rstrip()) :]
    escaped = "".join(character for character, escape in _HTML.items() if escape in text.lower())
    has_upper = re.search(r"\\u[0-9]*[A-F]", text) is not None
    # The last one is what is taken when none gives back the text: Jupyter's own separators.
    for separators, is_ascii in product(_SEPARATORS[::-1], (True, False)):
        yield JsonStyle(indent, separators, is_ascii, escaped, newline, end, mark, has_upper)
