"""What a write's place is called in the lake: a dataset, and in it a file or a partition."""

import ast
import posixpath
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass

Part = str | ast.expr

_EXTENSIONS = frozenset({
    "csv", "tsv", "txt", "json", "jsonl", "parquet", "pq", "orc", "xlsx", "xls", "pkl", "pickle", "joblib", "png",
    "jpg", "jpeg", "svg", "pdf", "html", "npy", "npz", "h5", "hdf5", "feather", "avro", "gz", "zip", "md", "yaml",
    "yml", "keras", "pt", "pth", "onnx", "sav", "bin", "log", "xml", "tex",
})  # fmt: skip
_SLOT = re.compile(r"%[-+ 0#]*\d*(?:\.\d+)?[sdfgexr]")
_HIVE = re.compile(r"([^\W\d]\w*)=$")
_LIKE_A_FOLDER = re.compile(
    r"(?:^|_)(?:path|dir|directory|folder|root|base|prefix|out|output|dest|to|file)(?:_|$)|dir$|path$"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a write goes, as its expression says.

    `key` is equal for places of one dataset, `stem` what the dataset wants to be called (empty: nothing says), `file`
    the Python source of the file's name, `partition` the columns and the sources of their values, `pattern` what its
    targets look like, with a group for each value of the partition (None: like anything).
    """

    key: str
    stem: str
    file: str
    partition: tuple[tuple[str, str], ...] = ()
    pattern: str | None = None


def literal_place(target: str) -> Place:
    """The place that is known as it is."""
    name = posixpath.basename(target.replace("\\", "/").rstrip("/")) or "data"
    stem = name
    if "/" not in target and target.count(".") and not _has_extension(name):
        stem = name.split(".")[-1]  # a table of a schema
    else:
        stem = name.split(".")[0]
    return Place(target, stem, quoted(name), (), re.escape(posixpath.normpath(target)))


def computed_place(expression: ast.expr, known: Mapping[str, str]) -> Place:
    """The place that code computes; `known` are names of which the text is known and will not change."""
    parts = parts_of(expression, known)
    if all(isinstance(one, str) for one in parts):
        return literal_place("".join(one for one in parts if isinstance(one, str)))
    folder, last = _split(parts)
    constants = [word for one in folder if isinstance(one, str) for word in one.split("/") if _is_name(word)]
    own = [word for one in last if isinstance(one, str) for word in re.split(r"[^\w]+", one) if _says(word)]
    stem = constants[-1] if constants else next(iter(own), "")
    pattern = "".join(re.escape(one) if isinstance(one, str) else "(.+)" for one in parts)
    if not any(isinstance(one, str) for one in parts):
        pattern = ""
    return Place(
        key="".join(one if isinstance(one, str) else "{}" for one in (folder or last)),
        stem=stem.split("=")[0],
        file=_file_name(expression, folder, last),
        partition=_partition(folder, last),
        pattern=pattern or None,
    )


def parts_of(node: ast.expr, known: Mapping[str, str]) -> list[Part]:  # noqa: PLR0911
    """A text as its constant parts and the expressions between them."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.Name(id=name) if name in known:
            return [known[name]]
        case ast.JoinedStr(values=values):
            return _merged([part for value in values for part in parts_of(value, known)])
        case ast.FormattedValue(value=ast.Name(id=name), format_spec=None, conversion=-1) if name in known:
            return [known[name]]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _merged([*parts_of(left, known), *parts_of(right, known)])
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _merged([*parts_of(left, known), "/", *parts_of(right, known)])
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod(), right=right):
            given = right.elts if isinstance(right, ast.Tuple) else [right]
            return _filled(_SLOT.split(text), given, node)
        case ast.Call(func=ast.Attribute(attr="format", value=ast.Constant(value=str(text))), args=given, keywords=[]):
            fields = list(string.Formatter().parse(text))
            if all(field in {None, ""} for _, field, _, _ in fields):
                return _filled([*(lead for lead, _, _, _ in fields), *([""] if fields[-1][1] is not None else [])],
                               given, node)  # fmt: skip
        case ast.Call(func=function, args=given, keywords=[]) if given and _joins(function):
            joined: list[Part] = []
            for one in given:
                joined += ["/", *parts_of(one, known)] if joined else parts_of(one, known)
            return _merged(joined)
        case ast.Call(func=ast.Name(id="str"), args=[inner], keywords=[]):
            return parts_of(inner, known)
    return [node]


