"""`nbpromote dedupe`: code that stands in more than one place."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nbpromote.analysis.clones import Group
    from nbpromote.effects.promoting.deduping import Rewritten

_MOST_GROUPS, _MOST_PLACES, _MOST_LINES = 20, 8, 8


def dedupe(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH...", help="Notebooks, or folders that hold some; all of the repository if none."),
    ] = None,
    is_applied: Annotated[
        bool, typer.Option("--apply", help="Let production notebooks import what commonlib has, tested by their cases.")
    ] = False,
    shows_all: Annotated[bool, typer.Option("--all", help="Every group, not only the heaviest.")] = False,
) -> None:
    """Find code that stands in more than one place: in ad-hoc and production notebooks and in commonlib.

    Functions and classes are the same when they do the same, whatever their variables are called. With --apply
    production notebooks import from commonlib what they have a copy of, when their regression cases show and write
    the same with it. Ad-hoc notebooks are never touched.
    """
    from nbpromote.analysis.clones import find_groups
    from nbpromote.cli.terminal import counted, out
    from nbpromote.effects.files import repository
    from nbpromote.effects.files.notebook_files import find_notebooks
    from nbpromote.effects.promoting import deduping
    from nbpromote.effects.promoting.branch import workspace_for

    found = repository.find(paths[0] if paths else Path.cwd())
    workspace = workspace_for(found.root, "dedupe")
    folders = [one for one in (found.folder("adhoc"), found.folder("production")) if one.is_dir()]
    named = paths or folders or [found.root]
    library = deduping.library_of(workspace)
    groups = find_groups(deduping.find_definitions(find_notebooks(named), found, library))
    _show_groups(groups, shows_all=shows_all)
    rewritten = deduping.find_rewrites(found, workspace, library)
    ready = tuple(one for one in rewritten if one.cases)
    _show_rewrites(rewritten, is_applied=is_applied)
    if not is_applied or not ready:
        return
    out().print("Running their regression cases on what they would become.")
    edits = deduping.apply(found, workspace, ready)
    out().print(f"Changed {counted(len(edits), 'file')}, as one change; ad-hoc notebooks stay as they are.")
    for edit in edits:
        out().print(f"  {edit.path}", soft_wrap=True)
    out().print("Take it back: nbpromote undo")


def _show_groups(groups: Sequence["Group"], *, shows_all: bool) -> None:
    from rich.text import Text

    from nbpromote.analysis.clones import Likeness, differing_lines
    from nbpromote.cli.terminal import clean, out

    console = out()
    if not groups:
        console.print("No code stands in more than one place.")
    shown = groups if shows_all else groups[:_MOST_GROUPS]
    for group in shown:
        first = group.members[0]
        console.print(Text.assemble((f"{first.name}", "bold"), f": {group.likeness} in {len(group.members)} places"))
        for one in group.members[:_MOST_PLACES]:
            where = f"{one.path} cell {one.cell}" if one.cell is not None else one.path
            named = f" as {one.name}" if one.name != first.name else ""
            console.print(Text(f"  {clean(where)}:{one.line}{clean(named)}"), soft_wrap=True)
            if group.likeness is Likeness.NEAR and one is not first:
                lines = differing_lines(first.node, first.form, one.node, one.form)
                for line in lines[:_MOST_LINES]:
                    console.print(
                        Text(f"    {clean(line)}", style="red" if line[:1] == "-" else "green"), soft_wrap=True
                    )
                if len(lines) > _MOST_LINES:
                    console.print(Text(f"    and {len(lines) - _MOST_LINES} more lines that differ", style="dim"))
        if len(group.members) > _MOST_PLACES:
            console.print(Text(f"  and {len(group.members) - _MOST_PLACES} more places", style="dim"))
    if len(shown) < len(groups):
        console.print(f"and {len(groups) - len(shown)} more groups; --all shows them")


def _show_rewrites(rewritten: Sequence["Rewritten"], *, is_applied: bool) -> None:
    from nbpromote.cli.terminal import out

    console = out()
    for one in rewritten:
        told = ", ".join(f"{name.name} from commonlib.{name.known.module}" for name in one.replaced)
        if not one.cases:
            console.print(f"{one.edit.path} could import {told}; it has no regression case to test that with")
        elif is_applied:
            console.print(f"{one.edit.path} imports {told}")
        else:
            console.print(f"{one.edit.path} can import {told}: nbpromote dedupe --apply")
