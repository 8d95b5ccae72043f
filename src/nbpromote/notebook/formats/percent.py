"""`py:percent`, the text form in which production notebooks are kept, written by Jupytext."""

import re
import warnings
from collections.abc import Mapping
from typing import Any

from nbpromote.errors import NbpromoteError
from nbpromote.notebook.formats import ipynb, jupytext_text
from nbpromote.notebook.model import Cell, CellKind, Notebook

_VERSION = "-jupytext.text_representation.jupytext_version"


class CannotRender(NbpromoteError):
    """A notebook with a cell that text cannot hold without changing it."""

    def __init__(self, path: str, cell: int, reason: str) -> None:
        self.path, self.cell, self.reason = path, cell, reason
        super().__init__(
            f"{path} cell {cell}: cannot be kept as py:percent text, {reason}; "
            "take lines that look like cell markers or commented magics out of it"
        )


def render(notebook: Notebook) -> str:
    """The notebook as py:percent text: without outputs, ids, and blank lines at the ends of its cells.

    Metadata are kept as far as Jupytext can write them, which are those under plain names. What is read back from the
    text is compared with the notebook; CannotRender is raised when a cell would differ. The text does not depend on
    Jupytext's version.
    """
    import nbformat

    jupytext = jupytext_text.library()

    document = ipynb.to_document(notebook, for_text=True)
    metadata = {key: value for key, value in _mapping(document["metadata"]).items() if key != "jupytext"}
    others = sorted(key for key in metadata if key not in {"kernelspec", "kernel_info"})
    _mark_open_fences(document["cells"])
    about = {"notebook_metadata_filter": ",".join([*others, _VERSION])}
    if any(_is_ignored(key) for cell in notebook.cells for key in cell.metadata):
        about["cell_metadata_filter"] = "all"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        node = _untyped(nbformat).from_dict({**document, "metadata": {**metadata, "jupytext": about}})
        text: str = jupytext.writes(node, fmt="py:percent")
    _compare(notebook, jupytext_text.parse(text, _as_python(notebook.path)))
    return text


def told(cell: Cell) -> tuple[object, ...]:
    """What text keeps of a cell, its other metadata apart: two cells that agree in it are the same cell."""
    language = cell.language if cell.kind is CellKind.CODE else ""
    return (cell.kind, cell.source.lstrip("\n").rstrip(), language, cell.tags)


def _mark_open_fences(cells: object) -> None:
    """Write Markdown cells with a fence that is never closed as strings.

    Behind a comment mark, Jupytext 1.19.6 takes such a cell to go on to the end of the text.
    """
    for cell in cells if isinstance(cells, list) else []:
        source, quotes = cell["source"], '"""'
        fences = len(re.findall(r"^\s*```", source, re.M))
        if cell["cell_type"] == "markdown" and fences % 2 and quotes not in source:
            cell["metadata"]["cell_marker"] = quotes


def _compare(notebook: Notebook, again: Notebook) -> None:
    for number, (before, after) in enumerate(zip(notebook.cells, again.cells, strict=False), start=1):
        if told(before) != told(after):
            names = ("kind", "source", "language", "tags")
            changed = [name for name, a, b in zip(names, told(before), told(after), strict=True) if a != b]
            raise CannotRender(notebook.path, number, f"since its {' and '.join(changed)} would not stay as it is")
    if len(notebook.cells) != len(again.cells):
        number = min(len(notebook.cells), len(again.cells)) or 1
        raise CannotRender(notebook.path, number, "since the number of cells would change")


def _is_ignored(key: str) -> bool:
    """Whether Jupytext leaves this out of text when it is not asked to keep all."""
    from jupytext.cell_metadata import _IGNORE_CELL_METADATA

    return f"-{key}" in _IGNORE_CELL_METADATA.split(",")


def _as_python(path: str) -> str:
    return re.sub(r"\.\w+$", "", path) + ".py"


def _untyped(module: Any) -> Any:
    return module


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
