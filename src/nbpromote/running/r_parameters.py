"""The parameters of a notebook in R: what its cell of parameters assigns, and values written as R."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nbpromote.notebook.model import Notebook
from nbpromote.running.kinds import Expression, Kind, Type

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)|(?P<end>[\n;])|(?P<space>[ \t\r]+)
    |(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    |(?P<number>0[xX][0-9a-fA-F]+L?|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?L?)
    |(?P<name>(?:[A-Za-z]|\.(?!\d))[\w.]*|`[^`\n]+`)
    |(?P<sign><-|<<-|->|:::?|%[^%\n]*%|.)""",
    re.VERBOSE | re.DOTALL,
)
_CONSTANTS: Mapping[str, object] = {"TRUE": True, "T": True, "FALSE": False, "F": False, "NULL": None, "NA": None}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}
_TIMES = {"as.Date": Kind.DATE, "as.POSIXct": Kind.DATETIME}
Token = tuple[str, str]  # what it is, its text


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that R code states. `around` is the call that it stands in, as `as.Date`, and `tz` its time zone."""

    type: Type
    value: object
    around: str = ""
    tz: str = ""


@dataclass(frozen=True, slots=True)
class Assigned:
    """One assignment of the cell: its name, its code, what that states when it is a literal, and the comment beside."""

    name: str
    code: str
    literal: Literal | None
    help: str = field(default="")


def assigned(source: str) -> Iterator[Assigned]:
    """The assignments at the top of a cell, in order."""
    for tokens, comment in _statements(source):
        match tokens:
            case [("name", name), ("sign", "<-" | "="), *value] if value:
                code = "".join(word for _, word in value)
                yield Assigned(name.strip("`"), code, _literal(value), comment)
            case _:
                continue


def choices(notebook: Notebook, name: str) -> tuple[object, ...]:
    """The values that the notebook's own check allows: `match.arg(name, c(...))`, `name %in% c(...)`."""
    word = re.escape(name)
    pattern = re.compile(rf"(?:match\.arg\(\s*{word}\s*,\s*|(?<![\w.]){word}\s+%in%\s+)(c\([^()]*\))")
    for cell in notebook.code_cells:
        if (found := pattern.search(cell.source)) is None:
            continue
        literal = _literal([one for one in _tokens(found[1]) if one[0] != "space"])
        if literal is not None and isinstance(literal.value, list):
            return tuple(literal.value)
    return ()


def written(cell: str, values: Mapping[str, object]) -> dict[str, Expression]:
    """These values as R writes them, each of the class that the cell of parameters gives its name."""
    known = {one.name: one.literal for one in assigned(cell)}
    return {name: Expression(_written(value, known.get(name))) for name, value in values.items()}


def text(value: str) -> str:
    """A text as R code."""
    return json.dumps(value, ensure_ascii=False)


def _written(value: object, like: Literal | None) -> str:
    kind = like.type.kind if like is not None else Kind.ANY
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return f"{value}L" if kind is Kind.INT else repr(value)
        case list():
            of = Literal(like.type.of, None) if like is not None and like.type.of is not None else None
            around = like.around if like is not None and like.around else "list"
            return f"{around}({', '.join(_written(one, of) for one in value)})"
        case _ if kind in {Kind.DATE, Kind.DATETIME} and like is not None:
            zone = f", tz = {text(like.tz)}" if like.tz else ""
            return f"{like.around or 'as.Date'}({text(str(value).replace('T', ' '))}{zone})"
    return text(str(value))


def _statements(source: str) -> Iterator[tuple[list[Token], str]]:
    """The tokens of each statement, and the comment on its last line."""
    found: list[Token] = []
    comment, depth = "", 0
    for kind, word in [*_tokens(source), ("end", "\n")]:
        if kind == "end" and depth == 0:
            if found:
                yield found, comment
            found, comment = [], ""
        elif kind == "comment":
            comment = word.lstrip("# ").strip() if found else ""
        elif kind not in {"space", "end"}:
            depth += (word in "([{") - (word in ")]}") if kind == "sign" else 0
            found.append((kind, word))


def _tokens(source: str) -> Iterator[Token]:
    for found in _TOKEN.finditer(source):
        yield found.lastgroup or "sign", found[0]


def _literal(tokens: Sequence[Token]) -> Literal | None:  # noqa: PLR0911
    match list(tokens):
        case [("sign", "-"), ("number", word)]:
            inner = _literal([("number", word)])
            return Literal(inner.type, -inner.value) if inner and isinstance(inner.value, int | float) else None
        case [("number", word)]:
            digits = word.removesuffix("L")
            if word.endswith("L") and not set("eE.") & set(digits) - set("xX"):
                return Literal(Type(Kind.INT, "integer"), int(digits, 0))
            number = float(int(digits, 16)) if digits[:2].lower() == "0x" else float(digits)
            return Literal(Type(Kind.FLOAT, "numeric"), int(number) if number.is_integer() else number)
        case [("text", word)]:
            inside = re.sub(r"\\(.)", lambda one: _ESCAPES.get(one[1], one[1]), word[1:-1], flags=re.DOTALL)
            return Literal(Type(Kind.STR, "character"), inside)
        case [("name", word)] if word in _CONSTANTS:
            value = _CONSTANTS[word]
            return Literal(Type(Kind.BOOL, "logical") if value is not None else Type(Kind.ANY, is_optional=True), value)
        case [("name", ("as.Date" | "as.POSIXct") as call), ("sign", "("), ("text", word), *rest, ("sign", ")")]:
            zone = next((other for (_, name), (_, _), (kind, other) in _named(rest) if name == "tz"), "")
            return Literal(Type(_TIMES[call], call.removeprefix("as.")), word[1:-1], call, zone.strip("\"'"))
        case [("name", ("c" | "list") as call), ("sign", "("), *inner, ("sign", ")")]:
            return _several(call, inner)
    return None


def _named(tokens: Sequence[Token]) -> Iterator[tuple[Token, Token, Token]]:
    """The `name = value` in the arguments of a call."""
    for place in range(len(tokens) - 2):
        if tokens[place][0] == "name" and tokens[place + 1] == ("sign", "="):
            yield tokens[place], tokens[place + 1], tokens[place + 2]


def _several(call: str, tokens: Iterable[Token]) -> Literal | None:
    parts: list[list[Token]] = [[]]
    for kind, word in tokens:
        if (kind, word) == ("sign", ","):
            parts.append([])
        else:
            parts[-1].append((kind, word))
    found = [_literal(part) for part in parts] if parts != [[]] else []
    if any(one is None or isinstance(one.value, list) for one in found):
        return None
    kinds = {one.type for one in found if one is not None}
    values = [one.value for one in found if one is not None]
    return Literal(Type(Kind.LIST, of=kinds.pop() if len(kinds) == 1 else None), values, call)
