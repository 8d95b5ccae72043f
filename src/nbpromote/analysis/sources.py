"""At a point of a run: which cells a name's value, or a resource's content, comes from."""

import re
from collections.abc import Iterable
from fnmatch import fnmatch

from nbpromote.analysis.facts import CellFacts

# Databricks and PySpark kernels put these into every notebook.
AMBIENT = frozenset(
    {"spark", "sc", "sqlContext", "dbutils", "displayHTML", "table", "sql", "spark_session", "udf", "getArgument"}
)
_MANY = 256
_TABLES = ("table ", "temp view ")
Source = tuple[str, str, str]


class Sources:
    """Which cells made the value that each name has, and who changed it since; and the same for resources.

    A write to a place that is not known leaves all others as they are, so its resource has several writers.
    """

    def __init__(self) -> None:
        self.binders: dict[str, str] = {}
        self.mutators: dict[str, list[str]] = {}
        self.writers: dict[str, list[str]] = {}
        self.files: dict[str, None] = {}
        self.tables: dict[str, None] = {}
        self.unknown: list[str] = []
        # How many cells that bind nobody knows what had run when a name was bound.
        self.unknown_before: dict[str, int] = {}

    def of(self, cell: CellFacts) -> Iterable[Source]:
        """(source cell, name, kind) of all that the cell takes from cells before."""
        for name in sorted(cell.reads | cell.carries):
            yield from self.of_name(name)
        for resource in sorted(cell.resources_read):
            yield from self._of_resource(resource)
            if resource.startswith("file "):
                for other in self.files:
                    if other != resource and may_overlap(resource, other):
                        yield from self._of_resource(other)
            elif resource.startswith(_TABLES):
                for other in self.tables:
                    if other != resource and "?" in {resource.rpartition(" ")[2], other.rpartition(" ")[2]}:
                        yield from self._of_resource(other)

    def of_name(self, name: str) -> Iterable[Source]:
        """(source cell, name, kind) of the value that this name has now.

        `from x import *` or `%run` may have bound it, too, unless it was bound again since.
        """
        if name in self.binders:
            yield self.binders[name], name, "value"
        if name in self.binders or name not in AMBIENT:
            yield from ((source, name, "value") for source in self.unknown[self.unknown_before.get(name, 0) :])
        for source in self.mutators.get(name, ()):
            yield source, name, "mutation"

    def add(self, cell: CellFacts) -> None:
        """Let the cell run."""
        taken = cell.reads | cell.carries
        for name in cell.mutates:
            _append(self.mutators, name, cell.cell_id, is_alone=name in taken)
        for name in cell.binds:
            self.binders[name] = cell.cell_id
            self.unknown_before[name] = len(self.unknown)
            self.mutators.pop(name, None)
        for name in cell.deletes:
            self.binders.pop(name, None)
            self.mutators.pop(name, None)
        for resource in cell.resources_changed:
            is_known = not resource.endswith("?")
            _append(self.writers, resource, cell.cell_id, is_alone=is_known or resource in cell.resources_read)
            if resource.startswith("file "):
                self.files[resource] = None
            elif resource.startswith(_TABLES):
                self.tables[resource] = None
        if cell.binds_unknown:
            self.unknown.append(cell.cell_id)

    def _of_resource(self, resource: str) -> Iterable[Source]:
        return ((source, resource, "resource") for source in self.writers.get(resource, ()))


def _append(known: dict[str, list[str]], name: str, cell_id: str, *, is_alone: bool) -> None:
    """Add a cell to those that changed something; `is_alone` when it leads on to the cells before, or undoes them."""
    cells = known.setdefault(name, [])
    if is_alone or len(cells) > _MANY:
        cells.clear()
    cells.append(cell_id)


def may_overlap(one: str, other: str) -> bool:
    """Whether two file resources may share a file: a folder and what is in it, a pattern, an unknown path."""
    one, other = one.removeprefix("file "), other.removeprefix("file ")
    if "?" in {one, other}:
        return True
    if any(mark in one + other for mark in "*["):
        return fnmatch(one, other) or fnmatch(other, one) or _folder(one) == _folder(other)
    return one.startswith(f"{other}/") or other.startswith(f"{one}/") or "." in {one, other}


def _folder(path: str) -> str:
    return re.split(r"[*\[?]", path)[0].rpartition("/")[0]
