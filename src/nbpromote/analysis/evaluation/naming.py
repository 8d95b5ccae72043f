"""Which parts of a call name the data that it reads or writes, hold it, and say how."""

import ast

from nbpromote.analysis.evaluation.values import Value
from nbpromote.analysis.facts import Direction, TargetKind
from nbpromote.analysis.library import AccessSpec


def named_by(spec: AccessSpec, path: str, node: ast.Call, chain: dict[str, ast.expr]) -> ast.expr | None:
    """The expression that names the data."""
    if path.startswith("pathlib.Path.") and isinstance(node.func, ast.Attribute):
        return node.func.value
    return argument_of(node, spec.position, spec.argument) or chain.get("path")


def target_kind_of(node: ast.expr | None) -> TargetKind:
    if isinstance(node, ast.Constant):
        return TargetKind.LITERAL
    return TargetKind.NAME if isinstance(node, ast.Name) else TargetKind.COMPUTED


def chain_of(node: ast.Call) -> dict[str, ast.expr]:
    """The settings in `df.write.mode("overwrite").option("header", True).csv(...)`."""
    found: dict[str, ast.expr] = {}
    step: ast.expr = node
    while isinstance(step, (ast.Call, ast.Attribute)):
        if isinstance(step, ast.Call):
            if isinstance(step.func, ast.Attribute):
                name, given = step.func.attr, step.args
                if name == "option" and len(given) == 2 and isinstance(given[0], ast.Constant):
                    found.setdefault(str(given[0].value), given[1])
                elif name == "writeTo" and given:
                    found.setdefault("path", given[0])
                elif name in {"mode", "format", "partitionBy"} and given:
                    found.setdefault(name, given[0])
                found.update((each.arg, each.value) for each in step.keywords if each.arg and each.arg not in found)
            step = step.func
        else:
            step = step.value
    return found


def receiver_of(node: ast.Call, spec: AccessSpec, path: str) -> ast.expr | None:
    """The expression of the data that is written."""
    if spec.direction is Direction.READ:
        return None
    if spec.data is not None:
        return argument_of(node, spec.data, None)
    if not isinstance(node.func, ast.Attribute):
        return None
    step: ast.expr = node.func.value
    if not path.startswith("pyspark.DataFrameWriter"):
        return step
    while isinstance(step, (ast.Call, ast.Attribute)):
        if isinstance(step, ast.Attribute) and step.attr in {"write", "writeStream", "writeTo"}:
            return step.value
        step = step.func if isinstance(step, ast.Call) else step.value
    return None


def argument_of(node: ast.Call, position: int | None, name: str | None) -> ast.expr | None:
    for keyword in node.keywords:
        if name is not None and keyword.arg == name:
            return keyword.value
    if position is not None and position < len(node.args) and not isinstance(node.args[position], ast.Starred):
        return node.args[position]
    return None


def text_of(node: ast.expr | None) -> str | None:
    return str(node.value) if isinstance(node, ast.Constant) else None


def text_value_of(value: Value | None) -> str | None:
    return value.text if value is not None else None
