"""Statements of which the order does not matter: parameters, checks and imports, merged by the names that they bind."""

import ast
from typing import TypeGuard

_Lines = list[str]


def merge_declarations(base: str, mine: str, now: str) -> _Lines | None:
    """Statements that bind a name each and read none of the others' (parameters, checks, imports), merged by name.

    None when this is something else, or when both sides changed one of them.
    """
    sides = [_declarations(text) for text in (base, mine, now)]
    if any(side is None for side in sides):
        return None
    gaps = {name: line for side in reversed(sides) for name, line in (side or {}).items()}
    gaps = {name: line[: len(line) - len(line.lstrip("\n"))] for name, line in gaps.items()}
    before, yours, theirs = ({name: line.lstrip("\n") for name, line in (side or {}).items()} for side in sides)
    merged: dict[str, str] = {}
    for name, line in theirs.items():
        if name in yours and yours[name] != before.get(name) and line not in {before.get(name), yours[name]}:
            return None
        if name in before and name not in yours:
            if line != before[name]:
                return None
            continue
        merged[name] = yours[name] if line == before.get(name) else line
    if any(name in before and name not in theirs and line != before[name] for name, line in yours.items()):
        return None
    added = {name: line for name, line in yours.items() if name not in before and name not in theirs}
    lines = [gaps[name] + line for name, line in _in_order(merged, added, list(yours)).items()]
    return [*_head(now), "\n".join(lines).lstrip("\n")]


def _in_order(merged: dict[str, str], added: dict[str, str], order: list[str]) -> dict[str, str]:
    """The declarations with people's own after the one that they put them behind."""
    result = dict(merged)
    for name, line in added.items():
        ahead = [one for one in order[: order.index(name)] if one in result]
        items = list(result.items())
        place = list(result).index(ahead[-1]) + 1 if ahead else 0
        result = dict([*items[:place], (name, line), *items[place:]])
    return result


def _head(text: str) -> _Lines:
    """The marker of a cell."""
    return [line for line in text.split("\n")[:1] if line.startswith("# %%")]


def _declarations(text: str) -> dict[str, str] | None:
    """Name -> its lines with the blank ones before it, of a piece of nothing but independent declarations."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    lines = text.split("\n")
    found: dict[str, str] = {}
    reads: dict[str, set[str]] = {}
    start = len(_head(text))
    for node in tree.body:
        name = _declared(node)
        if name is None or name in found or node.end_lineno is None:
            return None
        found[name] = "\n".join(lines[start : node.end_lineno]).rstrip("\n")
        reads[name] = {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}
        start = node.end_lineno
    rest = "\n".join(lines[start:]).strip()
    if not found or rest or any((reads[name] - {name}) & found.keys() for name in found):
        return None
    return found


def _declared(node: ast.stmt) -> str | None:
    if isinstance(node, ast.Import | ast.ImportFrom):
        module = "." * node.level + (node.module or "") if isinstance(node, ast.ImportFrom) else ""
        return f"{module} {', '.join(alias.asname or alias.name for alias in node.names)}"
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return "the docstring"
    if is_type_guard(node):
        return "TYPE_CHECKING"
    target: ast.expr | None = node.target if isinstance(node, ast.AnnAssign) else None
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
    return target.id if isinstance(target, ast.Name) else None


def is_type_guard(node: ast.stmt) -> TypeGuard[ast.If]:
    """Whether the statement guards what only type checkers need."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def are_bound_up(one: str, other: str) -> bool:
    """Whether the order of two new pieces may matter: one binds what the other binds or reads."""
    names = [_names(text) for text in (one, other)]
    if names[0] is None or names[1] is None:
        return True
    (binds, reads), (other_binds, other_reads) = names[0], names[1]
    return bool(binds & (other_binds | other_reads) or other_binds & reads)


def _names(text: str) -> tuple[set[str], set[str]] | None:
    """The names that a piece binds and reads; None when it is no Python."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    binds: set[str] = set()
    reads: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (reads if isinstance(node.ctx, ast.Load) else binds).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            binds.add(node.name)
        elif isinstance(node, ast.alias):
            binds.add((node.asname or node.name).split(".")[0])
    return binds, reads
