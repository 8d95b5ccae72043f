"""The folders in which an ad-hoc notebook's imports are looked for: its own, and those that it adds to `sys.path`."""

import ast
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from nbpromote.promotion.code import parse_cell
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.rewriting import Rewrite

_SAME = frozenset({"abspath", "realpath", "normpath", "expanduser", "str", "Path", "resolve", "absolute", "as_posix"})
_ADDS = {"append": 0, "insert": 1}


@dataclass(frozen=True, slots=True)
class Added:
    """A folder, as seen from the repository's root, that these lines add to `sys.path`."""

    folder: str
    lines: tuple[Rewrite, ...]


def find_added(draft: Draft) -> Iterator[Added]:
    """What the cells that stay add by a place that their code tells."""
    here = posixpath.dirname(draft.options.source)
    codes = [(cell, code) for cell in draft.kept_code if (code := parse_cell(cell.source)) is not None]
    uses: dict[str, int] = {}
    known: dict[str, tuple[str, Rewrite | None]] = {}
    for cell, code in codes:
        for node in ast.walk(code.tree):
            if isinstance(node, ast.Name):
                uses[node.id] = uses.get(node.id, 0) + 1
        for statement in code.tree.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    span = code.whole_lines(statement)
                    known[name] = (_place(value, {}), Rewrite(cell.id, span, "") if span else None)
    for cell, code in codes:
        for statement in code.tree.body:
            span = code.whole_lines(statement)
            given = _given(statement)
            place = _place(given, {name: one for name, (one, _) in known.items()}) if given is not None else ""
            if given is None or not place or span is None:
                continue
            lines = [Rewrite(cell.id, span, "")]
            if isinstance(given, ast.Name):
                own = sum(isinstance(one, ast.Name) and one.id == given.id for one in ast.walk(statement))
                made = known[given.id][1]
                lines += [made] if made is not None and uses[given.id] == own + 1 else []
            yield Added(posixpath.normpath(posixpath.join(here, place)), tuple(lines))


def _given(statement: ast.stmt) -> ast.expr | None:
    """What a statement adds to `sys.path`, also only `if` it is not there yet."""
    match statement:
        case ast.If(
            test=ast.Compare(ops=[ast.NotIn()], comparators=[ast.Attribute(attr="path")]), body=[inner], orelse=[]
        ):
            return _given(inner)
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(attr=method, value=ast.Attribute(attr="path", value=ast.Name(id="sys"))), args=args
            )
        ) if method in _ADDS and len(args) == _ADDS[method] + 1:
            return args[-1]
    return None


def _place(node: ast.expr, known: dict[str, str]) -> str:  # noqa: PLR0911
    """A place as seen from the notebook's folder; empty where the code does not tell it."""
    match node:
        case ast.Constant(value=str(text)):
            return text if text and not posixpath.isabs(text) else ""
        case ast.Name(id=name):
            return known.get(name, "")
        case ast.Attribute(attr="pardir"):
            return ".."
        case ast.Attribute(attr="parent", value=inner):
            place = _place(inner, known)
            return posixpath.join(place, "..") if place else ""
        case ast.Call(func=ast.Attribute(attr="getcwd" | "cwd")):
            return "."
        case ast.Call(func=ast.Attribute(attr="join"), args=parts):
            places = [_place(one, known) for one in parts]
            return posixpath.join(*places) if places and all(places) else ""
        case ast.Call(func=ast.Attribute(attr="resolve" | "absolute" | "as_posix", value=inner), args=[]):
            return _place(inner, known)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[inner]) if name in _SAME:
            return _place(inner, known)
        case ast.BinOp(left=left, op=ast.Div() | ast.Add(), right=right):
            places = [_place(left, known), _place(right, known)]
            return posixpath.join(places[0], places[1].lstrip("/")) if all(places) else ""
    return ""
