"""`nbpromote check`: what stands between notebooks and production."""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from nbpromote import __version__
from nbpromote.analysis.checking import UNREADABLE, Checked
from nbpromote.analysis.findings import Severity
from nbpromote.analysis.rules import RULES
from nbpromote.analysis.selection import Selection, fits
from nbpromote.cli.report import STYLES, print_findings
from nbpromote.cli.terminal import clean, clear_line, counted, err, out
from nbpromote.effects.checking.batch import Checker
from nbpromote.effects.checking.cache import CheckCache, cache_folder
from nbpromote.effects.checking.fixing import Fixer
from nbpromote.effects.checking.settings import CheckSettings, read_settings, repository_of
from nbpromote.effects.files.notebook_files import find_notebooks
from nbpromote.effects.files.repository import Repository
from nbpromote.effects.running.ranges import OUT_OF_RANGE, with_range
from nbpromote.errors import UsageError
from nbpromote.promotion.refusals import REFUSALS

_NAMES = {
    UNREADABLE: "unreadable",
    OUT_OF_RANGE: "commonlib-range",
    **{rule.code: rule.name for rule in RULES},
    **{code: name for code, (name, _) in REFUSALS.items()},
}
_MOST_TOLD = 5


class Form(StrEnum):
    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


def check(  # noqa: PLR0917
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH...", help="Notebooks, or folders that hold some.")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How to show what is found.")] = Form.TEXT,
    select: Annotated[
        list[str] | None, typer.Option(metavar="CODES", help="Only findings whose code begins so: NB11,NB120.")
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option(metavar="CODES", help="No findings whose code begins so.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only what blocks and what warns.")] = False,
    summary: Annotated[bool, typer.Option("--summary", help="Only how far each notebook is from production.")] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what is safe to mend, then tell what is left.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what --fix would change, and change nothing.")] = False,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Check again what was checked before, and keep nothing.")
    ] = False,
) -> None:
    """Say what stands between notebooks and production.

    Nothing of a notebook is executed, and without --fix nothing is written. Exit code 1 when something blocks.
    """
    named = paths or [Path()]
    repository = repository_of(named)
    settings = read_settings(repository.root)
    selection = _selection(settings, select, ignore, has_notes=not quiet)
    found = _find(named, repository, settings)
    checker = Checker(
        settings.specifications, CheckCache(None if no_cache else cache_folder(), settings.specifications)
    )

    def select_from(one: Checked) -> Checked:
        return selection.apply(with_range(one, repository), _from_root(repository, one.path))

    checked: list[Checked] = []
    if fix or diff:
        from nbpromote.cli.check_fixes import mend, show_fixes

        fixer = Fixer(repository, settings.specifications, selection.keeps)
        checked = [select_from(one) for one in _with_progress(checker.check_files(found), len(found))]
        if diff:
            show_fixes(checked, fixer)
            raise typer.Exit(1 if any(one.blocks for one in checked) else 0)
        mend(checked, fixer)
        checked = []
    for one in _with_progress(checker.check_files(found), len(found)):
        shown = select_from(one)
        checked.append(shown)
        if form is Form.TEXT:
            _show(shown, is_short=summary)
    if form is not Form.TEXT:
        _write(checked, form, repository)
    elif len(checked) > 1:
        _summarise(checked)
    if any(one.blocks for one in checked):
        raise typer.Exit(1)


def _find(named: Sequence[Path], repository: Repository, settings: CheckSettings) -> list[Path]:
    made = tuple(repository.relative(repository.root / folder) for folder in (repository.runs, repository.lake))

    def is_excluded(path: Path) -> bool:
        place = repository.relative(path)
        return place in made or any(fits(place, pattern) for pattern in settings.exclude)

    found = list(find_notebooks(named, is_excluded=is_excluded))
    if not found:
        raise UsageError(f"no notebook in {', '.join(map(str, named))}; name one, or a folder that holds some")
    return found


def _selection(
    settings: CheckSettings, select: list[str] | None, ignore: list[str] | None, *, has_notes: bool
) -> Selection:
    """What the command line selects stands for what the settings select and ignore; what it ignores is added."""
    selected = _known(settings.select, "select in pyproject.toml")
    ignored = _known(settings.ignore, "ignore in pyproject.toml")
    if select:
        selected, ignored = _codes(select, "--select"), ()
    ignored += _codes(ignore, "--ignore")
    by_file = settings.per_file_ignores
    for _, codes in by_file:
        _known(codes, "per-file-ignores in pyproject.toml")
    return Selection(selected, ignored, by_file, has_notes=has_notes)


def _codes(words: list[str] | None, where: str) -> tuple[str, ...]:
    return _known([code for word in words or [] for code in re.split(r"[,\s]+", word) if code], where)


def _known(codes: Sequence[str], where: str) -> tuple[str, ...]:
    for code in codes:
        if not any(known.startswith(code) for known in _NAMES):
            raise UsageError(f"{where}: no finding has a code that begins with {code!r}; known are {', '.join(_NAMES)}")
    return tuple(codes)


def _with_progress(checked: Iterator[Checked], total: int) -> Iterator[Checked]:
    """The same, with a line on a terminal that tells how far it is; a screen full of findings tells it by itself."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        yield from checked
        return
    for number, one in enumerate(checked, start=1):
        sys.stderr.write(f"\r\x1b[2Kchecked {number} of {total} notebooks")
        sys.stderr.flush()
        yield one
    clear_line()


def _write(checked: Sequence[Checked], form: Form, repository: Repository) -> None:
    from nbpromote.publish.findings import render_github, render_json, render_sarif

    def path_of(path: str) -> str:
        return _from_root(repository, path)

    if form is Form.JSON:
        text = render_json(checked)
    elif form is Form.SARIF:
        text = render_sarif(checked, path_of, version=__version__, refusals=REFUSALS)
    else:
        text = clean(render_github(checked, path_of))
    if text:
        sys.stdout.write(f"{text}\n")


def _from_root(repository: Repository, path: str) -> str:
    return repository.relative(Path(path))


def _show(one: Checked, *, is_short: bool) -> None:
    if not is_short:
        print_findings(one.findings, out())
    counts = Counter(finding.severity for finding in one.findings)
    worst = Severity.BLOCKS if one.blocking else Severity.WARNING if counts[Severity.WARNING] else None
    style = STYLES[worst] if worst else "bold green" if one.results else "bold cyan"
    out().print(Text.assemble((clean(one.path), "bold"), " ", (one.distance, style)), soft_wrap=True)


def _summarise(checked: Sequence[Checked]) -> None:
    blocked = sum(one.blocking > 0 for one in checked)
    empty = sum(not one.blocking and not one.results for one in checked)
    ready = len(checked) - blocked - empty
    all_told = counted(len(checked), "notebook")
    err().print(f"{all_told}: {ready} can be promoted, {blocked} blocked, {empty} without a result")
    often = _often(checked, Severity.BLOCKS) or _often(checked, Severity.WARNING)
    if often:
        err().print(f"most often: {often}")


def _often(checked: Iterable[Checked], severity: Severity) -> str:
    """The findings of this severity by the number of notebooks that have them."""
    counts = Counter(
        code for one in checked for code in {each.code for each in one.findings if each.severity is severity}
    )
    return ", ".join(f"{code} {_NAMES.get(code, '')} in {number}" for code, number in counts.most_common(_MOST_TOLD))
