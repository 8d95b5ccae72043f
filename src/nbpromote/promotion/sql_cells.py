"""A cell in SQL as `spark.sql(...)`, with the notebook's parameters as named markers, never pasted into the text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from nbpromote.analysis.sql import find_query

_TOKEN = re.compile(
    r"(?P<text>'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\")|(?P<quoted>`[^`]*`)|(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<end>;)"
    r"|(?P<slot>(?:(?:\$\{\w+\}|\{\{\s*\w+\s*\}\}|\w+)\.)*(?:\$\{\w+\}|\{\{\s*\w+\s*\}\})(?:\.(?:\$\{\w+\}|\{\{\s*\w+\s*\}\}|\w+))*)"
    r"|(?P<asked>getArgument\(\s*['\"]\w+['\"]\s*\))|(?P<marker>(?<![:\w]):[A-Za-z_]\w*)",
    re.S | re.I,
)
_SLOT = re.compile(r"\$\{(\w+)\}|\{\{\s*(\w+)\s*\}\}")
_BEFORE_A_NAME = re.compile(
    r"(?:\b(?:from|join|into|table|view|use|schema|database|catalog|exists|update|overwrite)|\.)\s*$", re.I
)
_WIDGET = re.compile(r"\s*(?:create|remove)\s+widget\b", re.I)


class Untranslatable(Exception):
    """The SQL asks for something that is no parameter; the message says what."""


@dataclass(slots=True)
class Statement:
    """One statement of SQL, and the Python source of each value that it is given by name."""

    text: str = ""
    given: dict[str, str] = field(default_factory=dict)


def statements(text: str, parameters: Mapping[str, str], numbers: frozenset[str]) -> list[Statement]:
    """The statements of a text, with what they ask of `parameters` (names in SQL -> in Python) as markers.

    `numbers` are parameters that hold a number in a text, for SQL that has it pasted outside of quotes.

    Raises:
        Untranslatable: something else is asked for.
    """
    found, now, at = [], Statement(), 0

    def asked(name: str, *, bare: bool = False) -> str:
        if name not in parameters:
            raise Untranslatable(f"asks for {name}, which is no widget of the notebook")
        source = parameters[name]
        now.given[name] = f"int({source})" if bare and name in numbers else source
        return f":{name}"

    for token in _TOKEN.finditer(text):
        now.text += text[at : token.start()]
        at, piece = token.end(), token[0]
        if token["end"]:
            found.append(now)
            now = Statement()
        elif token["text"]:
            now.text += _of_text(piece, asked)
        elif token["slot"]:
            names = _SLOT.fullmatch(piece)
            if names and not _BEFORE_A_NAME.search(now.text):
                now.text += asked(names[1] or names[2], bare=True)
            else:
                now.text += f"IDENTIFIER({_joined(piece, asked)})"
        elif token["asked"]:
            now.text += asked(re.findall(r"['\"](\w+)['\"]", piece)[0])
        elif token["marker"]:
            now.text += asked(piece[1:])
        else:
            now.text += piece
    now.text += text[at:]
    return [one for one in (*found, now) if _says_anything(one.text) and not _WIDGET.match(one.text)]


def python_of(found: list[Statement], *, binds: str | None, session: str = "spark") -> str:
    """The statements as Python; the rows of the last are shown, and bound to `binds` where that is asked for."""
    lines = []
    for place, one in enumerate(found):
        text = one.text.strip()
        given = ", ".join(f'"{name}": {source}' for name, source in one.given.items())
        literal = _literal(text)
        call = f"{session}.sql({literal}" + (f", args={{{given}}})" if given else ")")
        if place < len(found) - 1 or not find_query(text).shows_rows:
            lines.append(call)
        elif binds:
            lines += [f"{binds} = {call}", f"display({binds})"]
        else:
            lines.append(f"display({call})")
    return "\n".join(lines)


def _literal(text: str) -> str:
    if '"""' in text or text.endswith('"') or "\\" in text:
        return repr(text)
    if "\n" in text or ('"' in text and "'" in text):
        return f'"""\n{text}\n"""'
    return f'"{text}"' if '"' not in text else f"'{text}'"


def _of_text(piece: str, asked: object) -> str:
    """A text in quotes: one that is nothing but a parameter is its marker, others are put together."""
    if not _SLOT.search(piece):
        return piece
    return _put_together(piece[1:-1], piece[0], asked, "concat({})", ", ")


def _joined(piece: str, asked: object) -> str:
    return _put_together(piece, "'", asked, "{}", " || ")


def _put_together(inner: str, quote: str, asked: object, whole: str, between: str) -> str:
    assert callable(asked)
    parts, at = [], 0
    for slot in _SLOT.finditer(inner):
        if slot.start() > at:
            parts.append(f"{quote}{inner[at : slot.start()]}{quote}")
        parts.append(asked(slot[1] or slot[2]))
        at = slot.end()
    if at < len(inner):
        parts.append(f"{quote}{inner[at:]}{quote}")
    return parts[0] if len(parts) == 1 else whole.format(between.join(parts))


def _says_anything(text: str) -> bool:
    return bool(re.sub(r"--[^\n]*|/\*.*?\*/", "", text, flags=re.S).strip())
