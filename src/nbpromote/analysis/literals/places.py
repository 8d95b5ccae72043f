"""Where inline literals stand: as an argument of a call, or a side of a comparison."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Context:
    """Where an inline literal stands: the keyword and callee that it is given to, or what it is compared with."""

    callee: str = ""
    keyword: str = ""
    compared: str = ""
    operator: str = ""
    in_function: bool = False


def places(tree: ast.Module) -> Iterator[tuple[ast.expr, Context]]:  # noqa: PLR0912
    """Every constant that is an argument of a call or a side of a comparison."""
    stack: list[tuple[ast.AST, bool]] = [(statement, False) for statement in reversed(tree.body)]
    while stack:
        node, in_function = stack.pop()
        if isinstance(node, ast.Call):
            if _is_magic(node):
                continue
            callee = last_name(node.func)
            for argument in node.args:
                if _is_literal(argument):
                    yield argument, Context(callee, in_function=in_function)
            for keyword in node.keywords:
                if _is_literal(keyword.value):
                    yield keyword.value, Context(callee, keyword.arg or "", in_function=in_function)
        elif isinstance(node, ast.Compare) and len(node.ops) == 1:
            operator = type(node.ops[0]).__name__
            for side, other, swapped in (
                (node.comparators[0], node.left, False),
                (node.left, node.comparators[0], True),
            ):
                if _is_literal(side):
                    yield side, Context(
                        compared=_column_of(other), operator=_SWAPPED.get(operator, operator) if swapped else operator,
                        in_function=in_function,
                    )  # fmt: skip
        elif isinstance(node, ast.Assign) and _is_literal(node.value) and isinstance(node.targets[0], ast.Subscript):
            yield node.value, Context(keyword=_column_of(node.targets[0]), in_function=in_function)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str) and _is_literal(value):
                    yield value, Context(keyword=key.value, in_function=in_function)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Div, ast.Add)):
            for side in (node.left, node.right):
                if isinstance(side, ast.Constant) and isinstance(side.value, str):
                    yield side, Context(in_function=in_function)
        inner = in_function or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        if not isinstance(node, ast.JoinedStr):
            stack.extend((child, inner) for child in reversed(list(ast.iter_child_nodes(node))))


_SWAPPED = {"Lt": "Gt", "LtE": "GtE", "Gt": "Lt", "GtE": "LtE"}


def _is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str | int | float)
        and not isinstance(node.value, bool)
    )


def _is_magic(node: ast.Call) -> bool:
    """What a magic or shell line became."""
    return (
        isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Call)
        and (last_name(node.func.value.func) == "get_ipython")
    )


def last_name(node: ast.AST) -> str:
    """What an attribute or a name is called, without what it belongs to."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _column_of(node: ast.AST) -> str:
    """The column or variable that an expression is about: `df["amount"]`, `F.col("amount")`, `df.amount`, `amount`."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        return node.slice.value
    if isinstance(node, ast.Call):
        if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
            return node.args[0].value
        if isinstance(node.func, ast.Attribute):
            return _column_of(node.func.value)
    return last_name(node)
