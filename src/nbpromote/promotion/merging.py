"""What a promotion would write and what people made of the last one, merged on what the last one wrote.

Piece by piece (cells, definitions), a piece by its lines, and declarations (parameters, imports) by their names. What
both sides changed in different ways is a conflict: it is shown, and never resolved here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from nbpromote.promotion.aligning import Pairs, align, by_likeness
from nbpromote.promotion.declarations import are_bound_up, merge_declarations
from nbpromote.promotion.pieces import Piece, pieces_of, text_of

MARKS = ("<<<<<<< yours", "||||||| last promoted", "=======", ">>>>>>> promoted now")


@dataclass(frozen=True, slots=True)
class Conflict:
    """One place that both sides changed. A side is None where it has taken the place out."""

    place: str
    base: str | None
    yours: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged text, with conflicts marked as git marks them; `kept` are the places of people's edits in it."""

    text: str
    conflicts: tuple[Conflict, ...] = ()
    kept: tuple[str, ...] = ()


@dataclass(slots=True)
class _Merge:
    conflicts: list[Conflict] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)

    def conflict(self, piece: Piece, base: str | None, yours: str | None, now: str | None) -> None:
        self.conflicts.append(Conflict(piece.title, base, yours, now))
        text = _marked(*(side.split("\n") if side else [] for side in (base, yours, now)))
        self.pieces.append(Piece("\n".join(text), piece.title, piece.key, piece.gap))


def merge(base: str, yours: str, now: str) -> Merged:
    """Carry people's edits (from `base` to `yours`) over to what is promoted now."""
    if yours == base:
        return Merged(now)
    if now in {base, yours}:
        return Merged(yours, (), _edited(base, yours))
    sides = [pieces_of(text) for text in (base, yours, now)]
    mine, theirs = (_against(sides[0], side) for side in sides[1:])
    work = _Merge()
    for place in range(len(sides[0]) + 1):
        _merge_new(work, mine[1][place], theirs[1][place])
        if place < len(sides[0]):
            _merge_piece(work, sides[0][place], mine[0][place], theirs[0][place])
    return Merged(text_of(work.pieces), tuple(work.conflicts), tuple(dict.fromkeys(work.kept)))


def _edited(base: str, yours: str) -> tuple[str, ...]:
    """The places in `yours` that are not as in `base`."""
    sides = pieces_of(base), pieces_of(yours)
    pairs = _pairs(*sides)
    return tuple(
        sides[1][j].title if j is not None else f"{sides[0][i or 0].title}, taken out"
        for i, j in pairs
        if i is None or j is None or sides[0][i].text != sides[1][j].text
    )


def _pairs(ours: Sequence[Piece], theirs: Sequence[Piece]) -> Pairs:
    """Which piece is which: by its key where both have one, else by its text."""
    texts = [one.text for one in ours], [one.text for one in theirs]
    alike = by_likeness(*texts)

    def score(i: int, j: int) -> float:
        keys = ours[i].key, theirs[j].key
        return 2.0 * (keys[0] == keys[1]) if None not in keys else alike(i, j)

    return align(*texts, score)


_Side = tuple[list[Piece | None], list[list[Piece]]]


def _against(base: Sequence[Piece], side: Sequence[Piece]) -> _Side:
    """What this side made of each piece of the base, and what it put before each of them, and after the last."""
    stays: list[Piece | None] = [None] * len(base)
    new: list[list[Piece]] = [[] for _ in range(len(base) + 1)]
    place = 0
    for i, j in _pairs(base, side):
        if i is not None:
            stays[i] = side[j] if j is not None else None
            place = i + 1
        elif j is not None:
            new[place].append(side[j])
    return stays, new


def _merge_new(work: _Merge, mine: Sequence[Piece], theirs: Sequence[Piece]) -> None:
    """Pieces that only one side has; those of the promotion first, when both put some in one place."""
    same = {piece.text for piece in mine} & {piece.text for piece in theirs}
    mine = [piece for piece in mine if piece.text not in same]
    others = [piece for piece in theirs if piece.text not in same]
    if any(are_bound_up(one.text, other.text) for one in mine for other in others):
        yours, now = ("\n\n".join(piece.text for piece in side) for side in (mine, others))
        work.conflict(mine[0], None, yours, now)
        work.pieces += [piece for piece in theirs if piece.text in same]
        return
    work.pieces += theirs
    work.pieces += mine
    work.kept += [piece.title for piece in mine]


def _merge_piece(work: _Merge, base: Piece, mine: Piece | None, theirs: Piece | None) -> None:
    if mine is None or theirs is None:
        other = theirs if mine is None else mine
        if other is not None and other.text != base.text:
            work.conflict(other, base.text, mine.text if mine else None, theirs.text if theirs else None)
        elif mine is None and theirs is not None:
            work.kept.append(f"{base.title}, taken out")
        return
    if mine.text == base.text:
        work.pieces.append(theirs)
        return
    work.kept.append(mine.title)
    if theirs.text in {base.text, mine.text}:
        work.pieces.append(mine)
        return
    lines, conflicts = _merge_lines(base.text.split("\n"), mine.text.split("\n"), theirs.text.split("\n"))
    if conflicts:
        by_name = merge_declarations(base.text, mine.text, theirs.text)
        if by_name is not None:
            lines, conflicts = by_name, []
    work.conflicts += [Conflict(mine.title, *("\n".join(side) for side in one)) for one in conflicts]
    work.pieces.append(Piece("\n".join(lines), mine.title, mine.key, mine.gap))


_Lines = list[str]


def _merge_lines(base: _Lines, mine: _Lines, now: _Lines) -> tuple[_Lines, list[tuple[_Lines, _Lines, _Lines]]]:
    """The lines merged (diff3, as Khanna, Kunal and Pierce describe it, 2007), and where both sides changed them."""
    merged: _Lines = []
    conflicts = []
    at = (0, 0, 0)
    for starts, size in _common(base, mine, now):
        sides = tuple(lines[a:b] for lines, a, b in zip((base, mine, now), at, starts, strict=True))
        before, yours, theirs = sides
        if yours == before:
            merged += theirs
        elif theirs in (before, yours):
            merged += yours
        else:
            conflicts.append((before, yours, theirs))
            merged += _marked(before, yours, theirs)
        merged += base[starts[0] : starts[0] + size]
        at = (starts[0] + size, starts[1] + size, starts[2] + size)
    return merged, conflicts


def _common(base: _Lines, mine: _Lines, now: _Lines) -> list[tuple[tuple[int, int, int], int]]:
    """Runs of lines that all three have: where each begins in each, and how long it is; the last is the end."""
    blocks = [SequenceMatcher(None, base, side, autojunk=False).get_matching_blocks() for side in (mine, now)]
    found = []
    for one in blocks[0]:
        for other in blocks[1]:
            start, end = max(one.a, other.a), min(one.a + one.size, other.a + other.size)
            if start < end:
                found.append(((start, one.b + start - one.a, other.b + start - other.a), end - start))
    return [*found, ((len(base), len(mine), len(now)), 0)]


def _marked(base: _Lines, yours: _Lines, now: _Lines) -> _Lines:
    return [MARKS[0], *yours, MARKS[1], *base, MARKS[2], *now, MARKS[3]]
