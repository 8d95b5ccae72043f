"""Doubtful decisions, asked one by one in a terminal with the evidence shown."""

import re
import sys

from rich.text import Text

from nbpromote.cli.planning import Planned, planned_again
from nbpromote.cli.terminal import clean, out
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.plan import Answer, Decision, Turn

_MOST_LINES = 4


def can_ask() -> bool:
    """Whether a person sits there."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def asked(made: Planned) -> Planned:
    """The plan with a person's answers to all that is in doubt; an answer may raise the next doubt."""
    settled: set[tuple[str, str]] = set()
    while doubts := _doubts(made.draft, settled):
        answers = []
        for number, decision in enumerate(doubts, 1):
            turn = decision.turn
            assert turn is not None
            settled.add((turn.topic, turn.subject))
            choice = _ask(decision, turn, made.draft, f"{number} of {len(doubts)}")
            if choice != turn.choice:
                answers.append(Answer(turn.topic, turn.subject, choice))
        if answers:
            made = planned_again(made, answers)
    return made


def _doubts(draft: Draft, settled: set[tuple[str, str]]) -> list[Decision]:
    answered = {(one.topic, one.subject) for one in (*draft.options.answers, *draft.options.remembered)} | settled
    return [
        one
        for one in dict.fromkeys(draft.decisions)
        if one.doubt and one.turn is not None and (one.turn.topic, one.turn.subject) not in answered
    ]


def _ask(decision: Decision, turn: Turn, draft: Draft, place: str) -> str:
    console = out()
    console.print()
    console.print(Text.assemble((f"In doubt ({place}): ", "bold yellow"), (clean(turn.subject), "bold")))
    console.print(Text(f"  {clean(decision.what)}; {clean(decision.why)}"))
    for line in _evidence(decision, turn, draft):
        console.print(Text(f"    {clean(line)}", style="dim"), soft_wrap=True)
    choices = turn.choices or (turn.choice,)
    told = ", ".join(f"{one} (default)" if one == turn.choice else one for one in choices)
    while True:
        console.print(Text.assemble("  ", told, "? "), end="")
        word = input().strip().lower()
        if not word:
            return turn.choice
        if not turn.choices:
            return word
        fitting = [one for one in choices if one.startswith(word)]
        exact = [one for one in fitting if one == word] or fitting
        if len(exact) == 1:
            return exact[0]
        console.print(Text(f"  {clean(word)!r} is none of these; the first letters of one, or Enter for the default"))


def _evidence(decision: Decision, turn: Turn, draft: Draft) -> list[str]:
    """The lines of the notebook that the decision speaks of."""
    numbers = [int(one) for one in re.findall(r"cell (\d+)", f"{turn.subject} {decision.why}")]
    words = {turn.subject, *re.findall(r"= (.+)", decision.what)}
    lines = []
    for cell in draft.facts.notebook.code_cells:
        if cell.number in numbers:
            rows = [row for row in cell.source.splitlines() if row.strip()]
            telling = [row for row in rows if any(word in row for word in words)] or rows
            lines += [f"cell {cell.number}  {row}" for row in telling[:_MOST_LINES]]
    return lines
