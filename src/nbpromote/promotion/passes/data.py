"""Writes become versions in the lake, or partitions that a run owns, so that a re-run is safe and nothing is lost."""

import ast
import posixpath
import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain, count

from commonlib.lake.errors import BadName
from commonlib.lake.paths import parse_dataset
from nbpromote.analysis.facts import Access
from nbpromote.notebook.model import Cell
from nbpromote.promotion.code import parse_cell
from nbpromote.promotion.draft import Draft, Output, Parameter, Snapshot, UnfitAnswer, name_of
from nbpromote.promotion.passes.streams import is_stream
from nbpromote.promotion.plan import Answer, Decision, DecisionKind, Topic, Turn
from nbpromote.promotion.writes import Site, find_sites
from nbpromote.promotion.writes.files import Unfit, file_edits
from nbpromote.promotion.writes.folders import is_folder
from nbpromote.promotion.writes.handles import IMPORT as KEPT_OPEN
from nbpromote.promotion.writes.handles import handle_edits
from nbpromote.promotion.writes.in_memory import connections, is_in_memory
from nbpromote.promotion.writes.leftovers import without_leftovers, without_unread
from nbpromote.promotion.writes.naming import Place, computed_place, literal_place, slug
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


class Names:
    """What the writes of one notebook are called; equal places share a dataset, and other places have others."""

    def __init__(self, draft: Draft, sites: tuple[Site, ...]) -> None:
        self.sites = sites
        self.known = _known_texts(draft)
        self.given: dict[str, str] = {}
        self.path = _free_name(draft)

    def place(self, site: Site) -> Place:
        """Where this site writes."""
        expression = _expression(site)
        known = set(site.targets)
        only = literal_place(next(iter(known))) if len(known) == 1 else None
        if expression is not None and not (isinstance(expression, ast.Name) and only and site.function is None):
            place = self._of_function(site, computed_place(expression, self.known))
            if place.pattern is not None:
                return place
            if only:
                return replace(place, key=only.key, stem=only.stem, pattern=only.pattern)
            folder = _folder_of(known)
            return replace(place, key=f"{folder}/", stem=folder) if folder else place
        if only is not None:
            return only
        return self._of_function(site, computed_place(expression, {})) if expression else literal_place("data")

    def _of_function(self, site: Site, place: Place) -> Place:
        """The place, with the function's name where nothing else names it."""
        return place if place.stem else replace(place, key=f"{place.key} of {site.function}")

    def dataset(self, draft: Draft, site: Site, place: Place) -> str:
        """`derived/NAME`, by what the place, or else the function or the notebook, is called."""
        if place.key not in self.given:
            name = slug(place.stem) or slug(site.function or "") or draft.options.name
            kind = posixpath.splitext(place.key)[1].lstrip(".")
            other = [f"{name}_{slug(kind)}"] if kind.isalnum() else []
            names = chain([name], other, (f"{name}_{number}" for number in count(2)))
            found = (f"derived/{one}" for one in names)
            self.given[place.key] = next(one for one in found if one not in self.given.values())
        return self.given[place.key]

    def others(self, site: Site, place: Place) -> tuple[Site, ...]:
        """The other sites that write to the same place."""
        return tuple(one for one in self.sites if one is not site and self.place(one).key == place.key)


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


def _known_texts(draft: Draft) -> dict[str, str]:
    """Names of the notebook that hold a text from one assignment, and are no parameters."""
    parameters = {one.name for one in draft.parameters}
    held: dict[str, list[ast.expr]] = {}
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        for node in ast.walk(code.tree) if code else ():
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                held.setdefault(node.id, [])
            elif isinstance(node, ast.arg):
                held.setdefault(node.arg, []).extend([ast.Constant(None), ast.Constant(None)])
        for statement in code.tree.body if code else ():
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                target = statement.targets[0]
                if isinstance(target, ast.Name):
                    held.setdefault(target.id, []).append(statement.value)
    return {
        name: values[0].value
        for name, values in held.items()
        if name not in parameters
        and len(values) == 1
        and isinstance(values[0], ast.Constant)
        and isinstance(values[0].value, str)
    }


def _folder_of(targets: set[str]) -> str:
    """The folder that all these places share; empty when there is none."""
    folders = {posixpath.basename(posixpath.dirname(one)) for one in targets}
    return next(iter(folders)) if len(folders) == 1 else ""


def _expression(site: Site) -> ast.expr | None:
    """The expression that names the place."""
    where = site.access.expression_span
    found = [one for one in ast.walk(site.call) if isinstance(one, ast.expr) and site.code.span(one) == where]
    return found[0] if found else None


def _free_name(draft: Draft) -> str:
    """A name for the path that no kept cell uses."""
    used: set[str] = set()
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        for node in ast.walk(code.tree) if code else ():
            if isinstance(node, ast.Name):
                used.add(node.id)
            elif isinstance(node, ast.arg):
                used.add(node.arg)
    return next(name for name in ("path", "output_path", "lake_path", "committed_path") if name not in used)
