"""What a run would do, told without running anything."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from commonlib.lake.paths import ZONES
from nbpromote.analysis import analyse
from nbpromote.cli.batch_progress import Names, changes_texts, runs_text
from nbpromote.cli.run_text import short
from nbpromote.cli.terminal import clean, out
from nbpromote.effects.checking.settings import read_settings
from nbpromote.effects.environment import databricks
from nbpromote.effects.files.repository import Repository
from nbpromote.effects.running.digests import latest_versions
from nbpromote.effects.running.ledger import ledger_of
from nbpromote.effects.running.resuming import find_all_earlier
from nbpromote.effects.running.warm_spark import unshared, why_classic
from nbpromote.notebook import Notebook
from nbpromote.running.fitting import Injected
from nbpromote.running.kinds import Expression
from nbpromote.running.request import DATABRICKS, RunRequest

_SHOWN = 20


def show_dry(
    repository: Repository,
    notebook: Notebook,
    request: RunRequest,
    planned: Sequence[Mapping[str, Injected]],
    *,
    resumes: bool = False,
) -> None:
    """Which notebook would run with which parameters, what it would read and write, where its record would lie."""
    if resumes:
        planned = _left(repository, request, planned)
        if not planned:
            return
        request = replace(request, parameters=planned[0])
    name = request.notebook
    many = f" {len(planned):,} times" if len(planned) > 1 else ""
    out().print(f"would run {name}{many} in {short(repository.cwd_of(repository.root / name))}")
    varying = [one for one in planned[0] if any(row.get(one) != planned[0][one] for row in planned)]
    varying += sorted({one for row in planned for one in row} - set(planned[0]))
    for parameter, value in request.whole_parameters.items():
        if parameter not in varying:
            said = value if isinstance(value, Expression) else repr(value)
            out().print(clean(f"  {parameter} = {said}{'' if parameter in request.parameters else '  (default)'}"))
    for row in planned[:_SHOWN] if varying else ():
        whole = {**request.defaults, **row}
        out().print(clean("  run with " + ", ".join(f"{one} = {whole.get(one)!r}" for one in varying)))
    if varying and len(planned) > _SHOWN:
        out().print(f"  and {len(planned) - _SHOWN:,} more")
    for line in _accesses(repository, notebook, request.whole_parameters, len(planned)):
        out().print(line)
    if request.on != DATABRICKS and (line := _spark(repository, notebook, request)):
        out().print(clean(line))
    lake = repository.remote_lake or short(repository.folder("lake"))
    if request.on == DATABRICKS:
        out().print(f"  by the environment {short(databricks.place(repository.root))}, its Spark on Databricks")
    kept = repository.remote_runs or short(repository.folder("runs"))
    out().print(f"  lake {lake}, record under {kept}")


def _left(
    repository: Repository, request: RunRequest, planned: Sequence[Mapping[str, Injected]]
) -> list[Mapping[str, Injected]]:
    """Those of the runs that --resume would not leave out; what becomes of the others is told."""
    requests = [replace(request, parameters=one) for one in planned]
    earlier = find_all_earlier(repository, ledger_of(repository), requests)
    names = Names(requests)
    skipped = [f"  {names[number]}  as {one.same.run_id}" for number, one in enumerate(earlier, 1) if one.same]
    if skipped:
        more = len(skipped) - _SHOWN
        out().print(f"would skip {runs_text(len(skipped))}, which succeeded on the same")
        for line in (*skipped[:_SHOWN], *([f"  and {more:,} more"] if more > 0 else ())):
            out().print(clean(line))
    for told in changes_texts(one.changes for one in earlier):
        out().print(f"would run {told}")
    return [row for row, one in zip(planned, earlier, strict=True) if one.same is None]


def _spark(repository: Repository, notebook: Notebook, request: RunRequest) -> str:
    reason = why_classic(repository, notebook, request)
    if reason is None:
        return "  Spark: the one that runs share, over Spark Connect"
    found = unshared(repository, notebook, reason)
    return f"  Spark: {found.place or f'one of its own ({found.reason})'}" if reason else ""


def _accesses(repository: Repository, notebook: Notebook, whole: Mapping[str, object], runs: int) -> list[str]:
    facts = analyse(notebook, specifications=read_settings(repository.root).specifications)
    lines: dict[str, None] = {}
    for cell in notebook.code_cells:
        handed = _handed(cell.source)
        for access in facts.of(cell.id).accesses:
            if access.expression in handed:
                continue
            what = access.target or access.expression or "?"
            place = clean(str(whole.get(what, what)))  # a parameter names what it is here
            is_dataset = place.partition("/")[0] in ZONES and "/" in place
            version = latest_versions(repository, [place]).get(place, 0) if is_dataset else 0
            if access.direction == "read":
                known = f" version {version}" if version else " (nothing yet)"
            else:
                these = f"versions {version + 1:,} to {version + runs:,}" if runs > 1 else f"version {version + 1:,}"
                known = f" as {these}, unless somebody writes it before"
            verb = "reads" if access.direction == "read" else "writes"
            lines[f"  {verb} {place}{known if is_dataset else ''} (cell {cell.number})"] = None
    return list(lines)


def _handed(source: str) -> set[str]:
    """The places that the lake hands over to write a file: `with lake.write_file(...) as path`."""
    return set(re.findall(r"\blake\.write_(?:file|folder)\(.*\) as (\w+):", source))
