"""Writes become versions in the lake, or partitions that a run owns, so that a re-run is safe and nothing is lost."""

import re
from collections.abc import Mapping
from dataclasses import replace

from commonlib.lake.errors import BadName
from commonlib.lake.paths import parse_dataset
from nbpromote.analysis.facts import Access
from nbpromote.notebook.model import Cell
from nbpromote.promotion.draft import Draft, Output, Parameter, Snapshot, UnfitAnswer, name_of
from nbpromote.promotion.passes.streams import is_stream
from nbpromote.promotion.plan import Answer, Decision, DecisionKind, Topic, Turn
from nbpromote.promotion.writes import Site, find_sites
from nbpromote.promotion.writes.datasets import Names
from nbpromote.promotion.writes.files import Unfit, file_edits
from nbpromote.promotion.writes.folders import is_folder
from nbpromote.promotion.writes.handles import IMPORT as KEPT_OPEN
from nbpromote.promotion.writes.handles import handle_edits
from nbpromote.promotion.writes.in_memory import connections, is_in_memory
from nbpromote.promotion.writes.leftovers import without_leftovers, without_unread
from nbpromote.promotion.writes.naming import slug
from nbpromote.promotion.writes.queries import SQL, is_query, query_edits, query_sites
from nbpromote.promotion.writes.reading_back import read_back, reads_back
from nbpromote.promotion.writes.tables import is_spark, is_table, is_whole, table_edits

_CHOICE = re.compile(r"(?P<dataset>\S+)(?: by (?P<by>[\w, ]+))?")
_MOVERS = ("shutil.", "os.")
_RUN_DATES = ("as_of", "asof", "run_date", "date", "day", "ds", "cutoff", "cut_off", "end", "to", "until", "observed")
# Frames that only a run's rows are added to.
_ADDING = frozenset({"append", "insert"})
_CHANGING = frozenset({"merge", "update", "delete", "alter"})


def apply(draft: Draft, _: Snapshot) -> Draft:
    """Turn each write of the cells that stay into a write to the lake."""
    sites, lost = find_sites(draft)
    inner = connections(draft)
    sites = tuple(one for one in sites if not is_stream(one.access) and not is_in_memory(one.cell, one.access, inner))
    unclear = tuple((one.cell, one.access) for one in sites if is_query(one))  # in loops, functions, f-strings
    sites = tuple(one for one in sites if not is_query(one))
    lost = (*(one for one in lost if not is_stream(one[1]) and not is_in_memory(*one, inner)), *unclear)
    sites = (*sites, *query_sites(lost))
    asked = {(one.cell.id, one.access.span) for one in sites if is_query(one)}
    for cell, access in lost:
        if (cell.id, access.span) not in asked:
            draft = _refuse_unknown(draft, cell, access)
    if not sites:
        return draft
    names = Names(draft, sites)
    for site in sites:
        is_kept = is_query(site) or _is_kept_as_table(draft, site)
        draft = (_table if is_kept else _file)(draft, site, names)
    if not draft.outputs:
        return draft
    draft = without_unread(without_leftovers(read_back(draft), sites))
    return replace(draft, imports=(*draft.imports, draft.module("lake")[1]))


def _is_kept_as_table(draft: Draft, site: Site) -> bool:
    """Whether a table comes of it. What pandas writes and reads again stays a file, of which pandas knows each type."""
    if site.access.call.startswith("pandas.") and reads_back(draft, site, by="pandas."):
        return False
    return is_table(site.access) and is_whole(site) and not site.is_in_expression


def _table(draft: Draft, site: Site, names: Names) -> Draft:
    place, access = names.place(site), site.access
    if access.mode in _CHANGING:
        return _refuse(draft, site, "PR202", f"changes rows of {site.target} where they lie", "write the whole table")
    if not (place.partition or place.pattern or len(set(site.targets)) == 1):
        return _refuse(
            draft, site, "PR201", f"writes tables to places that only the run tells ({site.target})",
            "write one table, with a column that tells the parts apart",
        )  # fmt: skip
    partition = dict(place.partition)
    day = _run_date(draft)
    if access.mode in _ADDING and not partition:
        if site.is_repeated or names.others(site, place):
            return _refuse(
                draft, site, "PR202", f"appends to {site.target} more than once in a run",
                "collect the rows in one frame, and write that once",
            )  # fmt: skip
        partition = {slug(day.name): day.name} if day is not None else {}
    turn, dataset, partition = _turned(draft, site, names.dataset(draft, site, place), partition)
    lake = draft.module("lake")[0]
    by = ", partition={" + ", ".join(f'"{name}": {value}' for name, value in partition.items()) + "}"
    edit = query_edits if is_query(site) else table_edits
    edits = edit(site, f"{lake}.write(", f', "{dataset}"{by if partition else ""})')
    output = Output(
        site.cell.id, access, dataset, None, tuple(partition), place.pattern, site.runs,
        tuple(dict.fromkeys(site.targets)), parts=len(place.partition),
    )  # fmt: skip
    what, why, doubt = _told(site, dataset, partition)
    return (
        replace(draft, outputs=(*draft.outputs, output))
        .rewriting(*edits)
        .deciding(Decision(DecisionKind.OUTPUT, name_of(site.cell), what, why, doubt, turn))
    )


def _told(site: Site, dataset: str, partition: Mapping[str, str]) -> tuple[str, str, bool]:
    """What becomes of a table, why, and whether a person should look."""
    target, is_added = site.target, site.access.mode in _ADDING
    if partition:
        by = ", ".join(partition)
        what = f"writes the partition of this {by} of {dataset}"
        if is_added:
            return what, f"{target} was appended to: run again, its rows were there twice; now a re-run replaces", True
        return what, f"{target} was overwritten in place; a run replaces only the partition that is its own", False
    what = f"writes a new version of {dataset}"
    if is_added:
        why = f"{target} was appended to, and no parameter is the run's date; a version holds the rows of one run"
        return what, why, True
    return what, f"{target} was overwritten in place; a version is new each time, and a re-run is safe", False


