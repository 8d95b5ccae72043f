"""Which cell of one notebook is which of another, by their text: in order, the same first, then the most alike."""

from collections.abc import Sequence
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
    for i, j in align(*([f"{cell.kind}\n{cell.source}" for cell in cells] for cells in (written, meant))):
        if i is not None and j is not None:
            ids[written[i].id] = meant[j].id
    return ids


def align(ours: Sequence[str], theirs: Sequence[str], *, ours_keys: Sequence[str | None] = (),
          theirs_keys: Sequence[str | None] = ()) -> Pairs:  # fmt: skip
    """Places in both sequences that belong together, in order; None where one has nothing for the other's.

    Texts that are the same anchor the rest. Between anchors, texts with the same key (a function's name) belong
    together, then those that are the most alike in sum, if they are alike at all.
    """
    pairs: list[tuple[int | None, int | None]] = []
    at, there = 0, 0
    for block in SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks():
        keys = (ours_keys[at : block.a] or (), theirs_keys[there : block.b] or ())
        between = _align_between(ours[at : block.a], theirs[there : block.b], *keys)
        pairs += [(None if i is None else i + at, None if j is None else j + there) for i, j in between]
        pairs += [(block.a + step, block.b + step) for step in range(block.size)]
        at, there = block.a + block.size, block.b + block.size
    return tuple(pairs)


def _align_between(
    ours: Sequence[str], theirs: Sequence[str], ours_keys: Sequence[str | None], theirs_keys: Sequence[str | None]
) -> list[tuple[int | None, int | None]]:
    """The pairs with the greatest likeness in sum that keep the order (Needleman and Wunsch, 1970, gaps for free)."""
    rows, columns = len(ours), len(theirs)
    scores = [
        [_score(ours[i], theirs[j], _at(ours_keys, i), _at(theirs_keys, j)) for j in range(columns)]
        for i in range(rows)
    ]
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            together = scores[i][j] + best[i + 1][j + 1] if scores[i][j] else 0.0
            best[i][j] = max(together, best[i + 1][j], best[i][j + 1])
    pairs: list[tuple[int | None, int | None]] = []
    i = j = 0
    while i < rows and j < columns:
        if scores[i][j] and best[i][j] == scores[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            pairs.append((i, None))
            i += 1
        else:
            pairs.append((None, j))
            j += 1
    return [*pairs, *((place, None) for place in range(i, rows)), *((None, place) for place in range(j, columns))]


def _score(one: str, other: str, key: str | None, other_key: str | None) -> float:
    if key is not None and other_key is not None:
        return 2.0 if key == other_key else 0.0
    found = likeness(one, other)
    return found if found >= ALIKE else 0.0


def _at(keys: Sequence[str | None], place: int) -> str | None:
    return keys[place] if keys else None
