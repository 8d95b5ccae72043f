"""Safe mends of what keeps an ad-hoc notebook from running, or from running twice alike.

They are made to the notebook as it is read, never to its file: what is promoted, and what the proof runs as the ad-hoc
notebook, is the mended one.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from nbpromote.analysis import analyse
from nbpromote.analysis.facts import Facts
from nbpromote.notebook.model import Notebook
from nbpromote.promotion.draft import Options, UnfitAnswer, name_of
from nbpromote.promotion.mends import arguments, keywords, modules, names, seeds, unbound, writing_sql
from nbpromote.promotion.mends.mend import Mend, merged
from nbpromote.promotion.plan import Decision, DecisionKind, Topic, Turn
from nbpromote.promotion.rewriting import Rewrite, rewrite

__all__ = ["mended"]

_FAMILIES = (modules.find, names.find, arguments.find, keywords.find, unbound.find, writing_sql.find)
CHOICES = ("mend", "leave")
_MOST_ROUNDS = 4  # a mend may lie within another, or need an import


def mended(
    facts: Facts, options: Options, *, specifications: Sequence[Path] = ()
) -> tuple[Facts, tuple[Decision, ...]]:
    """The facts of the notebook with all safe mends made that nobody has refused, and the decisions on them.

    Raises:
        UnfitAnswer: a person chose something else than to mend or to leave.
    """
    decisions: dict[str, Decision] = {}
    for families in (_FAMILIES, (partial(seeds.find, options=options),)):  # what is missing is known when it runs
        for _ in range(_MOST_ROUNDS):
            wanted: list[Rewrite] = []
            for mend in merged(mend for family in families for mend in family(facts)):
                choice = _choice(options, mend)
                decisions.setdefault(mend.subject, _decision(mend, facts.notebook, choice))
                wanted += mend.rewrites if choice == CHOICES[0] else ()
            if not wanted:
                break
            facts = analyse(_rewritten(facts.notebook, wanted), specifications=specifications)
    return facts, tuple(decisions.values())


def _choice(options: Options, mend: Mend) -> str:
    answers = [
        one
        for one in (*options.answers, *options.remembered)
        if one.topic is Topic.MEND and one.subject == mend.subject
    ]
    if not answers:
        return CHOICES[0]
    if answers[0].choice not in CHOICES:
        raise UnfitAnswer(answers[0], CHOICES)
    return answers[0].choice


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
        # A cell in SQL that has a mend is Python by it.
        cells.append(replace(cell, source=rewrite(cell.source, own), language="python") if own else cell)
    return replace(notebook, cells=tuple(cells))