def _file(draft: Draft, site: Site, names: Names) -> Draft:
    place, access, makes_folder = names.place(site), site.access, is_folder(site)
    if access.call.startswith(_MOVERS) or (is_spark(access) and not is_whole(site)) or access.call.endswith(".to_sql"):
        return _refuse(
            draft, site, "PR204", f"writes {site.target} by {access.call}, which cannot be turned into a version",
            "write a DataFrame, or a file by a call that takes its path",
        )  # fmt: skip
    is_added = access.mode == "append"
    if access.mode in _CHANGING or (is_added and (makes_folder or "Excel" in access.call)):
        return _refuse(draft, site, "PR202", f"changes {site.target} where it lies", "write the whole of it")
    turn, dataset, _ = _turned(draft, site, names.dataset(draft, site, place), {})
    lake, path = draft.module("lake")[0], names.path
    kind, rest = "folder" if makes_folder else "file", ", continued=True" if is_added else ""
    handed = f'{lake}.write_{kind}("{dataset}", {place.file}{rest})'
    is_path = access.call.startswith("pathlib.")
    try:
        edits = file_edits(site, handed, path, f"Path({path})" if is_path else path)
    except Unfit as unfit:
        kept_open = handle_edits(site, draft, handed) if not is_path else None
        if kept_open is None:
            return _refuse(draft, site, "PR204", f"writes {site.target} {unfit.why}", unfit.hint)
        edits, draft = kept_open, replace(draft, imports=(*draft.imports, KEPT_OPEN))
    output = Output(
        site.cell.id, access, dataset, place.file, (), place.pattern, site.runs, tuple(dict.fromkeys(site.targets)),
        is_continued=is_added, is_folder=makes_folder,
    )  # fmt: skip
    imports = [*(["from pathlib import Path"] if is_path else []), *(["import os"] if "os.path" in place.file else [])]
    is_first = is_added and not any(one.access.mode != "append" for one in names.others(site, place))
    why = f"{site.target} was overwritten in place; a version is new each time, and a re-run is safe"
    if is_added:
        why = f"{site.target} was appended to" + (
            ": run again, it was there twice; a version holds what one run wrote" if is_first else " by the same run"
        )
    many = " file by file" if site.is_repeated else ""
    return (
        replace(draft, outputs=(*draft.outputs, output), imports=(*draft.imports, *imports))
        .rewriting(*edits)
        .deciding(
            Decision(
                DecisionKind.OUTPUT, name_of(site.cell), f"writes a new version of {dataset}{many}", why, is_first, turn
            )
        )
    )


def _turned(draft: Draft, site: Site, dataset: str, partition: Mapping[str, str]) -> tuple[Turn, str, dict[str, str]]:
    """The dataset and its partition, as the person wants them: `derived/clicks`, `derived/clicks by as_of`."""
    default = dataset + (f" by {', '.join(partition)}" if partition else "")
    turn = draft.turn(Topic.OUTPUT, site.target, (), default)
    if turn.choice == default:
        return turn, dataset, dict(partition)
    answer = Answer(turn.topic, turn.subject, turn.choice)
    found = _CHOICE.fullmatch(turn.choice)
    named = {slug(one.name): one.name for one in draft.parameters} | dict(partition)
    by = [slug(one.strip()) for one in (found["by"] or "").split(",") if one.strip()] if found else []
    try:
        chosen = str(parse_dataset(found["dataset"])) if found else ""
    except BadName:
        chosen = ""
    if not chosen or any(one not in named for one in by) or (by and site.access.receiver_span is None):
        raise UnfitAnswer(answer, (default, "zone/name", *(f"zone/name by {one}" for one in named)))
    return turn, chosen, {one: named[one] for one in by}


def _refuse(draft: Draft, site: Site, code: str, message: str, hint: str) -> Draft:
    return draft.refusing(code, site.cell, site.access.span, message, hint)


def _refuse_unknown(draft: Draft, cell: Cell, access: Access) -> Draft:
    target = access.target or access.expression or "?"
    if access.mode == "drop":
        return draft.refusing(
            "PR202", cell, access.span, f"drops {target}", "leave it: a version in the lake is never taken away"
        )
    if access.call == "%sql":
        return draft.refusing(
            "PR203", cell, access.span, f"writes {target} in a cell of SQL",
            'write it in Python, as spark.sql("CREATE TABLE ... AS SELECT ..."), which becomes a version',
        )  # fmt: skip
    if access.call in SQL:
        return draft.refusing(
            "PR203", cell, access.span, f"writes {target} by SQL that is not one query's whole result",
            "write CREATE TABLE ... AS SELECT or INSERT OVERWRITE ... SELECT by spark.sql, as one plain text",
        )  # fmt: skip
    return draft.refusing(
        "PR203", cell, access.span, f"writes {target} by {access.call}, which cannot be turned into a version",
        "write a DataFrame, or a file by a call that takes its path",
    )  # fmt: skip


def _run_date(draft: Draft) -> Parameter | None:
    """The parameter that is the date of the run, when one is that beyond doubt or by its name."""
    dates = [one for one in draft.parameters if one.annotation.strip('"') == "date"]
    if len(dates) == 1:
        return dates[0]
    for word in _RUN_DATES:
        for one in dates:
            if word in re.split(r"_", one.name.lower()) or one.name.lower() == word:
                return one
    return None
