"""Lines that go, each with its reason, unless a person keeps them."""

from nbpromote.notebook.model import Cell
from nbpromote.promotion.draft import Draft, name_of
from nbpromote.promotion.plan import Decision, DecisionKind, Topic
from nbpromote.promotion.rewriting import Rewrite

KEEP, DROP = "keep", "drop"
CHOICES = (DROP, KEEP)
_WIDE = 80


def without_line(draft: Draft, cell: Cell, removal: Rewrite, text: str, why: str) -> Draft:
    """The draft without this line, unless a person keeps it."""
    turn = draft.turn(Topic.LINE, f"{name_of(cell)}: {text[:_WIDE]}", CHOICES, DROP)
    if turn.choice == KEEP:
        return draft.deciding(Decision(DecisionKind.LINE_KEPT, name_of(cell), text, "stays; so chosen", turn=turn))
    return draft.rewriting(removal).deciding(Decision(DecisionKind.LINE_DROPPED, name_of(cell), text, why, turn=turn))
