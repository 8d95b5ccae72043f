"""One safe change that lets an ad-hoc notebook run, or run twice alike."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nbpromote.analysis.facts import Facts
from nbpromote.notebook.model import Cell
from nbpromote.promotion.code import CellCode, parse_cell
from nbpromote.promotion.rewriting import Rewrite


@dataclass(frozen=True, slots=True)
class Mend:
    """`subject` is what stands in the notebook (`np.float`), `what` the change, `why` the evidence."""

    subject: str
    what: str
    why: str
    rewrites: tuple[Rewrite, ...]


def codes_of(facts: Facts) -> Iterator[tuple[Cell, CellCode]]:
    """The code cells that are Python."""
    for cell in facts.notebook.code_cells:
        code = parse_cell(cell.source) if cell.language == "python" else None
        if code is not None:
            yield cell, code


def merged(mends: Iterable[Mend]) -> tuple[Mend, ...]:
    """Mends of the same thing as one, in the order in which they were found."""
    found: dict[tuple[str, str, str], tuple[Rewrite, ...]] = {}
    for one in mends:
        key = (one.subject, one.what, one.why)
        found[key] = (*found.get(key, ()), *one.rewrites)
    return tuple(Mend(*key, tuple(dict.fromkeys(rewrites))) for key, rewrites in found.items())
