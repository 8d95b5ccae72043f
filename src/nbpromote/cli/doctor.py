"""`nbpromote doctor`: whether Spark on Databricks can be had from here."""

import typer


def doctor() -> None:
    """Say whether Spark on Databricks can be had from here: packages, profile, host, versions. Takes seconds.

    Exit code 1 when something stands between.
    """
    from nbpromote.cli.terminal import out
    from nbpromote.effects.environment.doctor import examine

    found = examine()
    for one in found:
        mark, text = ("ok", one.what) if one.problem is None else ("error", f"{one.what}: {one.problem}")
        out().print(f"{mark:<7}{text}", soft_wrap=True, markup=False, highlight=False)
    if any(one.problem for one in found):
        raise typer.Exit(1)
