"""A table that the notebook writes becomes a version, or a partition that the run owns."""

import ast

from nbpromote.analysis.facts import Access
from nbpromote.promotion.rewriting import Rewrite
from nbpromote.promotion.writes.sites import Site

_FORMATS = frozenset({"parquet", "orc", "delta", "avro", "table", "feather"})
_SPARK = ("pyspark.DataFrameWriter.", "pyspark.DataFrameWriterV2.", "pyspark.sql.DataFrameWriter.")


def is_table(access: Access) -> bool:
    """Whether what is written is a frame that the lake takes."""
    if access.call.startswith("?.to_") or not access.receiver_span:
        return False  # a frame of a library that the lake may not take; its own file is safe
    return access.call.startswith(_SPARK) or (access.format or "") in _FORMATS


def is_spark(access: Access) -> bool:
    return access.call.startswith(_SPARK)


def is_whole(site: Site) -> bool:
    """Whether the call is all of its statement."""
    return isinstance(site.statement, ast.Expr) and site.statement.value is site.call


def table_edits(site: Site, opening: str, closing: str) -> list[Rewrite]:
    """The edits around the frame that make `OPENING frame CLOSING` of the call."""
    span, frame = site.access.span, site.access.receiver_span
    assert frame is not None
    before = type(span)(span.line, span.column, frame.line, frame.column)
    behind = type(span)(frame.end_line, frame.end_column, span.end_line, span.end_column)
    return [Rewrite(site.cell.id, before, opening), Rewrite(site.cell.id, behind, closing)]
