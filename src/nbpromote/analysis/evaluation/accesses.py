"""Lineage: where a call reads or writes data, and which."""

import ast
from collections.abc import Callable
from dataclasses import replace

from nbpromote.analysis.code import CellCode, span_of_place
from nbpromote.analysis.evaluation.state import State
from nbpromote.analysis.evaluation.values import Value
from nbpromote.analysis.facts import Access, AccessKind, Direction, TargetKind, Written
from nbpromote.analysis.library import AccessSpec
from nbpromote.analysis.literals.kinds import looks_like_path
from nbpromote.analysis.resources import resource_of
from nbpromote.analysis.sql import find_query

_OPENING = frozenset({"open", "io.open", "pathlib.Path.open", "gzip.open", "bz2.open", "lzma.open", "codecs.open"})
# What many kinds of things do; only a path as its argument tells that it writes a file.
_LOOSE = frozenset({"save", "to_file"})
_HANDLES = ("io.", "pandas.ExcelWriter", "zipfile.")
# Writes after which what was there before is there still.
_BUILDING_ON = frozenset({"append", "merge", "update", "delete", "alter", "ignore"})
_SETTINGS = "state of pyspark"
_URL = ("http://", "https://", "ftp://", "ftps://")
_OPEN_MODES = {"w": "overwrite", "x": "errorifexists", "a": "append"}
Given = Callable[[int | None, str | None], Value | None]


def note_access(  # noqa: PLR0912
    state: State, spec: AccessSpec, path: str, given: Given, node: ast.Call
) -> str | None:
    """Record that this call reads or writes data, unless it works on an open file or in memory; given is the resource
    that it writes."""
    code = state.code
    if code is None:
        return None
    value = given(spec.position, spec.argument)
    chain = _chain(node) if path.startswith(("pyspark.DataFrameWriter", "pyspark.DataFrameReader")) else {}
    named = _named_by(spec, path, node, chain)
    if _is_in_memory(value) or (
        named is None and value is None and not path.startswith("pyspark.") and spec.position is not None
    ):
        return None
    text = value.text if value is not None else None
    if _is_loose(state, spec, path) and not (text and looks_like_path(text)):
        return None
    if path.startswith("pathlib.Path.") and isinstance(node.func, ast.Attribute):
        known = state.path_of(node.func.value)
        text = known if isinstance(known, str) else None
    elif value is None and isinstance(named, ast.Constant) and isinstance(named.value, str):
        text = named.value
    if text is None and "dbtable" in chain:
        named = chain["dbtable"]
        text = _text(named)
    direction, mode = spec.direction, spec.mode
    if path in _OPENING:
        direction, mode = _opened(given, is_method=path == "pathlib.Path.open")
    elif direction is Direction.WRITE:
        mode = _mode(given, chain) or mode
    kind = AccessKind.TABLE if "dbtable" in chain else spec.kind
    if text is not None and kind is AccessKind.FILE and text.lower().startswith(_URL):
        kind = AccessKind.URL
    # In a function that is followed from elsewhere, the code's own places are not this cell's.
    is_mine = state.followed == 0
    receiver = _receiver(node, spec, path) if is_mine else None
    access = Access(
        direction=direction,
        kind=kind,
        call=path,
        span=code.span(node if is_mine or state.outer_call is None else state.outer_call),
        target=text,
        target_kind=_target_kind(named),
        expression=None if named is None else code.text(code.span(named)) if is_mine else ast.unparse(named),
        expression_span=code.span(named) if named is not None and is_mine else None,
        format=spec.format or _text(chain.get("format")) or _text_value(given(None, "format")),
        mode=mode,
        receiver=code.text(code.span(receiver)) if receiver is not None else None,
        receiver_span=code.span(receiver) if receiver is not None else None,
        options={
            name: known
            for name, each in chain.items()
            if name not in {"mode", "format"} and (known := _text(each)) is not None
        }
        or None,
        written=None if is_mine else _written(state, node, named, _receiver(node, spec, path)),
    )
    if not spec.is_query and not _is_subquery(chain):
        for each in _each_named(access, named):
            _record(state, each)
        return _opened_here(state, access)
    outline = _text(chain.get("query")) or text or (value.outline if value is not None else "")
    if outline:
        note_query(state, outline, access)
        if not find_query(outline).shows_rows and find_query(outline).uses:
            state.record.quiet.add(id(node))
    else:
        _record(state, replace(access, direction=Direction.READ))
    return None


def _is_subquery(chain: dict[str, ast.expr]) -> bool:
    """Whether a database is asked by SQL: `option("query", "select ...")`, `option("dbtable", "(select ...) as t")`."""
    return "query" in chain or (_text(chain.get("dbtable")) or "").lstrip().startswith("(")


def _each_named(access: Access, named: ast.expr | None) -> list[Access]:
    """One access for each name in a list of them."""
    if access.target is not None or not isinstance(named, (ast.List, ast.Tuple)):
        return [access]
    texts = [_text(each) for each in named.elts]
    return [replace(access, target=text) for text in texts] or [access]


