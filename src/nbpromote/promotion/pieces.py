"""A file that a promotion writes, in the pieces that it is merged by: cells of a notebook, definitions of a module."""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass

_MARKER = re.compile(r"^# %%+(?=\s|\Z)", re.MULTILINE)  # not `# %%time`, a magic
_PARAMETERS = re.compile(r'^# %%.*tags=\[.*"parameters"')


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lines of a file. `title` is what people are told, `key` what it stays known by when its text changes, `gap`
    the blank lines before it. `text` has no blank lines at its ends."""

    text: str
    title: str
    key: str | None = None
    gap: int = 1


def pieces_of(text: str) -> tuple[Piece, ...]:
    """The pieces of a production notebook or a Python module; one piece when it is neither."""
    if _MARKER.search(text):
        return _cells(text)
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return (Piece(text.strip("\n"), "the file"),)
    return _definitions(text, tree)


def text_of(pieces: Iterable[Piece]) -> str:
    """The file that these pieces make."""
    found = list(pieces)
    return "".join("\n" * (piece.gap + 1 if place else 0) + piece.text for place, piece in enumerate(found)) + "\n"


def _cells(text: str) -> tuple[Piece, ...]:
    starts = [match.start() for match in _MARKER.finditer(text)]
    made = []
    if text[: starts[0]].strip():
        made.append(Piece(text[: starts[0]].strip("\n"), "the header", "header"))
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(text)], strict=True), 1):
        body = text[start:end].strip("\n")
        gap = len(text[:start]) - len(text[:start].rstrip("\n")) - 1
        key = "parameters" if _PARAMETERS.match(body) else None
        made.append(Piece(body, f"cell {number}", key, max(gap, 0)))
    return tuple(made)


def _definitions(text: str, tree: ast.Module) -> tuple[Piece, ...]:
    """Each function and class for itself, with its decorators and the remarks right above; the rest between them."""
    lines = text.split("\n")
    cuts: list[tuple[int, str, str | None]] = [(0, "the beginning", "beginning")]
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if cuts[-1][2] is not None and cuts[-1][2] != "beginning":
                cuts.append((node.lineno - 1, f"line {node.lineno}", None))
            continue
        first = min([node.lineno, *(one.lineno for one in node.decorator_list)]) - 1
        while first > 0 and lines[first - 1].startswith("#"):
            first -= 1
        cuts.append((first, node.name, node.name))
    made = []
    for (start, title, key), end in zip(cuts, [*(cut[0] for cut in cuts[1:]), len(lines)], strict=True):
        block = "\n".join(lines[start:end])
        if block.strip():
            before = "\n".join(lines[:start])
            gap = len(before) - len(before.rstrip("\n")) if start else 0
            made.append(Piece(block.strip("\n"), title, key, gap))
    return tuple(made)
