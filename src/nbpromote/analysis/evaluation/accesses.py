"""Lineage: where a call reads or writes data, and which."""

import ast
import posixpath
from collections.abc import Callable

from nbpromote.analysis.evaluation.state import State
from nbpromote.analysis.evaluation.values import Value
from nbpromote.analysis.facts import Access, AccessKind, Direction, Span, TargetKind
from nbpromote.analysis.library import AccessSpec

_WRITER_STEPS = frozenset("mode format option options partitionBy bucketBy sortBy write read load schema table".split())
_NOT_NAMED = frozenset({"io.file", "io.StringIO", "io.BytesIO"})
_URL = ("http://", "https://", "ftp://", "ftps://")
_OPEN_MODES = {"w": "overwrite", "x": "errorifexists", "a": "append"}
Given = Callable[[int | None, str | None], Value | None]


def note_access(state: State, spec: AccessSpec, path: str, given: Given, node: ast.Call) -> None:
    """Record that this call reads or writes data, unless it works on an open file or in memory."""
    code = state.code
    target_node = _argument(node, spec.position, spec.argument)
    value = given(spec.position, spec.argument)
    chain = _chain(node) if path.startswith(("pyspark.DataFrameWriter", "pyspark.DataFrameReader")) else {}
    if (
        target_node is None
        and value is None
        and "path" not in chain
        and spec.position is not None
        and not path.startswith("pyspark.")
    ):
        return
    if value is not None and (value.type in _NOT_NAMED or value.type.startswith("io.")):
        return
    if value is not None and value.constant is None:
        return
    if code is None:
        return
    direction, mode = spec.direction, spec.mode
    if path in {"open", "io.open", "pathlib.Path.open", "gzip.open", "bz2.open", "lzma.open", "codecs.open"}:
        direction, mode = _opened(given, is_method=path == "pathlib.Path.open")
    elif direction is Direction.WRITE:
        mode = _mode(given, chain) or mode
    text = value.constant if value is not None and isinstance(value.constant, str) else None
    expression_span: Span | None = None
    if path.startswith("pathlib.Path.") and isinstance(node.func, ast.Attribute):
        owner = node.func.value
        target_node = owner
        known = state.path_of(owner)
        text = known if isinstance(known, str) else None
    if target_node is None and "path" in chain:
        target_node = chain["path"]
        text = (
            target_node.value if isinstance(target_node, ast.Constant) and isinstance(target_node.value, str) else None
        )
    receiver = _receiver(node, spec, path)
    is_mine = state.followed == 0
    if target_node is not None and is_mine:
        expression_span = code.span(target_node)
    expression = ast.unparse(target_node) if target_node is not None and not is_mine else None
    if expression_span is not None:
        expression = code.text(expression_span)
    kind = spec.kind
    if spec.is_query:
        for query_direction, table, query_mode in tables_of(text) if text else [(Direction.READ, None, None)]:
            _add(state, path, node, query_direction, AccessKind.TABLE, table, query_mode, None, target_node, expression,
                 expression_span, None, {})  # fmt: skip
        return
    if text is not None and kind is AccessKind.FILE and text.lower().startswith(_URL):
        kind = AccessKind.URL
    receiver_span = code.span(receiver) if receiver is not None and is_mine else None
    found_format = spec.format or _text(chain.get("format")) or _text_value(given(None, "format"))
    options = {name: text_ for name, each in chain.items() if (text_ := _text(each)) and name not in {"mode", "format"}}
    _add(state, path, node, direction, kind, text, mode, found_format, target_node, expression, expression_span,
         receiver_span, options)  # fmt: skip