def _opened_here(state: State, access: Access) -> str | None:
    """The resource that is written from here on; when it surely begins anew, nothing before matters to it."""
    if access.direction is Direction.READ:
        return None
    resource = resource_of(access)
    if access.mode == "overwrite" and access.target is not None and state.frame is None and state.journal is None:
        state.made_here.add(resource)
    return resource


def note_query(state: State, text: str, access: Access) -> None:
    """Record what an SQL text reads and writes, which `access` says where it stands."""
    query = find_query(text)
    if not query.uses and not query.is_whole:
        _record(state, replace(access, direction=Direction.READ, target=None, options=None))
    for use in query.uses:
        if access.call.startswith("duckdb.") and use.name in state.variables and use.direction is Direction.READ:
            # DuckDB takes a name that is no table for a variable of the notebook.
            state.record.reads.add(use.name)
            continue
        found = replace(
            access, direction=use.direction, kind=use.kind, target=use.name, mode=use.mode, format=use.format,
            options=None,
        )  # fmt: skip
        if use.name is None:
            found = replace(found, target_kind=TargetKind.COMPUTED, expression=use.text)
        if use.direction is Direction.WRITE:
            found = replace(found, expression_span=None)
        _record(state, found)
    if query.sets_state:
        state.record.resources_changed.add(_SETTINGS)
        state.record.resources_read.add(_SETTINGS)


def note_cell(state: State, code: CellCode) -> None:
    """Record what the SQL of a cell reads, writes and shows: `%sql`, `%%sql`, the SQL cells of Databricks."""
    for foreign in code.python.foreign:
        span = span_of_place(foreign.place)
        if foreign.language != "sql" or span is None:
            continue
        query = find_query(foreign.source)
        access = Access(
            Direction.READ, AccessKind.TABLE, "%sql", span, None, TargetKind.LITERAL, None, None,
        )  # fmt: skip
        note_query(state, foreign.source, access)
        state.record.resources_read.add(_SETTINGS)
        state.record.shows_rows |= query.shows_rows
        if query.shows_rows and "databricks" in code.cell.metadata:
            # https://docs.databricks.com/en/notebooks/notebooks-code.html: the last result is a DataFrame of this name.
            state.bind("_sqldf", Value("pyspark.DataFrame"))
            state.record.gets.add("_sqldf")


def _is_loose(state: State, spec: AccessSpec, path: str) -> bool:
    """Whether only the name of the method, which many kinds of things have, tells that it may write."""
    name = path.rpartition(".")[2]
    known = state.library.methods_of_anything.get(name)
    return name in _LOOSE and known is not None and known.access is spec


def _written(state: State, node: ast.Call, named: ast.expr | None, receiver: ast.expr | None) -> Written | None:
    """Where the code stands, in the cell that defines the function."""
    code = state.inner_code
    if code is None:
        return None
    spans = [code.span(each) if each is not None else None for each in (named, receiver)]
    texts = [code.text(span) if span is not None else None for span in spans]
    return Written(code.cell.id, code.span(node), texts[0], spans[0], texts[1], spans[1])


def _record(state: State, access: Access) -> None:
    if (
        access.kind is AccessKind.TABLE
        and access.target is not None
        and f"temp view {access.target.lower().removeprefix('global_temp.')}" in state.views
    ):
        access = replace(access, kind=AccessKind.TEMP_VIEW)
    if access not in state.record.accesses:
        state.record.accesses.append(access)
    key = resource_of(access)
    if access.direction is Direction.READ:
        state.record.resources_read.add(key)
        return
    state.record.resources_changed.add(key)
    if access.kind is AccessKind.FILE:
        state.record.resources_read.add("folders")
    if access.mode in _BUILDING_ON:
        state.record.resources_read.add(key)
    if access.kind is AccessKind.TEMP_VIEW and access.target is not None:
        state.views.add(key)


def _named_by(spec: AccessSpec, path: str, node: ast.Call, chain: dict[str, ast.expr]) -> ast.expr | None:
    """The expression that names the data."""
    if path.startswith("pathlib.Path.") and isinstance(node.func, ast.Attribute):
        return node.func.value
    return _argument(node, spec.position, spec.argument) or chain.get("path")


def _is_in_memory(value: Value | None) -> bool:
    """Whether the argument is an open file, a buffer, or None: nothing that has a name."""
    return value is not None and (value.type.startswith(_HANDLES) or value.constant is None)


def _target_kind(node: ast.expr | None) -> TargetKind:
    if isinstance(node, ast.Constant):
        return TargetKind.LITERAL
    return TargetKind.NAME if isinstance(node, ast.Name) else TargetKind.COMPUTED


def _opened(given: Given, *, is_method: bool) -> tuple[Direction, str | None]:
    value = given(0 if is_method else 1, "mode")
    mode = value.text if value is not None else "r"
    for letter, name in _OPEN_MODES.items():
        if mode is not None and letter in mode:
            return Direction.WRITE, name
    return Direction.READ, None


def _mode(given: Given, chain: dict[str, ast.expr]) -> str | None:
    if _text(chain.get("overwrite")) == "True":
        return "overwrite"
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
                elif name == "writeTo" and given:
                    found.setdefault("path", given[0])
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
        if isinstance(step, ast.Attribute) and step.attr in {"write", "writeStream", "writeTo"}:
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
