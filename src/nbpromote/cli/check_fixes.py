"""`nbpromote check --fix` and `--diff`: mend what is safe, or show what would be mended."""

import difflib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from nbpromote.analysis.checking import Checked
from nbpromote.cli.terminal import clean, err, out
from nbpromote.effects.checking.fixing import Fixed, Fixer, source_changes
from nbpromote.effects.files.workspace import Workspace

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def mend(checked: Sequence[Checked], fixer: Fixer) -> None:
    """Apply every fix that is selected, all or none."""
    fixed = _fixed(checked, fixer)
    if not fixed:
        err().print("nothing to fix")
        return
    workspace = Workspace(fixer.repository.root)
    workspace.apply([one.edit for one in fixed])
    err().print(f"fixed {_told(fixed)}", soft_wrap=True)


def show_fixes(checked: Sequence[Checked], fixer: Fixer) -> None:
    """Print what `--fix` would do, cell by cell."""
    fixed = _fixed(checked, fixer)
    for one in fixed:
        for number, before, after in source_changes(one):
            place = f"{one.edit.path} cell {number}"
            lines = difflib.unified_diff(
                before.split("\n"), after.split("\n"), place, f"{place}, fixed", n=2, lineterm=""
            )
            for line in lines:
                out().print(Text(clean(line), style=_COLOURS.get(line[:1], "")), soft_wrap=True)
    err().print(f"would fix {_told(fixed)}" if fixed else "nothing to fix", soft_wrap=True)


def _fixed(checked: Sequence[Checked], fixer: Fixer) -> list[Fixed]:
    paths = [Path(one.path) for one in checked if any(each.fix is not None for each in one.findings)]
    return list(fixer.fix_files(paths))


def _told(fixed: Sequence[Fixed]) -> str:
    counts = Counter(code for one in fixed for code in one.codes)
    each = ", ".join(f"{count} {code}" for code, count in sorted(counts.items()))
    total = sum(counts.values())
    return (
        f"{total} finding{'' if total == 1 else 's'} ({each}) in {len(fixed)} notebook{'' if len(fixed) == 1 else 's'}"
    )
