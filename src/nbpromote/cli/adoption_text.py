"""What the common environment takes from a notebook, and what that breaks, in words."""

from rich.text import Text

from nbpromote.cli.environment_text import show_changes
from nbpromote.cli.terminal import clean, out
from nbpromote.effects.environment.adopting import Adopted
from nbpromote.effects.environment.ran_with import Interpreter
from nbpromote.environment.adoption import Adoption

_MOST = 5


def show_wanted(name: str, ran: Interpreter, adoption: Adoption) -> None:
    """Print what the notebook has that the environment has not, and what would be asked for."""
    out().print(f"{clean(name)} ran with Python {ran.version} at {ran.path}.", soft_wrap=True)
    for note in adoption.notes:
        out().print(Text.assemble(("note: ", "dim"), clean(note)), soft_wrap=True)
    if not adoption.moves:
        out().print("The common environment has all that it imports; nothing to adopt.")
    for move in adoption.moves:
        if move.line is None:
            asked = f"environment.yml gets {move.becomes}"
        elif move.line == move.becomes:
            asked = f"environment.yml admits it: {move.line}"
        else:
            asked = f"environment.yml: {move.line} becomes {move.becomes}"
        out().print(Text.assemble(f"  {clean(str(move))}", (f"  ({clean(asked)})", "dim")), soft_wrap=True)


def show_adopted(adopted: Adopted) -> None:
    """Print how the locks moved, and whether they stay so."""
    show_changes(adopted.changes)
    if not adopted.broken:
        tests = "1 test passed" if adopted.count == 1 else f"{adopted.count} tests passed"
        out().print(
            f"{tests} in the fresh environment. Wrote {', '.join(adopted.written)}."
            if adopted.count
            else f"No test is there that could fail. Wrote {', '.join(adopted.written)}.",
            soft_wrap=True,
        )
        return
    out().print(f"Not adopted, and nothing was written: of {adopted.count} tests, these fail with it.")
    for one in adopted.broken:
        moved = ", ".join(map(str, one.changes[:_MOST]))
        why = "fails without it, too" if one.fails_now else f"moved: {moved}"
        out().print(Text.assemble("  ", (clean(one.name), "bold"), f": {clean(one.reason)}"), soft_wrap=True)
        out().print(Text(f"    {clean(why)}", style="dim"), soft_wrap=True)
