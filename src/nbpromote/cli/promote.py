"""`nbpromote promote`: promote an ad-hoc notebook, and prove that its results did not change."""

import signal
from pathlib import Path
from typing import Annotated

import typer


def promote(  # noqa: PLR0915, PLR0917
    notebook: Annotated[Path, typer.Argument(help="The ad-hoc notebook, or a plan that was saved.")],
    result: Annotated[list[str] | None, typer.Option(help="A name whose final value is a result; repeatable.")] = None,
    name: Annotated[str | None, typer.Option(help="What the production notebook is called.")] = None,
    module: Annotated[str | None, typer.Option(help="The commonlib module that functions move to.")] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing: take the default of what is in doubt.")
    ] = False,
    timeout: Annotated[float | None, typer.Option(help="Seconds that each of the runs may take.")] = None,
    memory: Annotated[str | None, typer.Option(help="What each of the runs may use, like 4GB.")] = None,
    network: Annotated[
        bool, typer.Option("--network/--no-network", help="Whether the runs may reach more than this machine.")
    ] = True,
    draft: Annotated[
        bool, typer.Option("--draft", help="Where it cannot be proven, write it unproven, and say what to mend.")
    ] = False,
    repeat: Annotated[
        bool | None,
        typer.Option(
            "--repeat/--no-repeat",
            help="Run the promoted notebook once more, on other settings; by default when it uses Spark.",
            show_default=False,
        ),
    ] = None,
    adopt: Annotated[
        bool, typer.Option("--adopt", help="First move the common environment to what the notebook ran with.")
    ] = False,
    conflicts: Annotated[
        bool, typer.Option("--conflicts", help="Write out what was changed on both sides, to choose in it.")
    ] = False,
    accept_edits: Annotated[
        bool, typer.Option("--accept-edits", help="Land although what people edited changes results.")
    ] = False,
) -> None:
    """Promote an ad-hoc notebook, and prove that its results did not change.

    Both notebooks run in fresh kernels and what they compute is compared; where Spark is used, the promoted one runs
    once more on other settings, which must change nothing. Everything lands as one change, or nothing.
    """
    from nbpromote.cli import asking
    from nbpromote.cli.draft_text import draft_instead
    from nbpromote.cli.env import adopt_from
    from nbpromote.cli.landed_text import show_landed
    from nbpromote.cli.merge_text import stop_at_conflicts
    from nbpromote.cli.planning import planned, planned_draft
    from nbpromote.cli.progress import CellProgress
    from nbpromote.cli.promotion_text import note, show_plan
    from nbpromote.cli.terminal import out
    from nbpromote.cli.verdict_text import show_verdict
    from nbpromote.effects.files import untouched
    from nbpromote.effects.kernels.limits import Limits, bytes_of
    from nbpromote.effects.promoting import drafting
    from nbpromote.effects.promoting import landing as promoting
    from nbpromote.effects.promoting.proof_runs import CannotProve, MadeByItself, NeverEnds
    from nbpromote.effects.promoting.recorded_runs import TestsFail
    from nbpromote.promotion.planning import CannotPromote
    from nbpromote.proof import report

    limits = Limits(timeout, bytes_of(memory) if memory is not None else None, network)
    limits.check()
    try:
        made = planned(notebook, results=result or (), name=name, module=module)
    except CannotPromote as refusal:
        begun = planned_draft(notebook, refusal)
        if begun is None:
            if draft:
                note("no draft can be made of it: it would have no code, miss a name, or hold a credential")
            raise
        draft_instead(begun, refusal, wanted=draft)
        return
    if not yes and not made.plan.is_empty and asking.can_ask():
        made = asking.asked(made)
    options = made.draft.options
    stop_at_conflicts(made, write=conflicts)
    if made.plan.is_empty:
        kept = report.outcome(made.workspace.read_bytes(options.proof_path))
        proven = f"its proof says: {kept}" if kept else "no proof is kept beside it"
        out().print(f"Nothing to change: {options.target} is what {options.source} becomes; {proven}.")
        for one in made.again.carried:
            known = "its proof has that" if one.is_proven else "edited since its proof, which does not have that"
            stays = "holds more than this notebook's functions" if one.is_shared else "stays as people changed it"
            out().print(f"  {one.path} {stays} ({', '.join(one.merged.kept)}); {known}")
        return
    if draft:
        drafting.check_no_proven(made.draft, made.workspace)
    untouched.check_untouched(made.plan, made.draft, made.workspace)
    made.workspace.check_writable()
    if adopt:
        adopt_from(made.workspace.root / options.source)
        out().print()
    show_plan(made.plan, made.draft)
    out().print()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a stop from outside is tidied up after, as Ctrl-C is
    try:
        with CellProgress() as progress:
            landed = promoting.promote(
                made.draft, made.plan, made.repository, made.workspace,
                on_cell=progress.cell, on_stage=progress.stage, limits=limits, repeat=repeat,
                again=made.again, accepts_edits=accept_edits, goes_on=draft,
            )  # fmt: skip
    except promoting.EditsDiffer as refusal:
        show_verdict(refusal.verdict)
        raise
    except (promoting.Differs, TestsFail, CannotProve, NeverEnds, MadeByItself) as refusal:
        if isinstance(refusal, promoting.Differs):
            show_verdict(refusal.verdict)
        draft_instead(made, refusal, wanted=draft)
        return
    show_landed(made, landed)
