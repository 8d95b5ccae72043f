"""The columns by which a notebook joins a frame to others, in pandas and in Spark."""

import ast
from collections.abc import Iterable, Iterator


def find_join_keys(statements: Iterable[ast.stmt], name: str, *, is_spark: bool) -> tuple[str, ...]:
    """The columns of the frame called `name` that its joins in these statements ask for."""
    found: list[str] = []
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call):
                found += _keys(node, name, is_spark=is_spark)
    return tuple(dict.fromkeys(found))


def _keys(call: ast.Call, name: str, *, is_spark: bool) -> Iterator[str]:
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in {"join", "merge", "merge_asof"}:
        return
    given = {one.arg: one.value for one in call.keywords if one.arg}
    sides = [call.func.value, *call.args]
    if isinstance(call.func.value, ast.Name) and call.func.value.id in {"pd", "pandas"}:
        sides = list(call.args)
    left = sides[0] if sides else given.get("left")
    right = sides[1] if len(sides) > 1 else given.get("right", given.get("other"))
    is_left, is_right = _is(left, name), _is(right, name)
    if is_spark:
        condition = given.get("on", sides[2] if len(sides) > 2 else None)
        yield from _strings(condition) if is_left or is_right else ()
        yield from _compared(condition, name)  # whatever stands on the left: it is a column of this frame
        return
    if not (is_left or is_right):
        return
    if call.func.attr != "join":
        yield from _strings(given.get("on"))
        yield from _strings(given.get("left_on" if is_left else "right_on"))
    elif is_left:  # pandas joins a column of the left frame to the index of the right one
        yield from _strings(given.get("on", sides[2] if len(sides) > 2 else None))


def _compared(condition: ast.expr | None, name: str) -> Iterator[str]:
    """`frame.key` and `frame["key"]` in a condition."""
    for node in ast.walk(condition) if condition is not None else ():
        if isinstance(node, ast.Attribute) and _is(node.value, name):
            yield node.attr
        elif isinstance(node, ast.Subscript) and _is(node.value, name):
            yield from _strings(node.slice)


def _is(node: ast.expr | None, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _strings(node: ast.expr | None) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isprintable():
        yield node.value
    elif isinstance(node, ast.List | ast.Tuple):
        for one in node.elts:
            yield from _strings(one)
