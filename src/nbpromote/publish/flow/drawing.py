"""The picture of a flow, as an SVG file or an HTML page. It runs no script and loads nothing; all text is escaped."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import PurePath
from unicodedata import east_asian_width

from nbpromote.publish.flow.layout import Chip, Layout, Row, badge, lay_out
from nbpromote.publish.flow.view import CellView, FlowView
from nbpromote.publish.rendering import environment

CARD = 640
_MARGIN = 24
_HEAD = 112
_FOOT = 46
_LETTER, _SMALL = 7.53, 6.65  # the width of a letter of the titles (12.5 px) and of the chips (11 px)
_NUMBER = 46
_CHIP_PAD, _CHIP_GAP = 9, 6


@dataclass(frozen=True, slots=True)
class Placed:
    """A chip in the SVG picture: its text, cut to its width."""

    x: float
    width: float
    text: str
    chip: Chip


def render_svg(view: FlowView) -> str:
    """The flow as an SVG picture, `CARD` pixels wide beside its lanes; light and dark."""
    layout = lay_out(view)
    width = max(_MARGIN * 2 + CARD + layout.lanes_width, 720)
    return _render(
        "flow.svg.j2",
        view=view,
        layout=layout,
        width=round(width),
        height=round(_HEAD + layout.height + _FOOT),
        margin=_MARGIN,
        head=_HEAD,
        card=CARD,
    )


def render_html(view: FlowView, *, version: str = "") -> str:
    """The flow as a page: pointing at a cell shows its source and what flows to and from it; fits a phone."""
    layout = lay_out(view)
    return _render("flow.html.j2", view=view, layout=layout, version=version, highlight=_highlighter(layout))


def fit(text: str, pixels: float, letter: float = _LETTER) -> str:
    """The text, cut at its end to fit this width in a monospaced font."""
    room = pixels / letter
    used = 0
    for index, character in enumerate(text):
        used += 2 if east_asian_width(character) in "WF" else 1
        if used > room:
            return f"{text[: max(index - 1, 0)].rstrip()}…"
    return text


def chip_text(chip: Chip) -> str:
    """What stands on a chip."""
    return chip_names(chip) + chip_origin(chip)


def chip_names(chip: Chip) -> str:
    """The names on a chip."""
    return ", ".join(chip.names) + (" changed" if chip.kind == "mutation" else "")


def chip_origin(chip: Chip) -> str:
    """Which cell the names come from, where they come from one."""
    return f" ← {chip.number}" if chip.number is not None else ""


def place_chips(chips: Sequence[Chip], left: float, right: float) -> Iterable[Placed]:
    """The chips side by side, up to the right edge; those that find no room are counted on one more."""
    room = right - left
    longest = max(room / min(max(len(chips), 1), 3) - _CHIP_GAP, 90)
    origins = [chip_origin(chip) for chip in chips]
    texts = [
        fit(chip_names(chip), longest - len(origin) * _SMALL, _SMALL) + origin
        for chip, origin in zip(chips, origins, strict=True)
    ]
    widths = [_width(text) for text in texts]
    shown = len(chips)
    while shown > 1 and sum(widths[:shown]) + _CHIP_GAP * shown + (shown < len(chips)) * 44 > room:
        shown -= 1
    placed: list[tuple[str, Chip]] = list(zip(texts[:shown], chips[:shown], strict=True))
    if shown < len(chips):
        placed.append((f"+{len(chips) - shown}", Chip((), "more")))
    x = right
    for text, chip in reversed(placed):
        width = _width(text)
        x -= width
        yield Placed(x, width, text, chip)
        x -= _CHIP_GAP


def tooltip(cell: CellView) -> str:
    """What a cell's tooltip says."""
    why = f"\n{cell.why}" if cell.why else ""
    return f"cell {cell.number}: {cell.state.value}{why}\n\n{cell.source[:1_500]}"


def _width(text: str) -> float:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text) * _SMALL + _CHIP_PAD * 2


def _highlighter(layout: Layout) -> object:
    """Source as HTML with its words told apart, where it is Python; escaped in any case."""
    from markupsafe import Markup, escape
    from pygments import highlight  # type: ignore[import-untyped]
    from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]

    formatter = HtmlFormatter(nowrap=True)
    lexers = {"python": "ipython", "sql": "sql", "r": "splus", "scala": "scala", "shell": "bash"}

    def highlighted(cell: CellView) -> object:
        name = lexers.get(cell.language)
        if name is None or len(layout.rows) > 500:
            return escape(cell.source)
        return Markup(highlight(cell.source, get_lexer_by_name(name, stripnl=False), formatter))

    return highlighted


def _row_class(row: Row) -> str:
    return row.cell.state.value.replace(" ", "-") if row.cell is not None else "heading"


def _render(name: str, **values: object) -> str:
    from markupsafe import Markup

    templates = environment()
    templates.filters |= {
        "fit": fit,
        "chip_text": chip_text,
        "chip_names": chip_names,
        "chip_origin": chip_origin,
        "file_name": lambda path: PurePath(path).name,
        "folder": lambda path: str(PurePath(path).parent),
        "tooltip": tooltip,
        "row_class": _row_class,
        "px": lambda number: f"{number:g}",
    }
    templates.globals |= {
        "place_chips": place_chips,
        "badge": badge,
        "letter": _LETTER,
        "small": _SMALL,
        "gutter": _NUMBER,
    }
    style = resources.files("nbpromote.publish").joinpath("templates/flow.css").read_text(encoding="utf-8")
    text: str = templates.get_template(name).render(style=Markup(style), **values)
    return text
