"""`nbpromote plan`: what a promotion would change, and why."""

from pathlib import Path
from typing import Annotated

import typer


def plan(
    notebook: Annotated[Path, typer.Argument(help="The ad-hoc notebook.")],
    result: Annotated[list[str] | None, typer.Option(help="A name whose final value is a result; repeatable.")] = None,
    name: Annotated[str | None, typer.Option(help="What the production notebook is called.")] = None,
    module: Annotated[str | None, typer.Option(help="The commonlib module that functions move to.")] = None,
    diff: Annotated[bool, typer.Option("--diff", help="Show the files' changes, too.")] = False,
) -> None:
    """Show what a promotion would change, and why. Nothing is run and nothing is written."""
    from nbpromote.cli.planning import planned
    from nbpromote.cli.promotion_text import show_diff, show_plan
    from nbpromote.cli.terminal import out

    made = planned(notebook, results=result or (), name=name, module=module)
    show_plan(made.plan, made.draft)
    if diff and not made.plan.is_empty:
        out().print()
        show_diff(made.plan)
