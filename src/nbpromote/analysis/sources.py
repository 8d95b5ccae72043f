"""At a point of a run: which cells a name's value, or a resource's content, comes from."""

from collections.abc import Iterable, Iterator

from nbpromote.analysis.facts import CellFacts
from nbpromote.analysis.writers import MANY, Writers, shortened

# Databricks and PySpark kernels put these into every notebook.
AMBIENT = frozenset(
    {"spark", "sc", "sqlContext", "dbutils", "displayHTML", "table", "sql", "spark_session", "udf", "getArgument"}
)
Source = tuple[str, str, str]


class Sources:
    """Which cells made the value that each name has, and who changed it since; and the same for resources."""

    def __init__(self) -> None:
        self.binders: dict[str, str] = {}
        self.mutators: dict[str, list[str]] = {}
        self.writers = Writers()
        # The cells that bind nobody knows what, and when; and when each name was bound.
        self.unknown: list[tuple[int, str]] = []
        self.bound_at: dict[str, int] = {}
        self.count = 0

    def of(self, cell: CellFacts) -> Iterator[Source]:
        """(source cell, name, kind) of all that the cell takes from cells before."""
        for name in sorted(cell.reads | cell.carries):
            yield from self.of_name(name)
        for resource in sorted(cell.resources_read):
            yield from ((source, each, "resource") for source, each in self.writers.find(resource))

    def of_name(self, name: str) -> Iterator[Source]:
        """(source cell, name, kind) of the value that this name has now.

        `from x import *` or `%run` may have bound it, too, unless it was bound again since.
        """
        if name in self.binders:
            yield self.binders[name], name, "value"
        if name in self.binders or name not in AMBIENT:
            bound_at = self.bound_at.get(name, 0)
            for ran_at, source in reversed(self.unknown):
                if ran_at <= bound_at:
                    break
                yield source, name, "value"
        for source in self.mutators.get(name, ()):
            yield source, name, "mutation"

    def add(self, cell: CellFacts) -> Iterable[Source]:
        """Let the cell run; given are cells before to which it is taken to lead, since there are a great many."""
        led_to: dict[str, Source] = {}
        self.count += 1
        taken = cell.reads | cell.carries
        for name in cell.mutates:
            cells = self.mutators.setdefault(name, [])
            if name in taken:
                cells.clear()
            led_to |= {source: (source, name, "mutation") for source, _ in shortened(cells, name)}
            cells.append(cell.cell_id)
        for name in cell.binds:
            self.binders[name] = cell.cell_id
            self.bound_at[name] = self.count
            self.mutators.pop(name, None)
        for name in cell.deletes:
            self.binders.pop(name, None)
            self.mutators.pop(name, None)
        for resource in sorted(cell.resources_changed):
            written = self.writers.add(resource, cell.cell_id, is_read=resource in cell.resources_read)
            led_to |= {source: (source, each, "resource") for source, each in written}
        if cell.binds_unknown:
            if len(self.unknown) > MANY:
                led_to |= {source: (source, "*", "value") for _, source in self.unknown}
                self.unknown.clear()
            self.unknown.append((self.count, cell.cell_id))
        return led_to.values()
