"""`nbpromote site`: pages of runs, notebooks and data, to look at in a browser."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def site(
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The folder to write to; runs/site by default.")
    ] = None,
    limit: Annotated[int, typer.Option("-n", "--limit", help="How many runs have pages, the newest.")] = 200,
) -> None:
    """Make pages of runs, notebooks and data, to look at in a browser or to publish.

    They run no script and load nothing from a network. Made again, only what is new is rendered.
    """
    from nbpromote.cli.run_text import short
    from nbpromote.cli.terminal import clear_line, out
    from nbpromote.effects.files.repository import find
    from nbpromote.effects.running.site import write_site

    def tell(number: int, total: int) -> None:
        if sys.stderr.isatty():
            clear_line()
            sys.stderr.write(f"page {number} of {total}")
            sys.stderr.flush()

    repository = find(Path.cwd())
    found = write_site(repository, output or repository.folder("runs") / "site", most=limit, on_page=tell)
    clear_line()
    out().print(f"{short(found.home)}: {found.runs:,} runs, {found.made:,} pages made", soft_wrap=True)
