"""`nbpromote plan`: what a promotion would change, and why."""

import shlex
from pathlib import Path
from typing import Annotated

import typer


def plan(  # noqa: PLR0917
    notebook: Annotated[Path, typer.Argument(help="The ad-hoc notebook, or a plan that was saved.")],
    result: Annotated[list[str] | None, typer.Option(help="A name whose final value is a result; repeatable.")] = None,
    name: Annotated[str | None, typer.Option(help="What the production notebook is called.")] = None,
    module: Annotated[str | None, typer.Option(help="The commonlib module that functions move to.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the plan to this file (.yml), to edit and promote.")
    ] = None,
    diff: Annotated[bool, typer.Option("--diff", help="Show the files' changes, too.")] = False,
) -> None:
    """Show what a promotion would change, and why. Nothing is run and nothing is written."""
    from nbpromote.cli.merge_text import stop_at_conflicts
    from nbpromote.cli.planning import planned
    from nbpromote.cli.promotion_text import show_diff, show_doubts, show_plan
    from nbpromote.cli.terminal import out
    from nbpromote.effects.files import plan_files
    from nbpromote.promotion import saved

    if output is not None:
        plan_files.check_new(output)
    made = planned(notebook, results=result or (), name=name, module=module)
    show_plan(made.plan, made.draft)
    if diff and not made.plan.is_empty:
        out().print()
        show_diff(made.plan)
    show_doubts(made.draft)
    if output is not None:
        plan_files.write(output, saved.render(made.draft, made.plan, str(output)))
        out().print()
        out().print(f"Saved. Edit it, then:  nbpromote promote {shlex.quote(str(output))}", soft_wrap=True)
    stop_at_conflicts(made)
