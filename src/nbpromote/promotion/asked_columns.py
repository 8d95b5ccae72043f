"""The columns of a table that a piece of code asks for, as far as it says so beyond doubt."""

import ast
from collections.abc import Iterable, Iterator

# Arguments of these methods name columns of the frame that they are called on.
_COLUMN_METHODS = frozenset(
    [
        "select",
        "groupBy",
        "groupby",
        "orderBy",
        "sort",
        "sort_values",
        "dropDuplicates",
        "drop_duplicates",
        "set_index",
        "partitionBy",
    ]
)
# After these a chain may speak of columns that the input does not have.
_NEW_COLUMNS = frozenset({
    "join", "merge", "agg", "union", "unionByName", "pivot", "toPandas", "crosstab", "melt", "stack", "apply", "pipe",
    "toDF", "describe", "summary", "reset_index", "to_frame", "value_counts", "transpose", "unstack", "explode", "rdd",
})  # fmt: skip
# Behind what comes next, the columns are called otherwise: `sum(units)`.
_GROUPS = frozenset(["groupBy", "groupby", "cube", "rollup"])
_NOT_COLUMNS = frozenset(
    ["lit", "expr", "concat_ws", "format_string", "udf", "pandas_udf", "broadcast", "current_date", "schema_of_json"]
)


def asked(node: ast.AST, name: str, functions: dict[str, ast.FunctionDef], depth: int) -> list[str]:
    """Columns of `name` that this piece of code asks for."""
    found: list[str] = []
    for one in _always(node):
        if isinstance(one, ast.Subscript) and isinstance(one.ctx, ast.Load) and _is(one.value, name):
            found += strings(one.slice)
        elif isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute):
            root, steps = _chain(one)
            before = [step.func.attr for step in steps[:-1] if isinstance(step.func, ast.Attribute)]
            if _is(root, name) and not set(before) & _NEW_COLUMNS and not set(before[:-1]) & _GROUPS:
                found += _columns_in_step(steps[-1])
        elif isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and depth:
            called = functions.get(one.func.id)
            for place, argument in enumerate(one.args):
                if called is not None and _is(argument, name) and place < len(called.args.args):
                    inner = called.args.args[place].arg
                    if inner not in bound_in(ast.Module(called.body, [])):
                        found += asked(ast.Module(called.body, []), inner, functions, depth - 1)
    return found


def _always(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all within it that runs whenever it does: not what an `if` or a `try` decides on."""
    yield node
    match node:
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
            inner: Iterable[ast.AST] = [test]
        case ast.BoolOp(values=[first, *_]):
            inner = [first]
        case ast.Try():
            inner = node.finalbody
        case _:
            inner = ast.iter_child_nodes(node)
    for one in inner:
        yield from _always(one)


def _chain(call: ast.Call) -> tuple[ast.expr, list[ast.Call]]:
    """What a chain of method calls begins at, and its calls from first to last."""
    steps: list[ast.Call] = []
    node: ast.expr = call
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        steps.append(node)
        node = node.func.value
    return node, steps[::-1]


def _columns_in_step(step: ast.Call) -> list[str]:
    method = step.func.attr if isinstance(step.func, ast.Attribute) else ""
    found: list[str] = []
    for argument in step.args:
        if method in _COLUMN_METHODS:
            found += strings(argument)
        for one in ast.walk(argument):
            if isinstance(one, ast.Call) and one.args and _function(one) and _function(one) not in _NOT_COLUMNS:
                found += [text for text in strings(one.args[0]) if method not in {"join", "merge"}]
    return found


def _function(call: ast.Call) -> str | None:
    """The name in `F.sum(...)`, `functions.sum(...)` or `col(...)`."""
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
        return call.func.attr if call.func.value.id in {"F", "functions", "f", "fn", "sf"} else None
    return call.func.id if isinstance(call.func, ast.Name) and call.func.id == "col" else None


def strings(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value] if node.value != "*" and node.value.isprintable() else []
    if isinstance(node, ast.List | ast.Tuple):
        return [text for element in node.elts for text in strings(element)]
    return []


def made_in(tree: ast.Module) -> set[str]:
    """Column names that the code itself makes."""
    made: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            made |= set(strings(node.slice))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in {"alias", "withColumn", "toDF", "name"}:
                made |= {
                    text
                    for argument in node.args[: 1 if node.func.attr == "withColumn" else None]
                    for text in strings(argument)
                }
            elif node.func.attr == "withColumnRenamed" and len(node.args) == 2:
                made |= set(strings(node.args[1]))
            elif node.func.attr in {"rename", "assign", "agg"}:
                made |= {keyword.arg for keyword in node.keywords if keyword.arg}
                made |= {
                    text
                    for one in ast.walk(node)
                    if isinstance(one, ast.Dict)
                    for value in one.values
                    for text in strings(value)
                }
    return made


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def bound_in(statement: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(statement) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
