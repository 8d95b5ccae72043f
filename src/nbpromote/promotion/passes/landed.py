"""A file that was landed in the lake can be read from there: offered for each read, and taken when it is chosen."""

import ast
from dataclasses import replace

from nbpromote.analysis.facts import AccessKind, Direction, Span
from nbpromote.promotion.draft import Draft, Snapshot, name_of
from nbpromote.promotion.passes.parameters import rebased
from nbpromote.promotion.plan import Decision, DecisionKind, Topic
from nbpromote.promotion.rewriting import Rewrite
from nbpromote.promotion.writes import Site, find_sites
from nbpromote.promotion.writes.leftovers import without_unread

PATH = "path"
# How a file is written, which landing it has settled: what these say is not asked of a typed table.
_OF_THE_FILE = frozenset(
    {
        "sep", "delimiter", "delim_whitespace", "encoding", "encoding_errors", "quotechar", "quoting", "escapechar",
        "doublequote", "lineterminator", "compression", "engine", "low_memory", "memory_map", "dtype", "thousands",
        "decimal", "na_values", "keep_default_na", "parse_dates", "infer_datetime_format", "date_format", "dayfirst",
        "cache_dates", "float_precision", "skipinitialspace", "header", "inferSchema", "schema", "multiLine", "lines",
        "orient", "storage_options", "filepath_or_buffer", "path", "io", "path_or_buf",
    }
)  # fmt: skip
_PANDAS = ("pandas.read_csv", "pandas.read_table", "pandas.read_json", "pandas.read_parquet", "pandas.read_excel",
           "pandas.read_orc", "pandas.read_feather")  # fmt: skip
_SPARK = "pyspark.DataFrameReader."


def apply(draft: Draft, snapshot: Snapshot) -> Draft:
    """Offer the datasets that hold what the notebook's cells read from a file."""
    led: list[tuple[str, Span]] = []
    for site in find_sites(draft, Direction.READ)[0]:
        known = set(site.targets)
        if site.access.kind is not AccessKind.FILE or len(known) != 1 or site.is_repeated or site.is_in_expression:
            continue
        target = next(iter(known))
        datasets = snapshot.landed(rebased(draft.options.source, target))
        if not datasets:
            continue
        before, draft = draft.rewrites, _offered(draft, site, target, datasets)
        if draft.rewrites != before:
            led.append((site.cell.id, site.access.span))
    return replace(without_unread(replace(draft, read_back=tuple(led))), read_back=draft.read_back) if led else draft


def _offered(draft: Draft, site: Site, target: str, datasets: tuple[str, ...]) -> Draft:
    lake, line = draft.module("lake")
    read = "read_pandas" if site.access.call.startswith(_PANDAS) else "read"
    cell, held = name_of(site.cell), f"{' and '.join(datasets)} of the lake {'holds' if len(datasets) == 1 else 'hold'}"
    odd = _asked_beyond(site)
    if odd:
        why = f"{held} what {target} holds, but it is read {odd}, which the lake has no word for"
        return draft.deciding(Decision(DecisionKind.INPUT, cell, f"reads {target} by its path", why))
    turn = draft.turn(Topic.INPUT, target, (PATH, *datasets), PATH)
    if turn.choice == PATH:
        why = f"{held} it, too, with types of its own; read from there, a run names the version that it read"
        return draft.deciding(Decision(DecisionKind.INPUT, cell, f"reads {target} by its path", why, True, turn))
    draft = draft.rewriting(Rewrite(site.cell.id, site.access.span, f'{lake}.{read}("{turn.choice}")'))
    draft = replace(draft, imports=(*draft.imports, line))
    why = f"it was landed from {target}, byte for byte"
    return draft.deciding(Decision(DecisionKind.INPUT, cell, f"reads {turn.choice} of the lake", why, turn=turn))


def _asked_beyond(site: Site) -> str:
    """What the call asks for that is more than how the file is written; empty when there is nothing."""
    if not site.access.call.startswith((*_PANDAS, _SPARK)):
        return f"by {site.access.call}"
    step: ast.expr = site.call
    first = True
    while isinstance(step, ast.Call | ast.Attribute):
        if isinstance(step, ast.Call):
            named = [one.arg or "**" for one in step.keywords]
            called = step.func.attr if isinstance(step.func, ast.Attribute) else ""
            if called in {"option", "options", "format", "schema"}:
                given = step.args[0] if step.args and called == "option" else None
                named += [str(given.value)] if isinstance(given, ast.Constant) else []
            elif len(step.args) > 1 or (step.args and not first):
                return "with arguments by place"
            odd = [one for one in named if one not in _OF_THE_FILE]
            if odd or _has_no_header(step):
                return f"with {odd[0]}" if odd else "without a header"
            first = False
            step = step.func
        else:
            step = step.value
    return ""


def _has_no_header(call: ast.Call) -> bool:
    given = [one.value for one in call.keywords if one.arg == "header"]
    return any(isinstance(one, ast.Constant) and (one.value is None or one.value is False) for one in given)
