"""`nbpromote compare`: two variants of an ad-hoc notebook by what they compute."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Shown(StrEnum):
    TEXT = "text"
    JSON = "json"


def compare(  # noqa: PLR0917
    a: Annotated[Path, typer.Argument(help="One variant.")],
    b: Annotated[Path, typer.Argument(help="The other.")],
    static: Annotated[bool, typer.Option("--static", help="Run neither; compare the code alone.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show where the code of two cells differs.")] = False,
    timeout: Annotated[float | None, typer.Option(help="Seconds that each of the two runs may take.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Also write it as a page into this file.")] = None,
    format: Annotated[Shown, typer.Option(help="How to show it.")] = Shown.TEXT,  # noqa: A002
) -> None:
    """Show two variants of an ad-hoc notebook by what they compute, cell against cell.

    Both run whole in fresh kernels, and what they write is led aside. Exit code 0 whatever they compute.
    """
    from nbpromote.cli import compare_page, compare_text
    from nbpromote.cli.progress import CellProgress
    from nbpromote.cli.terminal import clean, err
    from nbpromote.effects.promoting import comparing

    if html is not None:
        compare_page.check_page(html)
    with CellProgress() as progress:
        found = comparing.compare(a, b, on_cell=progress.cell, timeout=timeout, is_run=not static)
    if format is Shown.JSON:
        compare_text.print_json(found)
    else:
        compare_text.show(found, with_code=diff)
    if html is not None:
        html.write_text(compare_page.page_of(found), encoding="utf-8")
        err().print(f"written as a page: {clean(str(html))}", soft_wrap=True)
