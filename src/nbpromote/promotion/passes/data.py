"""Writes become versions in the lake, so that a re-run is safe and nothing is overwritten."""

import ast
import re
from dataclasses import replace
from pathlib import PurePosixPath

from nbpromote.analysis.facts import Access, AccessKind, Direction, Span
from nbpromote.notebook.model import Cell
from nbpromote.promotion.code import CellCode, parse_cell
from nbpromote.promotion.draft import Draft, Output, Snapshot, name_of
from nbpromote.promotion.plan import Decision, DecisionKind
from nbpromote.promotion.rewriting import Lines, Rewrite, contains

_TABLE_FORMATS = frozenset({"parquet", "orc", "delta", "avro", "table", "feather"})
_SPARK_WRITERS = ("pyspark.DataFrameWriter.", "pyspark.DataFrameWriterV2.", "pyspark.sql.DataFrameWriter.")


def apply(draft: Draft, _: Snapshot) -> Draft:
    """Turn each write of the cells that stay into a write to the lake."""
    datasets: dict[str, str] = {}
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        if code is None:
            continue
        for access in draft.facts.of(cell.id).accesses:
            if access.direction is Direction.WRITE and access.kind in {AccessKind.FILE, AccessKind.TABLE}:
                draft = _write(draft, cell, code, access, datasets)
    if not draft.outputs:
        return draft
    return replace(draft, imports=(*draft.imports, draft.module("lake")[1]))


def _write(draft: Draft, cell: Cell, code: CellCode, access: Access, datasets: dict[str, str]) -> Draft:
    where, lake = name_of(cell), draft.module("lake")[0]
    statement = _statement(code, access.span)
    target = access.target or access.expression or "?"
    if statement is None or any(
        contains(definition.span, access.span) for definition in draft.facts.of(cell.id).definitions
    ):
        return draft.refusing(
            "PR201", cell, access.span, f"writes {target} inside a function, a loop or a condition",
            "write at the top level of a cell, where the write can become a version in the lake",
        )  # fmt: skip
    if access.mode == "append":
        return draft.refusing(
            "PR202", cell, access.span, f"appends to {target}: run again, its rows are there twice",
            "write only this run's rows, with mode overwrite; each run then is a version of its own",
        )  # fmt: skip
    dataset = _dataset(draft, target, datasets)
    span = code.span(statement)
    if _is_table(access) and access.receiver and not _partitioned(access):
        text = f'{lake}.write({access.receiver}, "{dataset}")'
        output = Output(cell.id, access, dataset)
    elif access.expression_span is not None and isinstance(statement, ast.Expr):
        file = PurePosixPath(target).name if access.target else f"{dataset.split('/')[1]}.{access.format or 'bin'}"
        body = Lines(cell.source)
        call = body.text(span)
        start, stop = (body.start(access.expression_span), body.end(access.expression_span))
        offset = body.start(span)
        path = "path" if "path" not in draft.taken else "output_path"
        call = call[: start - offset] + path + call[stop - offset :]
        indented = call.replace("\n", "\n    ")
        text = f'with {lake}.write_file("{dataset}", "{file}") as {path}:\n    {indented}'
        output = Output(cell.id, access, dataset, file)
    else:
        return draft.refusing(
            "PR203", cell, access.span, f"writes {target} by {access.call}, which cannot be turned into a version",
            "write a DataFrame, or a file by a call that takes its path",
        )  # fmt: skip
    why = f"{target} was overwritten in place; a version is new each time, and a re-run is safe"
    return (
        replace(draft, outputs=(*draft.outputs, output))
        .rewriting(Rewrite(cell.id, span, text))
        .deciding(Decision(DecisionKind.OUTPUT, where, f"writes a new version of {dataset}", why))
    )


def _statement(code: CellCode, span: Span) -> ast.stmt | None:
    """The top-level expression statement that this call is the whole of."""
    for statement in code.tree.body:
        if isinstance(statement, ast.Expr) and code.span(statement) == span:
            return statement
    return None


def _is_table(access: Access) -> bool:
    if access.call.startswith("?.to_"):
        return False  # a frame of a library that the lake may not take; its own file is safe
    return access.call.startswith(_SPARK_WRITERS) or (access.format or "") in _TABLE_FORMATS


def _partitioned(access: Access) -> bool:
    return bool(access.options and "partitionBy" in access.options)


def _dataset(draft: Draft, target: str, datasets: dict[str, str]) -> str:
    """`derived/<name>`, by the file's stem or the table's last part; the same target is the same dataset."""
    if target in datasets:
        return datasets[target]
    stem = PurePosixPath(target.rstrip("/")).name
    stem = (
        stem.split(".")[-1] if "/" not in target and target.count(".") and not _has_suffix(stem) else stem.split(".")[0]
    )
    name = re.sub(r"\W+", "_", stem).strip("_").lower() or draft.options.name
    if f"derived/{name}" in datasets.values():
        name = f"{name}_{len(datasets) + 1}"
    datasets[target] = f"derived/{name}"
    return datasets[target]


def _has_suffix(stem: str) -> bool:
    return stem.rsplit(".", 1)[-1].lower() in {
        "csv", "tsv", "txt", "json", "parquet", "pq", "orc", "xlsx", "xls", "pkl", "pickle", "joblib", "png", "jpg",
        "jpeg", "svg", "pdf", "html", "npy", "npz", "h5", "hdf5", "feather", "avro", "gz", "zip", "md", "yaml", "yml",
    }  # fmt: skip
