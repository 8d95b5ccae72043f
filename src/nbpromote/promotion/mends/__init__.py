"""Safe mends of what keeps an ad-hoc notebook from running: missing imports, and names that libraries have renamed.

They are made to the notebook as it is read, never to its file: what is promoted, and what the proof runs as the ad-hoc
notebook, is the mended one.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nbpromote.analysis import analyse
from nbpromote.analysis.facts import Facts
from nbpromote.notebook.model import Notebook
from nbpromote.promotion.draft import Options, UnfitAnswer, name_of
from nbpromote.promotion.mends import arguments, modules, names, unbound
from nbpromote.promotion.mends.mend import Mend, merged
from nbpromote.promotion.plan import Decision, DecisionKind, Topic, Turn
from nbpromote.promotion.rewriting import Rewrite, rewrite

__all__ = ["mended"]

_FAMILIES = (modules.find, names.find, arguments.find, unbound.find)
CHOICES = ("mend", "leave")
_MOST_ROUNDS = 4  # a mend may lie within another, or need an import


def mended(
    facts: Facts, options: Options, *, specifications: Sequence[Path] = ()
) -> tuple[Facts, tuple[Decision, ...]]:
    """The facts of the notebook with all safe mends made that nobody has refused, and the decisions on them.

    Raises:
        UnfitAnswer: a person chose something else than to mend or to leave.
    """
    chosen = {one.subject: one for one in (*options.remembered, *options.answers) if one.topic is Topic.MEND}
    decisions: dict[str, Decision] = {}
    for _ in range(_MOST_ROUNDS):
        found = merged(mend for family in _FAMILIES for mend in family(facts))
        wanted: list[Rewrite] = []
        for mend in found:
            answer = chosen.get(mend.subject)
            if answer is not None and answer.choice not in CHOICES:
                raise UnfitAnswer(answer, CHOICES)
            choice = answer.choice if answer is not None else CHOICES[0]
            decisions.setdefault(mend.subject, _decision(mend, facts.notebook, choice))
            wanted += mend.rewrites if choice == CHOICES[0] else ()
        if not wanted:
            break
        facts = analyse(_rewritten(facts.notebook, wanted), specifications=specifications)
    return facts, tuple(decisions.values())


def _decision(mend: Mend, notebook: Notebook, choice: str) -> Decision:
    cells = {one.cell_id for one in mend.rewrites}
    where = ", ".join(name_of(cell) for cell in notebook.code_cells if cell.id in cells)
    what = mend.what if choice == CHOICES[0] else "stays as it is"
    turn = Turn(Topic.MEND, mend.subject, choice, CHOICES, CHOICES[0])
    return Decision(DecisionKind.MEND, mend.subject, what, f"{mend.why} ({where})", doubt=True, turn=turn)


def _rewritten(notebook: Notebook, rewrites: Sequence[Rewrite]) -> Notebook:
    cells = []
    for cell in notebook.cells:
        own = [one for one in rewrites if one.cell_id == cell.id]
        cells.append(replace(cell, source=rewrite(cell.source, own)) if own else cell)
    return replace(notebook, cells=tuple(cells))
