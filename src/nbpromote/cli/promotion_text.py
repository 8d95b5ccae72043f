"""How plans, findings and verdicts of a promotion look in a terminal."""

from collections.abc import Iterable
from pathlib import Path

from rich.table import Table
from rich.text import Text

from nbpromote.cli.terminal import clean, err, out
from nbpromote.promotion import explain
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.plan import Decision, DecisionKind, Plan


def show_plan(plan: Plan, draft: Draft) -> None:
    """The decisions by what they are about, then the files."""
    console = out()
    console.print(Text.assemble((plan.source, "bold"), " becomes ", (plan.target, "bold")))
    for section in explain.sections(_told(plan.decisions)):
        console.print()
        console.print(Text(section.title, style="bold cyan"))
        print_rows(
            (
                Text.assemble(("? ", "bold yellow") if line.doubt else "  ", clean(line.subject)),
                Text(clean(line.what)),
                Text(clean(line.why), style="dim"),
            )
            for line in section.lines
        )
    console.print()
    show_files(plan, draft)


def show_doubts(draft: Draft) -> None:
    """How many decisions a person should look at, and how to turn them around."""
    count = sum(1 for one in dict.fromkeys(draft.decisions) if one.doubt and one.turn is not None)
    if count:
        told = "1 decision is" if count == 1 else f"{count} decisions are"
        out().print()
        out().print(Text.assemble(("? ", "bold yellow"), f"{told} in doubt: promote asks in a terminal, "
                                  "or save the plan with -o and edit it"), soft_wrap=True)  # fmt: skip


def print_rows(rows: Iterable[tuple[Text, ...]]) -> None:
    """Rows in columns as wide as they need to be, the last one wrapped, without blanks at the ends of lines."""
    console = out()
    table = Table.grid(padding=(0, 2))
    for number, row in enumerate(listed := list(rows)):
        if number == 0:
            for place in range(len(row)):
                table.add_column(no_wrap=place == 0, ratio=None, max_width=None if place == len(row) - 1 else 52)
        table.add_row(*row)
    if listed:
        for line in console.render_lines(table, pad=False):
            text = Text.assemble(*((one.text, one.style or "") for one in line if not one.control))
            text.rstrip()
            console.print(text, soft_wrap=True)


def show_files(plan: Plan, draft: Draft) -> None:
    """What the plan writes, and what the proof adds."""
    console = out()
    if plan.is_empty:
        console.print("Nothing to change: the production notebook is what this notebook becomes.")
        return
    console.print(Text("Files", style="bold cyan"))
    for edit in plan.edits:
        console.print(Text.assemble(f"  {explain.change(edit):8}", edit.path))
    count = len(draft.lifted)
    tested = f", tests of {count} function{'s' * (count > 1)}" if count else ""
    console.print(Text(f"  and, once proven: a regression case{tested}, and the proof", style="dim"))


def show_diff(plan: Plan) -> None:
    """The plan as a unified diff, coloured in a terminal."""
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in explain.diff(plan).splitlines():
        out().print(Text(clean(line), style=colours.get(line[:1], "")), soft_wrap=True)


def _told(decisions: tuple[Decision, ...]) -> tuple[Decision, ...]:
    """The decisions worth a line: of the cells that stay, only those that are a result."""
    return tuple(
        one
        for one in decisions
        if one.kind is not DecisionKind.CELL_KEPT or not one.why.startswith(("binds", "changes", "sets"))
    )


def note(text: str) -> None:
    """A line on how the work goes."""
    err().print(Text(clean(text), style="dim"))


def shown_path(path: Path) -> str:
    """A path as the user can type it from where they are."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
