"""What `promote` says when a promotion has landed."""

from nbpromote.cli.planning import Planned
from nbpromote.cli.promotion_text import note, shown_path
from nbpromote.cli.terminal import out
from nbpromote.cli.verdict_text import show_verdict
from nbpromote.effects.promoting.landing import Promotion
from nbpromote.promotion.laws import WORDS


def show_landed(made: Planned, landed: Promotion) -> None:
    """The verdict, the files and what to do with them."""
    if landed.proof.said:
        note(landed.proof.said)
    show_verdict(landed.proof.verdict)
    if landed.edited is not None:
        out().print("With what people edited, as accepted:")
        show_verdict(landed.edited)
    out().print()
    branch = made.workspace.branch
    where = f" on branch {branch}; what is checked out is as it was" if branch else ""
    out().print(f"Promoted: {len(landed.edits)} files, as one {'commit' if branch else 'change'}{where}.")
    for edit in landed.edits:
        path = edit.path if branch else shown_path(made.repository.root / edit.path)
        out().print(f"  {path}{'' if edit.after is not None else ' (removed)'}", soft_wrap=True)
    if not landed.has_case:
        out().print(
            "  its data or what it shows is too large to keep: write a regression case on less, under tests/notebooks"
        )
    for path in landed.left:
        out().print(f'  {path} was edited, and stays as it is; "nbpromote test" says whether it still fits')
    for function, held in landed.laws.items():
        out().print(f"  {function} is tested for more than its calls: it {', '.join(WORDS[law] for law in held)}")
    for function in landed.untested:
        out().print(f"  no call of {function} could be recorded, so it has no test yet")
    if branch:
        out().print(f"Look at it:   git diff ...{branch}")
        out().print(f"Take it over: git merge {branch}")
    else:
        out().print(f"Run it:       nbpromote run {made.draft.options.target}")
    out().print("Take it back: nbpromote undo")
