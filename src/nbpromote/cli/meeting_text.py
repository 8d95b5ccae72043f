"""Where notebooks would meet another version on a Databricks runtime, in words."""

from collections.abc import Sequence

from rich.text import Text

from nbpromote.cli.terminal import clean, out
from nbpromote.environment.runtimes import Meeting, Runtime

_MOST = 3


def show_meetings(runtime: Runtime, python: str | None, meetings: Sequence[Meeting]) -> None:
    """Print each package that differs, with who imports it: other versions, then what is not there."""
    out().print(f"Databricks runtime {clean(runtime.name)} (source: {clean(runtime.source)})", soft_wrap=True)
    if runtime.python is not None and python is not None and runtime.python != python:
        out().print(f"  Python {python} is locked, {runtime.python} runs there")
    for one in meetings:
        if one.there is not None:
            label = ("  ", "") if not one.is_major else ("! ", "bold red")
            what = f"{one.package} {one.locked} is locked, {one.there} is there"
        elif one.is_known:
            label, what = ("! ", "bold red"), f"{one.package} {one.locked} is locked, and not there: install it there"
        else:
            label, what = ("? ", "yellow"), f"{one.package} {one.locked} is locked; whether it is there is not listed"
        who = ", ".join(one.notebooks[:_MOST]) + (
            f" and {more} more" if (more := len(one.notebooks) - _MOST) > 0 else ""
        )
        out().print(Text.assemble(label, clean(what), (f"  ({clean(who)})", "dim")), soft_wrap=True)
    if not meetings:
        out().print("  every package that notebooks import is there in the locked version")
