"""Which cell of one notebook is which of another, by their text: in order, the same first, then the most alike."""

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher

from nbpromote.notebook.model import Cell

Pairs = tuple[tuple[int | None, int | None], ...]
ALIKE = 0.5
_LONGEST = 4_000  # characters of a cell that likeness looks at; the time it takes grows with their square


def likeness(one: str, other: str) -> float:
    """How alike two texts are, from 0 to 1."""
    if one == other:
        return 1.0
    matcher = SequenceMatcher(None, one[:_LONGEST], other[:_LONGEST], autojunk=False)
    if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
        return 0.0
    return matcher.ratio()


def same_cells(written: Sequence[Cell], meant: Sequence[Cell]) -> dict[str, str]:
    """Id -> id of the cell that it stands for; one of its own for a cell that people put in."""
    ids = {cell.id: f"own-{cell.id}"[:64] for cell in written}
    texts = [[f"{cell.kind}\n{cell.source}" for cell in cells] for cells in (written, meant)]
    for i, j in align(texts[0], texts[1]):
        if i is not None and j is not None:
            ids[written[i].id] = meant[j].id
    return ids


def align(ours: Sequence[str], theirs: Sequence[str], score: Callable[[int, int], float] | None = None) -> Pairs:
    """Places in both sequences that belong together, in order; None where one has nothing for the other's.

    Texts that are the same anchor the rest. Between anchors, those belong together that score the most in sum (0 where
    two do not); by their likeness, when nothing else is given.
    """
    if score is None:
        score = by_likeness(ours, theirs)
    pairs: list[tuple[int | None, int | None]] = []
    at, there = 0, 0
    for block in SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks():
        pairs += _align_between(range(at, block.a), range(there, block.b), score)
        pairs += [(block.a + step, block.b + step) for step in range(block.size)]
        at, there = block.a + block.size, block.b + block.size
    return tuple(pairs)


def by_likeness(ours: Sequence[str], theirs: Sequence[str]) -> Callable[[int, int], float]:
    """Texts that are alike by half or more score how alike they are."""

    def score(i: int, j: int) -> float:
        found = likeness(ours[i], theirs[j])
        return found if found >= ALIKE else 0.0

    return score


def _align_between(
    ours: range, theirs: range, score: Callable[[int, int], float]
) -> list[tuple[int | None, int | None]]:
    """The pairs with the greatest score in sum that keep the order (Needleman and Wunsch, 1970, gaps for free)."""
    rows, columns = len(ours), len(theirs)
    scores = [[score(i, j) for j in theirs] for i in ours]
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            together = scores[i][j] + best[i + 1][j + 1] if scores[i][j] else 0.0
            best[i][j] = max(together, best[i + 1][j], best[i][j + 1])
    pairs: list[tuple[int | None, int | None]] = []
    i = j = 0
    while i < rows and j < columns:
        if scores[i][j] and best[i][j] == scores[i][j] + best[i + 1][j + 1]:
            pairs.append((ours[i], theirs[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            pairs.append((ours[i], None))
            i += 1
        else:
            pairs.append((None, theirs[j]))
            j += 1
    return [*pairs, *((place, None) for place in ours[i:]), *((None, place) for place in theirs[j:])]
