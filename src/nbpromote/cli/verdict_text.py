"""How a verdict looks in a terminal: what was compared, where two runs part, and by how much."""

from rich.text import Text

from nbpromote.cli.promotion_text import print_rows
from nbpromote.cli.terminal import clean, out
from nbpromote.proof import words
from nbpromote.proof.verdict import Comparison, Outcome, Verdict, Weight

_STYLES = {
    Outcome.SAME: "bold green",
    Outcome.DIFFERS: "bold red",
    Outcome.NOT_COMPARABLE: "bold yellow",
    Outcome.UNPROVEN: "bold yellow",
}
_MOST_STEPS = 8
_TOLD_NOTES = "the ad-hoc notebook ran mended"


def show_verdict(verdict: Verdict) -> None:
    """The verdict with each comparison that counts, and where the two part when they do."""
    console = out()
    console.print(Text.assemble(("Proof: ", "bold"), (str(verdict.outcome), _STYLES[verdict.outcome])))
    results = [one for one in verdict.comparisons if one.weight is Weight.RESULT]
    print_rows(_row(one) for one in results)
    steps = [
        one for one in verdict.comparisons if one.weight is Weight.STEP and one.outcome is not Outcome.NOT_COMPARABLE
    ]
    same = sum(1 for one in steps if one.outcome is Outcome.SAME)
    if steps:
        console.print(Text(f"  {same} of {len(steps)} intermediate values and outputs are the same", style="dim"))
    if verdict.outcome is not Outcome.DIFFERS:
        _show_apart([one for one in steps if one.outcome is Outcome.DIFFERS], "but ")
    _show_repeat(verdict)
    if verdict.outcome is Outcome.DIFFERS:
        _show_divergence(verdict)
    for remark in verdict.notes:
        if remark.startswith(_TOLD_NOTES):
            console.print(Text(f"  {clean(remark)}", style="yellow"))
    for line in words.saved(verdict):
        console.print(Text(f"  {clean(line)}", style="dim"))
    if verdict.outcome is Outcome.SAME:
        console.print(Text(f"  floats agree within {verdict.tolerance:g}, everything else exactly", style="dim"))


def _show_repeat(verdict: Verdict) -> None:
    style = "yellow" if verdict.is_unsettled else "dim"
    for line in words.repeat(verdict):
        out().print(Text(f"  {clean(line)}", style=style))
    if verdict.repeat is not None and verdict.is_unsettled:
        found = verdict.repeat.comparisons
        print_rows(_row(one) for one in found if one.weight is Weight.RESULT and one.outcome is Outcome.DIFFERS)


def _show_divergence(verdict: Verdict) -> None:
    console = out()
    first = verdict.first_divergence
    if first is not None and verdict.parts_at:
        console.print(Text(f"  They part at {verdict.parts_at}: {clean(first.subject)}: {clean(first.detail)}"))
        console.print(Text(f"    | {clean(verdict.parts_with)}", style="bold"))
    later = [one for one in verdict.decisive if one.weight is Weight.STEP and one is not first]
    _show_apart(later, "then ")
    for line in words.advice(verdict):
        console.print(Text(f"  {clean(line)}", style="yellow"))


def _show_apart(found: list[Comparison], word: str) -> None:
    for one in found[:_MOST_STEPS]:
        out().print(Text(f"  {word}{clean(one.subject)}: {clean(one.detail)}", style="dim"))
    if len(found) > _MOST_STEPS:
        out().print(Text(f"  and {len(found) - _MOST_STEPS} more", style="dim"))


def _row(one: Comparison) -> tuple[Text, Text, Text]:
    style = _STYLES[one.outcome].removeprefix("bold ")
    return Text(f"  {clean(one.subject)}"), Text(str(one.outcome), style=style), Text(clean(one.detail))
