"""What differs between two runs, told in a terminal."""

from collections.abc import Sequence

from nbpromote.cli.run_text import show_failure
from nbpromote.cli.terminal import clean, out
from nbpromote.effects.running.reruns import Rerun
from nbpromote.running.contrast import Change
from nbpromote.running.record import Record

_SHOWN = 40


def show_changes(changes: Sequence[Change]) -> None:
    """Each change: its kind, its name, before and after."""
    from rich.text import Text

    kind = ""
    for one in changes[:_SHOWN]:
        if one.kind != kind:
            kind = one.kind
            out().print(Text(f"  {kind}", style="bold"))
        if len(one.before) + len(one.after) + len(one.name) < 80:
            out().print(
                Text.assemble(
                    f"    {clean(one.name)}: ", (clean(one.before), "red"), " -> ", (clean(one.after), "green")
                )
            )
        else:
            out().print(f"    {clean(one.name)}")
            out().print(Text(f"      - {clean(one.before)}", style="red"))
            out().print(Text(f"      + {clean(one.after)}", style="green"))
    if len(changes) > _SHOWN:
        out().print(f"  and {len(changes) - _SHOWN:,} more")


def show_rerun(record: Record, found: Rerun) -> None:
    """Whether a run that was made once more gave the same."""
    from rich.text import Text

    again = found.ran.record
    if again.failure is not None:
        out().print(Text(f"{again.status}  {record.run_id} does not run again", style="bold red"))
        show_failure(again.failure)
    elif found.is_same:
        what = f"{found.datasets} dataset{'' if found.datasets == 1 else 's'} and {found.cells} cells"
        out().print(Text.assemble(("same", "bold green"), f"  {what}, as in {record.run_id}"))
    else:
        out().print(Text.assemble(("differs", "bold red"), f"  from {record.run_id}"))
        show_changes(found.differences)
    if found.causes and not found.is_same:
        out().print("What was not as then:")
        show_changes(found.causes)
    out().print(f"  run       {again.run_id}")
