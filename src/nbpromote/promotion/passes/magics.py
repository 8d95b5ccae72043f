"""Magics that only make sense at a desk go: plots inline, timing, autoreload, installs."""

from nbpromote.analysis.facts import Span
from nbpromote.notebook.magics import Magic, MagicKind
from nbpromote.promotion.code import parse_cell
from nbpromote.promotion.draft import Draft, Snapshot
from nbpromote.promotion.dropping import without_line
from nbpromote.promotion.rewriting import Lines, Rewrite, rewrite

_DESK = frozenset({"matplotlib", "load_ext", "reload_ext", "autoreload", "config", "pylab", "who", "whos"})
_INSTALLS = frozenset({"pip", "conda", "mamba", "uv"})
_TIMERS = frozenset({"time", "timeit", "prun"})


def apply(draft: Draft, _: Snapshot) -> Draft:
    """Take the magics of the desk out of the cells that stay."""
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        if code is None:
            continue
        for magic in code.python.magics:
            span = _removable(Lines(cell.source), magic)
            if span is None:
                continue
            text = magic.text.splitlines()[0]
            draft = without_line(draft, cell, Rewrite(cell.id, span, ""), text, _reason(magic))
    return draft


def _removable(lines: Lines, magic: Magic) -> Span | None:
    """What to remove of a magic: its whole line, or the word before the statement that it times."""
    place = magic.place
    if magic.name in _DESK or magic.name in _INSTALLS or (magic.kind is MagicKind.CELL and magic.name in _TIMERS):
        return None if magic.binds else Span(place.line, 0, place.end_line + 1, 0)
    if magic.kind is MagicKind.HELP:
        return Span(place.line, 0, place.end_line + 1, 0)
    if magic.kind is MagicKind.LINE and magic.name in {"timeit", "prun"}:
        return None if magic.binds else Span(place.line, 0, place.end_line + 1, 0)
    if magic.kind is MagicKind.LINE and magic.name == "time":
        text = lines.line_text(place.line)
        at = text.find("%time")
        behind = len(text) - len(text[at + 5 :].lstrip())
        return Span(place.line, at, place.line, behind) if at >= 0 and text[:at].strip() == "" else None
    return None


def _reason(magic: Magic) -> str:
    if magic.name in _INSTALLS:
        return "the environment installs packages"
    if magic.name in _TIMERS:
        return "every run is timed"
    return "only for work at a screen"


def _sets_pictures(magic: Magic) -> bool:
    """`%config InlineBackend.figure_format = "retina"` makes pictures twice as large, `%matplotlib notebook` none."""
    return (magic.name == "config" and "InlineBackend" in magic.text) or magic.name == "matplotlib"


def as_proven(source: str) -> str:
    """The source as the proof runs it: it installs nothing, shows no times, and draws as a production notebook does."""
    code = parse_cell(source)
    if code is None:
        return source
    lines, edits = Lines(source), []
    for magic in code.python.magics:
        place = magic.place
        if (magic.name in _INSTALLS or _sets_pictures(magic)) and not magic.binds:
            edits.append(Rewrite("", Span(place.line, 0, place.end_line + 1, 0), ""))
        elif magic.name == "time" and (span := _removable(lines, magic)) is not None:
            edits.append(Rewrite("", span, ""))
        elif magic.name == "timeit" and (at := lines.line_text(place.line).find("%timeit")) >= 0:
            edits.append(Rewrite("", Span(place.line, at + 7, place.line, at + 7), " -q"))
    return rewrite(source, edits) if edits else source
