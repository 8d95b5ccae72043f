"""Many runs of a notebook in a terminal: who goes on, what became of each."""

import os
import sys
from collections.abc import Sequence
from dataclasses import replace

from nbpromote.cli.batch_progress import BatchProgress, Names, changes_texts, runs_text
from nbpromote.cli.run_text import STYLES, short, show_failure
from nbpromote.cli.terminal import clean, out, print_error
from nbpromote.effects.files.repository import Repository
from nbpromote.effects.kernels.stopping import Stop
from nbpromote.effects.running import batches
from nbpromote.effects.running.batches import NOT_BEGUN, SKIPPED, Outcome, Terms
from nbpromote.notebook import Notebook
from nbpromote.publish.page import tone
from nbpromote.running.executed import Status
from nbpromote.running.request import RunRequest

_SHOWN_FAILURES = 3
INTERRUPTED = 130


def run_many(repository: Repository, notebook: Notebook, requests: Sequence[RunRequest], terms: Terms) -> bool:
    """Run them all and tell of them; whether all went well. Raises KeyboardInterrupt when Ctrl-C came."""
    history = batches.history_of(repository, requests[0].notebook)
    terms, memory, why = _fitting(requests, terms, history.peak_memory)
    batch = batches.batch_id()
    wanted = [replace(one, batch=batch, memory=memory) for one in requests]
    stop = Stop()
    with BatchProgress(wanted, terms, history, stop, f"batch {batch}{why}") as progress:
        try:
            outcomes = batches.run_all(repository, notebook, wanted, terms, progress.listener, stop)
        except KeyboardInterrupt:  # the second one: the kernels are killed, their runs will show as lost
            progress.__exit__(None, None, None)
            print_error("interrupted twice: ended at once; runs that were going on show as lost")
            sys.stderr.flush()
            os._exit(INTERRUPTED)
    _show(wanted, outcomes)
    is_cut_short = any(one.status in (Status.INTERRUPTED, NOT_BEGUN) for one in outcomes)
    if is_cut_short and not (terms.fails_fast and any(_is_failure(one) for one in outcomes)):
        raise KeyboardInterrupt
    return all(one.is_good for one in outcomes)


def _fitting(requests: Sequence[RunRequest], terms: Terms, peak: int | None) -> tuple[Terms, int | None, str]:
    """The terms with so many runs at once as cores and memory bear, and what each may hold."""
    total, cores = requests[0].memory, requests[0].cores
    most = len(cores) or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    jobs = min(terms.jobs or max(1, most // 2), len(requests))
    if total is None:
        return replace(terms, jobs=jobs), None, f", {jobs} at once"
    fitting = jobs if peak is None else max(1, min(jobs, total // peak))
    why = f", {fitting} at once" + (" for want of memory" if fitting < jobs else "")
    return replace(terms, jobs=fitting), total // fitting, why


def _show(requests: Sequence[RunRequest], outcomes: Sequence[Outcome]) -> None:
    from rich.table import Table
    from rich.text import Text

    names = Names(requests)
    failed = [one for one in outcomes if _is_failure(one)]
    for one in _telling(failed):
        out().print(Text.assemble((one.status, STYLES["bad"]), f"  {names[one.number]}"))
        if one.record is not None and one.record.failure is not None:
            show_failure(one.record.failure)
        if one.folder is not None:
            out().print(f"  {short(one.folder)}", soft_wrap=True)
    counts: dict[str, int] = {}
    for one in outcomes:
        counts[one.status] = counts.get(one.status, 0) + 1
    table = Table(box=None, pad_edge=False, show_header=False)
    others = [one for one in failed if one not in _telling(failed)]
    for one in others:
        why = one.record.failure if one.record is not None and one.record.failure is not None else one.reason
        first = clean(str(why)).strip().partition("\n")[0]
        where = short(one.folder) if one.folder is not None else ""
        table.add_row(Text(one.status, STYLES["bad"]), Text(names[one.number]), Text(first), Text(where))
    if others:
        out().print(table)
    words = Text(f"{runs_text(len(outcomes))}: ")
    for place, (status, count) in enumerate(sorted(counts.items(), key=lambda one: -one[1])):
        style = STYLES["good"] if status == SKIPPED else STYLES["wait"] if status == NOT_BEGUN else STYLES[tone(status)]
        words.append(", " if place else "").append(f"{count:,} {status}", style)
    out().print(words)
    for told in changes_texts(one.changes for one in outcomes):
        out().print(f"  {told}")


def _telling(failed: Sequence[Outcome]) -> list[Outcome]:
    """The first failures that differ from each other."""
    told = {str(one.record.failure if one.record is not None else one.reason): one for one in reversed(failed)}
    return sorted(told.values(), key=lambda one: one.number)[:_SHOWN_FAILURES]


def _is_failure(one: Outcome) -> bool:
    return not one.is_good and one.status not in (NOT_BEGUN, Status.INTERRUPTED)
