"""What a change of a module means for those who import it, in the terms of semantic versioning."""

import ast
from dataclasses import dataclass
from enum import IntEnum

from nbpromote.analysis.clones import read_scope


class Size(IntEnum):
    """How much a change asks of callers: nothing new, nothing to do, something to do."""

    PATCH = 1
    MINOR = 2
    MAJOR = 3


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a module: the name that it is about, as callers write it (`cash.factor`), and what happens."""

    size: Size
    name: str
    what: str


def find_changes(module: str, before: str | None, after: str) -> tuple[Change, ...]:
    """What changes for callers between two texts of a module; none when the code is the same.

    Breaking changes are those that griffe finds: https://mkdocstrings.github.io/griffe/guide/users/checking/. A type
    that is written where there was none breaks nobody.
    """
    added = sorted(_public(after) - _public(before or ""))
    new = tuple(Change(Size.MINOR, f"{module}.{name}", "is new") for name in added)
    if before is None:
        return new
    if _code(before) == _code(after):
        return ()
    found = (*_breaking(module, before, after), *new)
    told = {change.name for change in found}
    old, now = (read_scope(_tree(text).body).forms() for text in (before, after))
    within = [f"{module}.{name}" for name, form in now.items() if name in old and form.key != old[name].key]
    patches = (Change(Size.PATCH, name, "computes something else") for name in within if name not in told)
    return (*found, *patches) or (Change(Size.PATCH, module, "says other things of itself"),)


def _breaking(module: str, before: str, after: str) -> tuple[Change, ...]:
    import logging
    from pathlib import Path

    import griffe

    logging.getLogger("griffe").setLevel(logging.CRITICAL)
    old, new = (griffe.visit(module, filepath=Path(f"{module}.py"), code=text) for text in (before, after))
    left_out = {griffe.BreakageKind.RETURN_CHANGED_TYPE, griffe.BreakageKind.ATTRIBUTE_CHANGED_VALUE}
    found: dict[str, Change] = {}
    for one in griffe.find_breaking_changes(old, new):
        if one.kind not in left_out:
            path = one.obj.path
            found.setdefault(path, Change(Size.MAJOR, path, _words(one.kind.name, path, after)))
    for path, now in _parameters(new).items():
        then = _parameters(old).get(path)
        if then is not None and path not in found and not now <= then:
            found[path] = Change(Size.MINOR, path, f"takes {', '.join(sorted(now - then))}")
    return tuple(found.values())


def _words(kind: str, path: str, after: str) -> str:
    if kind == "OBJECT_REMOVED":
        return "is gone"
    nodes = {node.name: node for node in _tree(after).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    node = nodes.get(path.partition(".")[2])
    if kind.startswith("PARAMETER") and node is not None:
        return f"is called {node.name}({ast.unparse(node.args)})"
    return "is called otherwise" if kind.startswith("PARAMETER") else "is another kind of thing"


def _parameters(module: object) -> dict[str, set[str]]:
    found = {}
    for one in getattr(module, "functions", {}).values():
        found[one.path] = {parameter.name for parameter in one.parameters}
    return found


def _public(text: str) -> set[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in _tree(text).body if isinstance(node, kinds) and not node.name.startswith("_")}


def _code(text: str) -> str:
    return ast.dump(_tree(text))


def _tree(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return ast.Module([], [])
