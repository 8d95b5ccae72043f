"""Columns of a frame that was joined with one made of it.

Classic Spark knows a column by a number that both frames share, Connect by the frame that it was asked of. So
`a.join(b, "key").filter(b.key.isNull())` and `.drop(b.key)` give other rows and columns there, where `b` was made of
`a`.
"""

import ast
from collections.abc import Sequence

_CHOOSERS = {
    "drop", "filter", "where", "select", "withColumn", "withColumns", "orderBy", "sort", "groupBy", "groupby", "agg",
    "dropDuplicates",
}  # fmt: skip
_JOINS = {"join", "crossJoin"}
_SESSIONS = {"get_spark", "getOrCreate", "getActiveSession"}
_Origins = dict[str, frozenset[int]]  # of a frame by its name; each frame that is read or made has one of its own


def mistaken_column(trees: Sequence[ast.Module]) -> str | None:
    """A column by the name of its frame, which Connect may take for another one than classic Spark does."""
    related: set[str] = set()
    for tree in trees:
        _follow(tree, {}, related)
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHOOSERS:
                for one in (part for argument in node.args for part in ast.walk(argument)):
                    if (name := _frame_of_column(one)) in related:
                        return f"it joins {name} with a frame of the same origin, and names a column by {name}"
    return None


def _follow(tree: ast.AST, origins: _Origins, related: set[str]) -> None:
    """Add the names of frames that are joined with others of the same origin, in the order of the statements."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            given = [one.arg for one in ast.walk(node) if isinstance(one, ast.arg)]
            _follow(node, {name: frozenset({number}) for number, name in enumerate(given)}, related)
            continue
        for call in (one for one in ast.walk(node) if isinstance(one, ast.Call)):
            match call:
                case ast.Call(func=ast.Attribute(value=left, attr=attr), args=[right, *_]) if attr in _JOINS:
                    if _of(left, origins) & _of(right, origins):
                        related |= _frames(left) | _frames(right)
                case _:
                    pass
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                made = _of(value, origins)
                origins[name] = made if made or _is_no_frame(value) else frozenset({id(node)})
            case ast.For() | ast.While() | ast.If() | ast.With() | ast.Try():
                _follow(node, origins, related)
            case _:
                pass


def _of(value: ast.expr, origins: _Origins) -> frozenset[int]:
    return frozenset().union(*(origins.get(name, frozenset()) for name in _frames(value)))


def _frames(value: ast.expr) -> set[str]:
    """The names of the frames that an expression is made of, without those in conditions and columns."""
    match value:
        case ast.Name(id=name):
            return {name}
        case ast.Call(func=ast.Attribute(value=left, attr=attr), args=arguments):
            # A frame's method, or a module's function of frames.
            passed = arguments[:1] if attr in _JOINS else [one for one in arguments if isinstance(one, ast.Name)]
            return _frames(left).union(*map(_frames, passed))
        case ast.Call(args=arguments):
            return set().union(*(_frames(one) for one in arguments if isinstance(one, ast.Name)))
        case ast.Attribute(value=left) | ast.Subscript(value=left):
            return _frames(left)
        case _:
            return set()


def _is_no_frame(value: ast.expr) -> bool:
    match value:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name in _SESSIONS
        case ast.Name() | ast.Attribute() | ast.Subscript():
            return False
        case _:
            return True


def _frame_of_column(node: ast.AST) -> str:
    match node:
        case ast.Attribute(value=ast.Name(id=name)):
            return name
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str())):
            return name
        case _:
            return ""