def _add(
    state: State, path: str, node: ast.Call, direction: Direction, kind: AccessKind, target: str | None,
    mode: str | None, file_format: str | None, target_node: ast.expr | None, expression: str | None,
    expression_span: Span | None, receiver_span: Span | None, options: dict[str, str],
) -> None:  # fmt: skip
    code = state.code
    if code is None:
        return
    if kind is AccessKind.TABLE and target is not None and f"temp view {target.lower()}" in state.views:
        kind = AccessKind.TEMP_VIEW
    if isinstance(target_node, ast.Constant):
        target_kind = TargetKind.LITERAL
    elif isinstance(target_node, ast.Name):
        target_kind = TargetKind.NAME
    else:
        target_kind = TargetKind.COMPUTED
    span = code.span(node) if state.followed == 0 or state.outer_call is None else code.span(state.outer_call)
    access = Access(
        direction, kind, path, span, target, target_kind, expression, expression_span, file_format, mode,
        code.text(receiver_span) if receiver_span is not None else None, receiver_span, options or None,
    )  # fmt: skip
    if access not in state.record.accesses:
        state.record.accesses.append(access)
    key = resource_of(access)
    if direction is Direction.READ:
        state.record.resources_read.add(key)
        return
    state.record.resources_changed.add(key)
    if kind is AccessKind.FILE:
        state.record.resources_read.add("folders")
    if access.mode == "append" or target is None:
        state.record.resources_read.add(key)
    if kind is AccessKind.TEMP_VIEW and target is not None:
        state.views.add(key)


def resource_of(access: Access) -> str:
    """The key by which cells that touch the same data keep their order."""
    if access.target is None:
        return f"{access.kind} ?"
    if access.kind is AccessKind.FILE:
        return f"file {posixpath.normpath(access.target.removeprefix('file://'))}"
    if access.kind in {AccessKind.TABLE, AccessKind.TEMP_VIEW}:
        return f"{access.kind} {access.target.lower()}"
    return f"{access.kind} {access.target}"


def tables_of(query: str) -> list[tuple[Direction, str | None, str | None]]:
    """(direction, table, mode) of each table of an SQL text."""
    from nbpromote.analysis.sql import find_tables

    return find_tables(query)


def _opened(given: Given, *, is_method: bool) -> tuple[Direction, str | None]:
    value = given(0 if is_method else 1, "mode")
    mode = value.text if value is not None else "r"
    for letter, name in _OPEN_MODES.items():
        if mode is not None and letter in mode:
            return Direction.WRITE, name
    return Direction.READ, None


def _mode(given: Given, chain: dict[str, ast.expr]) -> str | None:
    value = given(None, "mode") or given(None, "if_exists")
    mode = value.text if value is not None else _text(chain.get("mode"))
    return {"w": "overwrite", "a": "append", "x": "errorifexists", "replace": "overwrite", "fail": "errorifexists"}.get(
        mode or "", mode
    )


def _chain(node: ast.Call) -> dict[str, ast.expr]:
    """The settings in `df.write.mode("overwrite").option("header", True).csv(...)`."""
    found: dict[str, ast.expr] = {}
    step: ast.expr = node
    while isinstance(step, (ast.Call, ast.Attribute)):
        if isinstance(step, ast.Call):
            if isinstance(step.func, ast.Attribute):
                name, given = step.func.attr, step.args
                if name == "option" and len(given) == 2 and isinstance(given[0], ast.Constant):
                    found.setdefault(str(given[0].value), given[1])
                elif name in {"mode", "format", "partitionBy"} and given:
                    found.setdefault(name, given[0])
                found.update((each.arg, each.value) for each in step.keywords if each.arg and each.arg not in found)
            step = step.func
        else:
            step = step.value
    return found


def _receiver(node: ast.Call, spec: AccessSpec, path: str) -> ast.expr | None:
    """The expression of the data that is written."""
    if spec.direction is Direction.READ:
        return None
    if spec.data is not None:
        return _argument(node, spec.data, None)
    if not isinstance(node.func, ast.Attribute):
        return None
    step: ast.expr = node.func.value
    if not path.startswith("pyspark.DataFrameWriter"):
        return step
    while isinstance(step, (ast.Call, ast.Attribute)):
        if isinstance(step, ast.Attribute) and step.attr in {"write", "writeStream"}:
            return step.value
        step = step.func if isinstance(step, ast.Call) else step.value
    return None


def _argument(node: ast.Call, position: int | None, name: str | None) -> ast.expr | None:
    for keyword in node.keywords:
        if name is not None and keyword.arg == name:
            return keyword.value
    if position is not None and position < len(node.args) and not isinstance(node.args[position], ast.Starred):
        return node.args[position]
    return None


def _text(node: ast.expr | None) -> str | None:
    return str(node.value) if isinstance(node, ast.Constant) else None


def _text_value(value: Value | None) -> str | None:
    return value.text if value is not None else None
