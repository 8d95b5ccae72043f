"""The R texts of a cell, read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbpromote.analysis.code import CellCode
from nbpromote.analysis.facts import Problem, Span
from nbpromote.analysis.r.found import Found
from nbpromote.analysis.r.grammar import first_error, parse
from nbpromote.analysis.r.reader import Reader
from nbpromote.notebook.magics import Foreign

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(slots=True)
class Text:
    """One R text of a cell, with its tree and what was found in it."""

    code: CellCode
    foreign: Foreign
    root: Node
    found: Found = field(default_factory=Found)
    rows: tuple[bytes, ...] = ()

    def span(self, node: Node) -> Span:
        """Where the user wrote this node."""
        place = self.foreign.place
        ends = []
        for point in (node.start_point, node.end_point):
            row = self.rows[point.row] if point.row < len(self.rows) else b""
            column = len(row[: point.column].decode("utf-8", "ignore"))
            ends.append((place.line + point.row, column + (place.column if point.row == 0 else 0)))
        return Span(*ends[0], *ends[1])


def read_texts(code: CellCode) -> list[Text]:
    """The cell's R texts; none when one of its texts cannot be read, or is in another language."""
    found: list[Text] = []
    for foreign in code.python.foreign:
        if foreign.language != "r":
            return []
        root = parse(foreign.source)
        if root is None:
            return []
        text = Text(code, foreign, root, rows=tuple(foreign.source.encode("utf-8", "replace").split(b"\n")))
        try:
            reader = Reader(text.found)
            reader.all(root.named_children)
        except RecursionError:
            return []
        text.found.carries |= set(text.found.binds) - reader.bound - text.found.reads
        found.append(text)
    return found


def joined(texts: Sequence[Text]) -> Found:
    """What the cell's R texts do one after the other."""
    whole = Found()
    for text in texts:
        found = text.found
        own = set(whole.binds)
        whole.reads |= found.reads - own
        whole.touched |= found.touched
        whole.shared |= found.shared
        whole.references |= found.references
        whole.deletes |= found.deletes
        whole.deletes_all |= found.deletes_all
        whole.add(found)
        whole.binds |= found.binds
        whole.functions |= found.functions
    whole.carries -= whole.reads
    return whole


def find_problem(texts: Sequence[Text]) -> Problem | None:
    """The first place that is not R."""
    for text in texts:
        node = first_error(text.root)
        if node is not None:
            return Problem("this is not R that can be read", text.span(node))
    return None
