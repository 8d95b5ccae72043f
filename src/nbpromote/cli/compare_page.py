"""How two variants of a notebook look beside each other on a page."""

from pathlib import Path

from nbpromote import __version__
from nbpromote.cli.compare_text import head_of, said_of, summary_of
from nbpromote.cli.terminal import clean
from nbpromote.effects.promoting.variants import Compared
from nbpromote.errors import UsageError
from nbpromote.proof.verdict import Outcome
from nbpromote.publish.beside import Result, Row, Side, render_variants

_MARK = "<!-- nbpromote compare -->"
_TONES = {Outcome.SAME: "good", Outcome.DIFFERS: "bad", Outcome.NOT_COMPARABLE: "wait"}
_STYLES = {"green": "good", "red": "bad", "yellow": "wait"}


def check_page(path: Path) -> None:
    """Refuse a file that is no page of a comparison, before anything runs.

    Raises:
        UsageError: it would be lost.
    """
    if path.suffix.lower() not in {".html", ".htm"}:
        raise UsageError(f"{path}: a page is an .html file")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}; make it first")
    if path.exists() and not (path.is_file() and path.read_bytes().rstrip().endswith(_MARK.encode())):
        raise UsageError(f"{path}: is there, and is no page of a comparison; name another file, or delete it")


def page_of(found: Compared) -> str:
    """The comparison as a page that loads nothing and runs no script."""
    sides = [
        Side(one.facts.notebook.path, head_of(one), clean(one.stopped) if one.stopped else "")
        for one in (found.a, found.b)
    ]
    rows = []
    for pair in found.pairs:
        said = said_of(found, pair)
        numbers = (pair.a.number if pair.a else None, pair.b.number if pair.b else None)
        codes = (pair.a.source if pair.a else None, pair.b.source if pair.b else None)
        tone = _STYLES.get(str(said.style), "")
        rows.append(Row(numbers, codes, said.plain, tone, pair is found.first_parting))
    results = [Result(one.subject, str(one.outcome), one.detail, _TONES.get(one.outcome, "")) for one in found.results]
    page = render_variants((sides[0], sides[1]), rows, results, summary_of(found), version=__version__)
    return f"{page}{_MARK}\n"
