"""What `promote --draft` says when an unproven draft has landed."""

from rich.text import Text

from nbpromote.cli.planning import Planned
from nbpromote.cli.promotion_text import note, shown_path
from nbpromote.cli.terminal import clean, out
from nbpromote.effects.files.untouched import check_untouched
from nbpromote.effects.promoting.drafting import Drafted, land
from nbpromote.effects.promoting.landing import Differs
from nbpromote.effects.promoting.proof_runs import CannotProve
from nbpromote.errors import NbpromoteError
from nbpromote.proof import words


def draft_instead(made: Planned, refusal: NbpromoteError, *, wanted: bool) -> None:
    """Land the draft that is asked for in place of what cannot be proven.

    Raises:
        The refusal itself when no draft is `wanted`.
    """
    if not wanted:
        note("--draft writes the production notebook all the same, marked as unproven, with a list of what to mend")
        raise refusal
    check_untouched(made.plan, made.draft, made.workspace)
    made.workspace.check_writable()
    drafted = land(made.draft, made.plan, made.repository, made.workspace, refusal, made.again)
    _show(made, drafted, refusal)


def _show(made: Planned, drafted: Drafted, refusal: NbpromoteError) -> None:
    """Why there is no proof, what is to be done first, and the files."""
    console, options = out(), made.draft.options
    console.print(Text.assemble(("Proof: ", "bold"), ("unproven", "bold yellow")))
    console.print(Text(f"  {clean(_reason(refusal))}"))
    console.print()
    console.print("To do, the most pressing first:")
    for number, one in enumerate(drafted.todo, 1):
        where = f"{one.where}: " if one.where else ""
        console.print(Text(f"  {number}. {clean(where)}{clean(one.why)}"))
        console.print(Text(f"     {clean(one.what)}", style="dim"))
    console.print()
    branch = made.workspace.branch
    where = f" on branch {branch}; what is checked out is as it was" if branch else ""
    console.print(f"Written as an unproven draft: {len(drafted.edits)} files{where}.")
    for edit in drafted.edits:
        console.print(f"  {edit.path if branch else shown_path(made.repository.root / edit.path)}", soft_wrap=True)
    console.print(f"Promote again: nbpromote promote {options.source} replaces it")
    console.print("Take it back:  nbpromote undo")


def _reason(refusal: NbpromoteError) -> str:
    if isinstance(refusal, CannotProve):
        count = len(refusal.failures)
        return (
            f"the {refusal.which} notebook does not run: {count or 'some'} cell{'s fail' if count != 1 else ' fails'}"
        )
    if isinstance(refusal, Differs):
        return f"the two notebooks do not compute the same: {words.reason(refusal.verdict)}"
    return str(refusal).partition("\n")[0].removesuffix("; nothing was changed")
