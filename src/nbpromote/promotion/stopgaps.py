"""What stands in an unproven draft where the ad-hoc notebook has no Python that runs, so that people can mend it there.

A cell that is not Python becomes a comment; a name that nothing binds is bound to `...` before it is used. Both say
what is to be done.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nbpromote.analysis import analyse
from nbpromote.analysis.facts import Facts, Span
from nbpromote.notebook.magics import code_of
from nbpromote.notebook.model import Cell, CellKind, Notebook
from nbpromote.promotion.code import has_code, parse_cell
from nbpromote.promotion.draft import Options, name_of
from nbpromote.promotion.passes.keep import KEEP
from nbpromote.promotion.plan import Answer, Topic
from nbpromote.promotion.rewriting import Rewrite, rewrite

# Findings that a stopgap can take the place of: not Python, names that nothing binds, or that only a later cell does.
CODES = frozenset({"NB101", "NB102", "NB103"})
_READ = frozenset({"python", "sql"})
_MOST_ROUNDS = 4  # without one name, another may be missing


def filled(facts: Facts, *, specifications: Sequence[Path] = ()) -> Facts:
    """The facts of the notebook with stopgaps in place of what keeps it from being Python."""
    problems = {one.cell_id: one.problem.message for one in facts.cells if one.problem is not None}
    cells = [_as_comment(cell, problems.get(cell.id)) for cell in facts.notebook.cells]
    facts = _analysed(facts.notebook, cells, specifications)
    for _ in range(_MOST_ROUNDS):
        missing: dict[str, set[str]] = {}
        for state in facts.flow.hidden:
            missing.setdefault(state.cell_id, set()).add(state.name)
        if not missing:
            break
        cells = [_with_names(cell, missing.get(cell.id, set())) for cell in facts.notebook.cells]
        facts = _analysed(facts.notebook, cells, specifications)
    return facts


def keeping(options: Options, notebook: Notebook, *, is_all: bool) -> Options:
    """The options with every cell kept that is a stopgap by now; with `is_all`, every cell that does something."""
    answered = {one.subject for one in options.answers if one.topic is Topic.CELL}
    kept = [
        Answer(Topic.CELL, name_of(cell), KEEP)
        for cell in notebook.code_cells
        if name_of(cell) not in answered and (is_comment(cell) or (is_all and has_code(cell.source)))
    ]
    return replace(options, answers=(*options.answers, *kept))


def is_comment(cell: Cell) -> bool:
    """Whether the cell is one that could not be read, as a comment."""
    return cell.source.startswith(_TO_DO)


_TO_DO = "# To do: this is not Python"


def _analysed(notebook: Notebook, cells: Sequence[Cell], specifications: Sequence[Path]) -> Facts:
    return analyse(replace(notebook, cells=tuple(cells)), specifications=specifications)


def _as_comment(cell: Cell, problem: str | None) -> Cell:
    if (
        cell.kind is not CellKind.CODE
        or not cell.source.strip()
        or (problem is None and code_of(cell).language in _READ)
    ):
        return cell
    told = f" ({problem})" if problem is not None else ""
    lines = [f"# {line}".rstrip() for line in cell.source.split("\n")]
    return replace(cell, source="\n".join([f"{_TO_DO}{told}", *lines, "..."]), language="python")


def _with_names(cell: Cell, names: set[str]) -> Cell:
    code = parse_cell(cell.source)
    if not names or code is None or not code.tree.body:
        return cell
    row = code.leading_comments(code.tree.body[0])
    lines = "".join(f"{name} = ...  # to do: nothing before binds it\n" for name in sorted(names))
    return replace(cell, source=rewrite(cell.source, [Rewrite(cell.id, Span(row, 0, row, 0), lines)]))
