"""What the notebook reads back from a place that it wrote itself comes from the lake."""

import posixpath
import re
from dataclasses import dataclass, replace

from nbpromote.analysis.facts import AccessKind, Direction, Span
from nbpromote.promotion.draft import Draft, Output, name_of
from nbpromote.promotion.plan import Decision, DecisionKind
from nbpromote.promotion.rewriting import Rewrite, contains
from nbpromote.promotion.writes.naming import quoted
from nbpromote.promotion.writes.queries import query_sites
from nbpromote.promotion.writes.sites import Site, find_sites

_PANDAS = ("pandas.read_",)
_SPARK = ("pyspark.DataFrameReader.", "pyspark.SparkSession.table", "pyspark.SparkSession.read.table", "?.table")
_SQL = ("pyspark.SparkSession.sql", "%sql")


@dataclass(frozen=True, slots=True)
class _Way:
    """What stands in the way of a read that is to come from the lake."""

    why: str


def read_back(draft: Draft) -> Draft:
    """The draft with such reads led to the lake, or refused."""
    draft = _views(draft)
    sites, _ = find_sites(draft, Direction.READ)
    for site in sites:
        wrote = [one for one in draft.outputs if _is_same(draft, site, one)]
        before = [one for one in wrote if _is_before(draft, one, site)]
        if site.access.call in _SQL:
            continue
        if not wrote and (inside := _is_around(draft, site)):
            draft = _refused(draft, site, f"reads {site.target}, where it wrote {inside} itself")
        elif (before and len(before) == len(wrote)) or (before and not site.is_repeated):
            draft = _led(draft, site, before[-1])
        elif before:
            draft = _refused(draft, site, f"reads {site.target} both before and after it is written")
    return draft


def reads_back(draft: Draft, site: Site, *, by: str) -> bool:
    """Whether a kept cell reads what this site writes, by a call that begins so."""
    expression = site.access.expression
    for cell in draft.kept_code:
        for access in draft.facts.of(cell.id).accesses:
            is_same = (
                access.target in site.targets
                if access.target
                else access.expression == expression
                and (_scope(draft, cell.id, access.span) == _scope(draft, site.cell.id, site.access.span))
            )
            if access.direction is Direction.READ and is_same and access.call.startswith(by):
                return True
    return False


def _scope(draft: Draft, cell_id: str, span: Span) -> tuple[str, str] | None:
    """The function that this stands in, where an expression's names may be its own; None at the top of a cell."""
    around = [one.name for one in draft.facts.of(cell_id).definitions if contains(one.span, span)]
    return (cell_id, around[0]) if around else None


def _is_same(draft: Draft, site: Site, output: Output) -> bool:
    mine = {posixpath.normpath(one) for one in site.targets}
    theirs = {posixpath.normpath(one) for one in output.targets}
    if mine & theirs:
        return True
    if output.pattern and any(re.search(f"(?:^|/){output.pattern}$", one) for one in mine):
        return True
    scopes = {_scope(draft, site.cell.id, site.access.span), _scope(draft, output.cell_id, output.access.span)}
    return not mine and not theirs and len(scopes) == 1 and site.access.expression == output.access.expression


def _is_before(draft: Draft, output: Output, site: Site) -> bool:
    order = [cell.id for cell in draft.kept_code]
    wrote = min(order.index(one) for one in output.runs)
    read = max(order.index(one) for one in site.runs)
    if wrote == read and output.cell_id == site.cell.id:
        return output.access.span < site.access.span
    return wrote <= read


def _is_around(draft: Draft, site: Site) -> str:
    """What was written inside the folder, or like the pattern, that is read."""
    for target in site.targets:
        plain = posixpath.normpath(target)
        shape = re.escape(plain).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
        for one in draft.outputs:
            known = [
                *one.targets,
                *([] if one.targets else [(one.pattern or "").replace("(.+)", "x").replace("\\", "")]),
            ]
            if _is_before(draft, one, site) and any(
                re.match(f"{shape}(/|$)", posixpath.normpath(each)) for each in known if each
            ):
                return one.targets[0] if one.targets else one.access.expression or "data"
    return ""


def _led(draft: Draft, site: Site, output: Output) -> Draft:
    made = _made(draft, site, output)
    if isinstance(made, _Way):
        return _refused(draft, site, f"reads {site.target}, which it wrote itself, {made.why}")
    span, text, imports = made
    here = (site.cell.id, site.access.span)
    draft = replace(draft, imports=(*draft.imports, *imports), read_back=(*draft.read_back, here))
    return draft.rewriting(Rewrite(site.cell.id, span, text)).deciding(
        Decision(
            DecisionKind.INPUT, name_of(site.cell), f"reads {output.dataset} of the lake",
            f"{name_of(draft.facts.notebook.cell(output.runs[0]))} wrote {site.target}",
        )
    )  # fmt: skip


def _made(draft: Draft, site: Site, output: Output) -> tuple[Span, str, list[str]] | _Way:
    """What is replaced by what, and what that needs imported."""
    lake, access = draft.module("lake")[0], site.access
    if output.file is not None:
        assert access.expression_span is not None
        known = dict.fromkeys(site.targets)
        is_literal = len(known) == 1 and site.function is None
        name = quoted(posixpath.basename(next(iter(known)))) if is_literal else output.file
        text = f'{lake}.{"folder" if output.is_folder else "file"}("{output.dataset}", {name})'
        if access.call.startswith("pathlib."):
            return access.expression_span, f"Path({text})", ["from pathlib import Path"]
        return access.expression_span, text, []
    if output.parts:
        return _Way("as one partition of many")
    is_alone = len(site.call.args) + len(site.call.keywords) <= 1
    if access.call.startswith(_PANDAS) and is_alone:
        return access.span, f'{lake}.read_pandas("{output.dataset}")', []
    if access.call.startswith(_SPARK):
        return access.span, f'{lake}.read("{output.dataset}")', []
    return _Way(f"by {access.call}")


def _views(draft: Draft) -> Draft:
    """The draft with a view for each table that SQL asks for by its name."""
    asked = {
        access.target.lower()
        for cell in draft.kept_code
        for access in draft.facts.of(cell.id).accesses
        if access.direction is Direction.READ and access.kind is AccessKind.TABLE and access.target
        and access.call in _SQL
    }  # fmt: skip
    sites, lost = find_sites(draft)
    for site in (*sites, *query_sites(lost)):
        target = next(iter(site.targets), "")
        output = next((one for one in draft.outputs if one.access.span == site.access.span
                       and one.cell_id == site.cell.id), None)  # fmt: skip
        if output is None or output.file is not None or target.lower() not in asked:
            continue
        if "." in target:
            draft = _refused(draft, site, f"asks in SQL for {target}, which it wrote itself")
            continue
        span, lake = site.access.span, draft.module("lake")[0]
        begin = site.code.span(site.statement)
        end = Span(span.end_line, span.end_column, span.end_line, span.end_column)
        if site.code.span(site.statement) != span:
            continue
        text = f'\n{" " * begin.column}{lake}.read("{output.dataset}").createOrReplaceTempView("{target}")'
        draft = draft.rewriting(Rewrite(site.cell.id, end, text))
    return draft


def _refused(draft: Draft, site: Site, message: str) -> Draft:
    return draft.refusing(
        "PR205", site.cell, site.access.span, message, "read the file that was written, or go on with the frame itself"
    )