def _joins(function: ast.expr) -> bool:
    if isinstance(function, ast.Attribute):
        return (function.attr == "join" and ast.unparse(function.value).endswith("path")) or function.attr in {
            "Path", "PurePath"
        }  # fmt: skip
    return isinstance(function, ast.Name) and function.id in {"Path", "PurePath"}


def _filled(texts: list[str], given: list[ast.expr], node: ast.expr) -> list[Part]:
    if len(texts) != len(given) + 1 or any(isinstance(one, ast.Starred) for one in given):
        return [node]
    parts: list[Part] = [texts[0]]
    for value, text in zip(given, texts[1:], strict=True):
        parts += [value, text]
    return _merged(parts)


def _merged(parts: list[Part]) -> list[Part]:
    found: list[Part] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        elif part != "":
            found.append(part)
    return found


def _split(parts: list[Part]) -> tuple[list[Part], list[Part]]:
    """The folder's parts, and those behind the last slash."""
    for place in range(len(parts) - 1, -1, -1):
        part = parts[place]
        if isinstance(part, str) and "/" in part.rstrip("/" if place == len(parts) - 1 else ""):
            before, _, behind = part.rstrip("/" if place == len(parts) - 1 else "").rpartition("/")
            return [*parts[:place], before + "/"], [*([behind] if behind else []), *parts[place + 1 :]]
    return [], parts


def _file_name(expression: ast.expr, folder: list[Part], last: list[Part]) -> str:
    if len(last) == 1 and isinstance(last[0], str):
        return quoted(last[0].rstrip("/"))
    first = last[0] if last else expression
    if not folder and not isinstance(first, str) and (
        len(last) == 1 or _LIKE_A_FOLDER.search(_called(first).lower()) or not _called(first)
    ):  # fmt: skip
        return f"os.path.basename({ast.unparse(expression)})"
    return source_of(last)


def source_of(parts: list[Part]) -> str:
    """The parts as the source of one text."""
    values: list[ast.expr] = []
    for part in parts:
        if isinstance(part, str):
            values.append(ast.Constant(part))
        elif isinstance(part, ast.FormattedValue):
            values.append(part)
        else:
            values.append(ast.FormattedValue(part, -1))
    made = ast.unparse(ast.JoinedStr(values))
    return f'f"{made[2:-1]}"' if made.startswith("f'") and '"' not in made and "\\" not in made else made


def _partition(folder: list[Part], last: list[Part]) -> tuple[tuple[str, str], ...]:
    """A column for each computed part that follows a constant one, or is in the last segment."""
    parts: list[Part] = list(last)
    for place, part in enumerate(folder):
        if isinstance(part, str) and any(_is_name(word) for word in part.split("/")):
            parts = [*folder[place:], *last]
            break
    found: dict[str, str] = {}
    for place, part in enumerate(parts):
        if isinstance(part, str):
            continue
        before = parts[place - 1] if place else ""
        hive = _HIVE.search(before) if isinstance(before, str) else None
        name = re.sub(r"\W", "_", hive[1] if hive else _called(part)).lower() or "part"
        name = name if name not in found else f"{name}_{len(found) + 1}"
        plain = isinstance(part, ast.FormattedValue) and part.format_spec is None and part.conversion == -1
        value = part.value if isinstance(part, ast.FormattedValue) and plain else part
        found[name] = source_of([value]) if isinstance(value, ast.FormattedValue) else ast.unparse(value)
    return tuple(found.items())


def _called(part: ast.expr) -> str:  # noqa: PLR0911
    """What a person would call this value."""
    match part:
        case ast.FormattedValue(value=value):
            return _called(value)
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Call(args=[inner, *_]) if not isinstance(inner, ast.Starred):
            return _called(inner)
        case ast.Call(func=ast.Attribute(value=value)):
            return _called(value)
    return ""


def slug(text: str) -> str:
    """The text as a dataset can be called; empty when nothing of it can."""
    words = re.sub(r"[^A-Za-z0-9_-]+", "_", text).strip("_-").lower()
    return words[:90]


def quoted(text: str) -> str:
    made = repr(text)
    return f'"{made[1:-1]}"' if made.startswith("'") and '"' not in made else made


def _is_name(word: str) -> bool:
    return bool(re.search(r"[A-Za-z]", word)) and not word.endswith(":")


def _says(word: str) -> bool:
    return bool(re.search(r"[A-Za-z]{2}", word)) and word.lower() not in _EXTENSIONS


def _has_extension(name: str) -> bool:
    return name.rsplit(".", 1)[-1].lower() in _EXTENSIONS
