"""Writes the pages of a repository: all that is known of its runs, as files that any web server or browser shows."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat

from nbpromote import __version__
from nbpromote.effects.checking.batch import Checker
from nbpromote.effects.checking.cache import CheckCache, cache_folder
from nbpromote.effects.checking.settings import read_settings
from nbpromote.effects.files.notebook_files import find_notebooks
from nbpromote.effects.files.repository import Repository
from nbpromote.effects.files.whole_file import write_whole
from nbpromote.effects.running import reruns
from nbpromote.effects.running.ledger import EXECUTED, Ledger, ledger_of
from nbpromote.effects.running.remote_runs import RECORD
from nbpromote.promotion.read_header import header_of
from nbpromote.publish import page
from nbpromote.publish.page import tone
from nbpromote.publish.site import pages
from nbpromote.publish.site.pages import Waiting
from nbpromote.running.contrast import Change
from nbpromote.running.record import Record


@dataclass(frozen=True, slots=True)
class Site:
    """What was written: the home page, how many pages of runs there are, and how many of them are new."""

    home: Path
    runs: int
    made: int


def write_site(
    repository: Repository, folder: Path, *, most: int, on_page: Callable[[int, int], None] | None = None
) -> Site:
    """Write the pages of the newest `most` runs, of every notebook, and the home page; what stands already is kept.

    A run that has ended never changes, so its page is made once.
    """
    ledger = ledger_of(repository)
    records = tuple(one for one in ledger.runs() if not one.rerun_of)
    shown = records[:most]
    for part in ("runs", "notebooks"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    made = 0
    for number, record in enumerate(shown, 1):
        if on_page is not None:
            on_page(number, len(shown))
        source = ledger.folder_of(record.run_id) / RECORD
        target = folder / "runs" / f"{record.run_id}.html"
        if _is_newer(target, source) and tone(record.status) != "wait":
            continue
        good = _last_good(records, record)
        found = reruns.contrast(repository, good, record) if good is not None else ()
        write_whole(target, _run_page(ledger, record, good, found))
        made += 1
    names = frozenset(record.run_id for record in shown)
    for stale in (folder / "runs").glob("*.html"):
        if stale.stem not in names:
            stale.unlink()
    for group in pages.group(records):
        write_whole(folder / group.page, pages.render_notebook(group, names, version=__version__))
    home = folder / "index.html"
    title = f"Runs of {repository.root.name}"
    write_whole(home, pages.render_home(records, _waiting(repository), names, title=title, version=__version__))
    return Site(home, len(shown), made)


def _run_page(ledger: Ledger, record: Record, good: Record | None, changes: tuple[Change, ...]) -> str:
    try:
        notebook = nbformat.read(ledger.whole(record.run_id) / EXECUTED, 4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError):
        notebook = None
    return page.render_run(
        record,
        notebook,
        version=__version__,
        changes=changes,
        against=good.run_id if good is not None else "",
        home="../index.html",
    )


def _last_good(records: tuple[Record, ...], record: Record) -> Record | None:
    """The newest good run of the same notebook before this one."""
    earlier = records[records.index(record) + 1 :]
    return next((one for one in earlier if one.notebook == record.notebook and tone(one.status) == "good"), None)


def _is_newer(made: Path, source: Path) -> bool:
    try:
        return made.stat().st_mtime > source.stat().st_mtime
    except OSError:
        return False


def _waiting(repository: Repository) -> tuple[Waiting, ...]:
    """The ad-hoc notebooks, those nearest to production first, and what was promoted of them last."""
    adhoc, production = repository.folder("adhoc"), repository.folder("production")
    promoted = {str(header_of(path.read_bytes()).get("source")) for path in production.rglob("*.py")}
    specifications = read_settings(repository.root).specifications
    checker = Checker(specifications, CheckCache(cache_folder(), specifications))
    found = list(find_notebooks([adhoc], is_excluded=lambda _: False)) if adhoc.is_dir() else []
    checked = [(one, repository.relative(repository.root / one.path)) for one in checker.check_files(found)]
    waiting = [Waiting(path, one.distance, bool(one.blocks), path in promoted) for one, path in checked]
    return tuple(sorted(waiting, key=lambda one: (one.is_promoted, one.is_blocked, one.path)))
