"""How plans, findings and verdicts of a promotion look in a terminal."""

from collections.abc import Iterable
from pathlib import Path

from rich.table import Table
from rich.text import Text

from nbpromote.cli.terminal import clean, err, out
from nbpromote.promotion import explain
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.plan import Decision, DecisionKind, Plan
from nbpromote.proof.verdict import Comparison, Outcome, Verdict, Weight

_OUTCOMES = {
    Outcome.SAME: ("same", "bold green"),
    Outcome.DIFFERS: ("differs", "bold red"),
    Outcome.NOT_COMPARABLE: ("not comparable", "bold yellow"),
}


_TOLD_NOTES = "the ad-hoc notebook ran mended"


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


def show_verdict(verdict: Verdict) -> None:
    """The verdict with each comparison that counts, and where the two part when they do."""
    console = out()
    word, style = _OUTCOMES[verdict.outcome]
    console.print(Text.assemble(("Proof: ", "bold"), (word, style)))
    print_rows(_row(one) for one in verdict.comparisons if one.weight is Weight.RESULT)
    steps = [
        one for one in verdict.comparisons if one.weight is Weight.STEP and one.outcome is not Outcome.NOT_COMPARABLE
    ]
    same = sum(1 for one in steps if one.outcome is Outcome.SAME)
    if steps:
        console.print(Text(f"  {same} of {len(steps)} intermediate values and outputs are the same", style="dim"))
    for one in steps:
        if one.outcome is Outcome.DIFFERS:
            label = "  parts at" if verdict.outcome is Outcome.DIFFERS else "  but"
            console.print(Text(f"{label} {clean(one.subject)}: {clean(one.detail)}", style="yellow"))
    for remark in verdict.notes:
        if remark.startswith(_TOLD_NOTES):
            console.print(Text(f"  {clean(remark)}", style="yellow"))
    if verdict.outcome is Outcome.SAME:
        console.print(Text(f"  floats agree within {verdict.tolerance:g}, everything else exactly", style="dim"))


def _row(one: Comparison) -> tuple[Text, Text, Text]:
    word, style = _OUTCOMES[one.outcome]
    return Text(f"  {clean(one.subject)}"), Text(word, style=style.removeprefix("bold ")), Text(clean(one.detail))


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
