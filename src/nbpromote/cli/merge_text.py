"""How a merge of people's edits with a new promotion is shown, where both changed the same place."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from nbpromote.cli.planning import Planned
from nbpromote.cli.terminal import clean, out
from nbpromote.effects.promoting.again import Carried, Conflicts


def stop_at_conflicts(made: Planned, *, write: bool = False) -> None:
    """Show what could not be merged, if there is such, and end there.

    Args:
        write: write the merges out beside the files, for a person to choose in.

    Raises:
        Conflicts: when there is anything.
    """
    found = made.again.open
    if not found:
        return
    show_conflicts(found)
    written = [one for one in found if write and one.beside is None]
    made.workspace.apply([one.written_out for one in written])
    there = [one.choices for one in found if one in written or one.beside is not None]
    raise Conflicts(made.draft.options.source, found, there)


def show_conflicts(files: Sequence[Carried]) -> None:
    """Each place with both sides beside each other; lines that the last promotion wrote are dim."""
    console = out()
    for one in files:
        console.print()
        if one.broken is not None:
            console.print(Text.assemble((one.path, "bold"), f": merged, and {one.broken}"))
        for conflict in one.merged.conflicts:
            console.print(Text.assemble((one.path, "bold"), f" {conflict.place}: changed on both sides"))
            table = Table(box=None, padding=(0, 2), show_edge=False, pad_edge=False, header_style="bold cyan")
            table.add_column("  as edited", ratio=1)
            table.add_column("as promoted now", ratio=1)
            base = (conflict.base or "").split("\n")
            sides = [_lines(side, base) for side in (conflict.yours, conflict.now)]
            for place in range(max(map(len, sides))):
                row = [side[place] if place < len(side) else Text() for side in sides]
                table.add_row(Text("  ") + row[0], row[1])
            console.print(table)
    console.print()


def _lines(side: str | None, base: Sequence[str]) -> list[Text]:
    if side is None:
        return [Text("(not there)" if base == [""] else "(taken out)", style="italic red")]
    return [Text(clean(line), style="dim" if line in base else "green") for line in side.split("\n")]
