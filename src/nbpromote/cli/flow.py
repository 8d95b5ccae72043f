"""`nbpromote flow`: a notebook's cells and what flows between them."""

import difflib
from pathlib import Path
from typing import Annotated

import typer

from nbpromote import __version__
from nbpromote.analysis import analyse
from nbpromote.analysis.facts import Facts
from nbpromote.analysis.slices import slice_for
from nbpromote.cli.flow_text import print_flow
from nbpromote.cli.terminal import clean, err, out
from nbpromote.effects.checking.settings import read_settings, repository_of
from nbpromote.errors import UsageError
from nbpromote.notebook import read
from nbpromote.notebook.model import CellKind
from nbpromote.publish.flow import FlowView, render_html, render_svg, view_flow

_MARK = "<!-- nbpromote flow -->"


class NoSuchCell(UsageError):
    """A slice was asked for by a word that is neither a cell's number nor a name."""

    def __init__(self, path: str, word: str, reason: str) -> None:
        self.path, self.word = path, word
        super().__init__(f"{path}: --slice {word}: {reason}")


def flow(
    notebook: Annotated[Path, typer.Argument(metavar="NOTEBOOK", help="A notebook in any form.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Draw a picture into this file, .svg or .html.")
    ] = None,
    target: Annotated[
        str | None,
        typer.Option("--slice", metavar="NAME|CELL", help="What this name, or the cell with this number, needs."),
    ] = None,
) -> None:
    """Draw a notebook's cells and what flows between them, in the order in which they run.

    Tells which cells lead to results, which are dead ends and why, and what is not there when it is needed. Reads only;
    nothing of the notebook is executed.
    """
    if output is not None:
        _check_output(output)
    settings = read_settings(repository_of([notebook]).root)
    facts = analyse(read(notebook), specifications=settings.specifications)
    view = _sliced(facts, target) if target else view_flow(facts)
    if output is None:
        print_flow(view, out(), has_reasons=target is not None)
        return
    picture = render_svg(view) if output.suffix.lower() == ".svg" else render_html(view, version=__version__)
    output.write_text(f"{picture}{_MARK}\n", encoding="utf-8")
    err().print(f"{clean(view.path)}: {view.headline}; drawn into {clean(str(output))}", soft_wrap=True)


def _check_output(output: Path) -> None:
    """Refuse a file that this command cannot draw, or has not drawn."""
    if output.suffix.lower() not in {".svg", ".html"}:
        raise UsageError(f"{output}: a picture is an .svg or an .html file")
    if output.exists():
        with output.open("rb") as file:
            file.seek(max(output.stat().st_size - 100, 0))
            is_ours = file.read().rstrip().endswith(_MARK.encode())
        if not is_ours:
            raise UsageError(f"{output}: is there, and is no picture of a flow; name another file, or delete it")


def _sliced(facts: Facts, word: str) -> FlowView:
    cells = facts.notebook.cells
    if word.isdecimal():
        number = int(word)
        if not 1 <= number <= len(cells):
            raise NoSuchCell(facts.notebook.path, word, f"there is no such cell; the last is {len(cells)}")
        cell = cells[number - 1]
        if cell.kind is not CellKind.CODE:
            raise NoSuchCell(facts.notebook.path, word, f"that is a {cell.kind} cell, and needs nothing")
        return view_flow(facts, wanted=slice_for(facts, [cell.id]), target=f"cell {number}", ends=frozenset({cell.id}))
    names = {name for each in facts.cells for name in each.binds}
    if word not in names:
        near = difflib.get_close_matches(word, names, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise NoSuchCell(facts.notebook.path, word, f"no cell binds it{hint}")
    wanted = slice_for(facts, [], names=[word])
    ends = frozenset(cell_id for cell_id in wanted.cells if wanted.reasons[cell_id].endswith("which was asked for"))
    return view_flow(facts, wanted=wanted, target=word, ends=ends)
