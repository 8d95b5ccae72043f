"""A stream has no end that a run could wait for and a proof compare: it is refused, with what to do instead."""

import ast
from collections.abc import Iterator

from nbpromote.analysis.facts import Access, Span
from nbpromote.promotion.code import parse_cell
from nbpromote.promotion.draft import Draft, Snapshot

CALLS = frozenset({"pyspark.DataFrameWriter.start", "pyspark.DataFrameWriter.toTable"})
_WHY = "starts a stream, which goes on after its cell and has no end to compare"
_HINT = "read what has come as a batch: spark.read in place of spark.readStream, and write that once"
_HINT_OF_OLD = "read what has come as a batch, by spark.read; the streams of pyspark.streaming are no longer developed"


def apply(draft: Draft, _: Snapshot) -> Draft:
    """Refuse what starts a stream, at each place."""
    contexts = set(_contexts(draft))
    for cell in draft.kept_code:
        for access in draft.facts.of(cell.id).accesses:
            if is_stream(access) and access.written is None:
                draft = draft.refusing("PR206", cell, access.span, _WHY, _HINT)
        code = parse_cell(cell.source)
        for node in ast.walk(code.tree) if code is not None and contexts else ():
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="start")) if name in contexts and code:
                    span: Span = code.span(node)
                    draft = draft.refusing("PR206", cell, span, _WHY, _HINT_OF_OLD)
    return draft


def is_stream(access: Access) -> bool:
    """Whether what is written is a stream."""
    return access.call in CALLS


def _contexts(draft: Draft) -> Iterator[str]:
    """The names of old streaming contexts."""
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        for node in ast.walk(code.tree) if code is not None else ():
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=called)):
                    if ast.unparse(called).split(".")[-1] == "StreamingContext":
                        yield name
