"""What has changed in the locks, in words."""

from collections.abc import Sequence

from rich.text import Text

from nbpromote.cli.terminal import clean, out
from nbpromote.environment.difference import Change

_MOST = 40


def show_changes(changes: Sequence[Change]) -> None:
    """Print what differs, file by file: what is asked for first, then what came along."""
    for file in dict.fromkeys(one.file for one in changes):
        ours = [one for one in changes if one.file == file]
        out().print(Text.assemble((file, "bold"), f": {len(ours)} {'package' if len(ours) == 1 else 'packages'}"))
        for one in ours[:_MOST]:
            out().print(Text.assemble(f"  {clean(str(one))}", (f"  ({clean(one.why)})", "dim")), soft_wrap=True)
        if len(ours) > _MOST:
            out().print(Text(f"  and {len(ours) - _MOST} more; git diff shows them", style="dim"))
    if not changes:
        out().print("No package moves.")
