"""A text notebook and the .ipynb that is paired with it, held against each other by their cells."""

from hashlib import sha256

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
        if one != other:
            return f"cell {place} is {_first(one[1])} in the text and {_first(other[1])} in the notebook"
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


def _first(source: str) -> str:
    line = next((line for line in source.splitlines() if line.strip()), "")
    return repr(line if len(line) <= 60 else f"{line[:57]}...")
