"""A text notebook and the .ipynb that is paired with it, held against each other by their cells."""

from hashlib import sha256
from itertools import zip_longest

from nbpromote.notebook.model import CellKind, Notebook


def digest(notebook: Notebook) -> str:
    """A hash of what both forms hold: kinds, tags and sources of cells, without outputs, ids and other metadata."""
    content = sha256()
    for kind, source, tags in _cells(notebook):
        content.update(f"{kind}\0{' '.join(tags)}\0{len(source)}\0{source}\0".encode())
    return content.hexdigest()


def first_apart(text: Notebook, paired: Notebook) -> str | None:
    """Where the two part first, in words; None when they are in step."""
    if digest(text) == digest(paired):
        return None
    ours, theirs = _cells(text), _cells(paired)
    for place, (one, other) in enumerate(zip(ours, theirs, strict=False), 1):
        if one[:2] == other[:2] and one != other:
            sides = [", ".join(side[2]) or "none" for side in (one, other)]
            return f"the tags of cell {place} are {sides[0]} in the text and {sides[1]} in the notebook"
        if one[0] != other[0]:
            return f"cell {place} is {one[0]} in the text and {other[0]} in the notebook"
        if one != other:
            where, ours_line, theirs_line = _apart(one[1], other[1])
            cell = f"line {where} of cell {place}" if where > 1 else f"cell {place}"
            return f"{cell} is {_short(ours_line)} in the text and {_short(theirs_line)} in the notebook"
    return f"the text has {len(ours)} cells and the notebook {len(theirs)}"


def _cells(notebook: Notebook) -> list[tuple[str, str, tuple[str, ...]]]:
    found = [
        (
            "code" if cell.kind is CellKind.CODE else "text",
            "\n".join(line.rstrip() for line in cell.source.splitlines()),
            tuple(sorted(cell.tags)),
        )
        for cell in notebook.cells
    ]
    return [(kind, source.strip("\n"), tags) for kind, source, tags in found if source.strip()]


def _apart(ours: str, theirs: str) -> tuple[int, str, str]:
    """The first line, from 1, in which two sources differ, and what it is in each."""
    pairs = enumerate(zip_longest(ours.splitlines(), theirs.splitlines(), fillvalue=""), 1)
    return next((place, one, other) for place, (one, other) in pairs if one != other)


def _short(line: str) -> str:
    return repr(line if len(line) <= 60 else f"{line[:57]}...") if line else "nothing"
