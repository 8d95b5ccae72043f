"""Lineage: where a call reads or writes data, and which."""

import ast
from collections.abc import Callable
from dataclasses import replace

from nbpromote.analysis.code import CellCode, span_of_place
from nbpromote.analysis.evaluation.naming import chain_of, named_by, receiver_of, target_kind_of, text_of, text_value_of
from nbpromote.analysis.evaluation.state import State
from nbpromote.analysis.evaluation.values import Value, constant
from nbpromote.analysis.facts import Access, AccessKind, Direction, TargetKind, Written
from nbpromote.analysis.library import AccessSpec
from nbpromote.analysis.literals.kinds import is_secret_name, looks_like_path
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
    state: State, spec: AccessSpec, path: str, given: Given, node: ast.Call, *, source: Value | None = None
) -> str | None:
    """Record that this call reads or writes data, unless it works on an open file or in memory; given is the resource
    that it writes. `source` is where the receiver came from, for writes that go back there."""
    code = state.code
    if code is None:
        return None
    value = given(spec.position, spec.argument)
    chain = chain_of(node) if path.startswith(("pyspark.DataFrameWriter", "pyspark.DataFrameReader")) else {}
    named = named_by(spec, path, node, chain)
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
        text = text_of(named)
    direction, mode = spec.direction, spec.mode
    if path in _OPENING:
        direction, mode = _opened(given, is_method=path == "pathlib.Path.open")
    elif direction is Direction.WRITE:
        mode = _mode(given, chain, spec.overwrite) or mode
    kind = AccessKind.TABLE if "dbtable" in chain else spec.kind
    if source is not None and isinstance(source.constant, tuple) and spec.position is None and text is None:
        kind, text = source.constant
    if spec.bucket is not None:
        kind = AccessKind.URL
        bucket = given(*spec.bucket)
        text = f"s3://{bucket.text}/{text}" if text and bucket is not None and bucket.text else None
    if kind is AccessKind.SECRET and path.startswith("os.") and text is not None and not is_secret_name(text):
        kind = AccessKind.SETTING
    if text is not None and kind is AccessKind.FILE and text.lower().startswith(_URL):
        kind = AccessKind.URL
    # In a function that is followed from elsewhere, the code's own places are not this cell's.
    is_mine = state.followed == 0
    receiver = receiver_of(node, spec, path) if is_mine else None
    access = Access(
        direction=direction,
        kind=kind,
        call=path,
        span=code.span(node if is_mine or state.outer_call is None else state.outer_call),
        target=text,
        target_kind=target_kind_of(named),
        expression=None if named is None else code.text(code.span(named)) if is_mine else ast.unparse(named),
        expression_span=code.span(named) if named is not None and is_mine else None,
        format=spec.format or text_of(chain.get("format")) or text_value_of(given(None, "format")),
        mode=mode,
        receiver=code.text(code.span(receiver)) if receiver is not None else None,
        receiver_span=code.span(receiver) if receiver is not None else None,
        options={
            name: known
            for name, each in chain.items()
            if name not in {"mode", "format"} and (known := text_of(each)) is not None
        }
        or None,
        written=None if is_mine else _written(state, node, named, receiver_of(node, spec, path)),
    )
    if not spec.is_query and not _is_subquery(chain):
        for each in _each_named(access, named):
            _record(state, each)
        return _opened_here(state, access)
    outline = text_of(chain.get("query")) or text or (value.outline if value is not None else "")
    if outline:
        note_query(state, outline, access)
        if not find_query(outline).shows_rows and find_query(outline).uses:
            state.record.quiet.add(id(node))
    else:
        _record(state, replace(access, direction=Direction.READ))
    return None


def named_source(spec: AccessSpec, given: Given) -> Value | None:
    """Where something comes from, for what writes back to it: the kind and the name of the data."""
    value = given(spec.position, spec.argument)
    if spec.direction is Direction.WRITE or value is None or value.text is None:
        return None
    return constant((spec.kind, value.text))


def _is_subquery(chain: dict[str, ast.expr]) -> bool:
    """Whether a database is asked by SQL: `option("query", "select ...")`, `option("dbtable", "(select ...) as t")`."""
    return "query" in chain or (text_of(chain.get("dbtable")) or "").lstrip().startswith("(")


def _each_named(access: Access, named: ast.expr | None) -> list[Access]:
    """One access for each name in a list of them."""
    if access.target is not None or not isinstance(named, (ast.List, ast.Tuple)):
        return [access]
    texts = [text_of(each) for each in named.elts]
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


def note_variable(state: State, node: ast.Subscript, name: Value) -> None:
    """Record that `os.environ[...]` is read."""
    code = state.code
    if code is None:
        return
    is_mine = state.followed == 0
    span = code.span(node if is_mine or state.outer_call is None else state.outer_call)
    kind = AccessKind.SETTING if name.text is not None and not is_secret_name(name.text) else AccessKind.SECRET
    _record(
        state,
        Access(
            Direction.READ, kind, "os.environ", span, name.text, target_kind_of(node.slice),
            ast.unparse(node.slice), code.span(node.slice) if is_mine else None,
        ),
    )  # fmt: skip


def _is_loose(state: State, spec: AccessSpec, path: str) -> bool:
    """Whether only the name of the method, which many kinds of things have, tells that it may write."""
    name = path.rpartition(".")[2]
    known = state.library.methods_of_anything.get(name)
    return name in _LOOSE and known is not None and spec in known.accesses


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


def _is_in_memory(value: Value | None) -> bool:
    """Whether the argument is an open file, a buffer, or None: nothing that has a name."""
    return value is not None and (value.type.startswith(_HANDLES) or value.constant is None)


def _opened(given: Given, *, is_method: bool) -> tuple[Direction, str | None]:
    value = given(0 if is_method else 1, "mode")
    mode = value.text if value is not None else "r"
    for letter, name in _OPEN_MODES.items():
        if mode is not None and letter in mode:
            return Direction.WRITE, name
    return Direction.READ, None


def _mode(given: Given, chain: dict[str, ast.expr], overwrite: int | None) -> str | None:
    asked = given(overwrite, "overwrite") if overwrite is not None else None
    if text_of(chain.get("overwrite")) == "True" or (asked is not None and asked.constant is True):
        return "overwrite"
    value = given(None, "mode") or given(None, "if_exists")
    mode = value.text if value is not None else text_of(chain.get("mode"))
    return {"w": "overwrite", "a": "append", "x": "errorifexists", "replace": "overwrite", "fail": "errorifexists"}.get(
        mode or "", mode
    )
