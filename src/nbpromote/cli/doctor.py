"""`nbpromote doctor`: whether Spark on Databricks can be had from here."""

from pathlib import Path

import typer


def doctor() -> None:
    """Say whether Spark on Databricks can be had from here: packages, environment, profile, host. Takes seconds.

    Exit code 1 when something stands between.
    """
    from nbpromote.cli.terminal import out
    from nbpromote.effects.environment.doctor import examine
    from nbpromote.effects.files.repository import find

    found = examine(find(Path()).root)
    for one in found:
        mark = "ok" if one.problem is None else "note" if one.is_note else "error"
        text = one.what if one.problem is None else f"{one.what}: {one.problem}"
        out().print(f"{mark:<7}{text}", soft_wrap=True, markup=False, highlight=False)
    if any(one.problem and not one.is_note for one in found):
        raise typer.Exit(1)
