"""Files beside the ad-hoc notebook that a call names, and that are no parameter: found from the root, too."""

import ast
import posixpath
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from nbpromote.notebook.model import Cell
from nbpromote.promotion.code import CellCode, parse_cell
from nbpromote.promotion.draft import Draft, Parameter, Snapshot, name_of
from nbpromote.promotion.passes.parameters import rebased
from nbpromote.promotion.plan import Decision, DecisionKind
from nbpromote.promotion.rewriting import Rewrite, contains
from nbpromote.promotion.unpacking import made_places, maker_of

# What lists a folder, or the files that a pattern fits.
_LISTING = frozenset({"listdir", "glob", "iglob", "walk", "scandir", "Path", "rglob"})
# What shows or compares a text, and is no less right when a file happens to be called so.
_TEXTS = frozenset(
    "print title set_title xlabel ylabel set_xlabel set_ylabel legend replace endswith startswith split join format "  # noqa: SIM905
    "text annotate Markdown HTML".split()
)


def apply(draft: Draft, snapshot: Snapshot) -> Draft:
    """Write such a path as seen from the root, where production notebooks run."""
    names, made = cache(snapshot.files), made_places(draft)
    draft = replace(draft, parameters=tuple(_from_the_root(draft, one, names) for one in draft.parameters))
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        for node in ast.walk(code.tree) if code else ():
            if code is None or not isinstance(node, ast.Call) or _called(node) in _TEXTS:
                continue
            for given in (*node.args, *(keyword.value for keyword in node.keywords)):
                path = given.value if isinstance(given, ast.Constant) else None
                if not isinstance(path, str) or not path or len(path) > _LONGEST or "\n" in path:
                    continue
                if maker_of(path, made) is not None:
                    continue
                place = rebased(draft.options.source, path)
                folder = posixpath.dirname(place)
                is_there = place in names(folder) or (
                    _called(node) in _LISTING and bool(names(folder if "*" in path else place.rstrip("/")))
                )
                if place != path and is_there:
                    draft = _moved(draft, cell, code, given, place)
    return draft


_LONGEST = 300


def _from_the_root(draft: Draft, one: Parameter, names: Callable[[str], tuple[str, ...]]) -> Parameter:
    """A parameter that names a folder beside the notebook, such as `DATA = "../data/"`, as seen from the root."""
    if one.annotation != '"path"':
        return one
    path = ast.literal_eval(one.default)
    place = rebased(draft.options.source, path)
    if place == path or not names(place):
        return one
    return replace(one, default=f'"{place}{"/" if path.endswith("/") else ""}"')


def _moved(draft: Draft, cell: Cell, code: CellCode, given: ast.expr, place: str) -> Draft:
    span = code.span(given)
    if any(one.cell_id == cell.id and contains(one.span, span) for one in draft.rewrites):
        return draft
    text = '"' + place.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return draft.rewriting(Rewrite(cell.id, span, text)).deciding(
        Decision(
            DecisionKind.INPUT, name_of(cell), f"{code.text(given)} is {text}",
            "a file beside the notebook, from the repository's root, where production notebooks run",
        )
    )  # fmt: skip


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
