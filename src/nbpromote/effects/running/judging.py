"""A case that has run, held against its reference: cell by cell, and by the data that it wrote."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nbpromote.effects.running import cases
from nbpromote.effects.running.cases import CaseRun
from nbpromote.effects.running.markers import Markers
from nbpromote.running import reference
from nbpromote.running.case import Case
from nbpromote.running.comparing import Difference, Terms, compare, datasets
from nbpromote.running.stability import without_ignored

_PICTURES = ("image/png", "image/jpeg", "image/svg+xml")


@dataclass(frozen=True, slots=True)
class Deviation:
    """What is not as the reference has it: in words, and what differs in it."""

    told: str
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)  # without slots: its properties are kept
class Held:
    """A run beside its reference (nbformat's node)."""

    case: Case
    run: CaseRun
    known: Any
    markers: Markers

    @cached_property
    def is_same(self) -> bool:
        """Whether it came to its end, and every cell and all data are what the reference has."""
        if not self.run.executed.status.is_good:
            return False
        return self.data() is None and all(self.cell(one) is None for one in self._pairs)

    def cell(self, cell_id: str) -> Deviation | None:
        """What this cell shows otherwise than its reference, after noise is taken out of both."""
        cell, expected = self._pairs.get(cell_id, (None, None))
        if cell is None or expected is None:
            update = f"nbpromote test --update {self.case.title}"
            return Deviation(f"the reference has no such cell; record it again with: {update}")
        if cell_id in self.markers.not_compared:
            return None
        if expected.get("execution_count") is None:
            # As in nbval: what did not run in the reference is not compared, and cannot have shown anything.
            if expected.get("outputs"):
                return Deviation("the reference says that this cell did not run, and has outputs; record it again")
            return None
        wanted, shown = (reference.outputs(one, self.run.masking) for one in (expected, cell))
        found = compare(wanted, shown, self._terms)
        if self.other_painter:
            found = tuple(one for one in found if one.what not in _PICTURES or "plotted" in one.told.split("\n")[0])
        if not found:
            return None
        told = [*(f"{one.what}: {one.told}" for one in found), *([self._apart] if self._apart else [])]
        return Deviation("\n".join(told), found)

    def data(self) -> Deviation | None:
        """What differs in the datasets that it wrote: rows, types, and every column's contents."""
        known = self.known.metadata.get("nbpromote", {}).get("written")
        if known is None and not self.run.written:
            return None
        if known is None:
            return Deviation(f"{self.case.reference} says nothing of the data written; record it again")
        sides = [without_ignored(one, self.case.ignore) for one in (known, self.run.written)]
        told = datasets.difference(sides[0], sides[1], self._terms)
        return None if told is None else Deviation(f"the data written differs\n{told}", (Difference("data", told),))

    @cached_property
    def other_painter(self) -> str:
        """Who drew the reference's pictures, when it was another matplotlib, or nobody knows what; else nothing."""
        if self._stamp is None:
            return "an unknown library (the reference is not stamped)"
        known = self._stamp.get("matplotlib")
        return "" if known in {None, self.run.versions.get("matplotlib")} else f"matplotlib {known}"

    @cached_property
    def _apart(self) -> str:
        """Versions that the reference was recorded with and that are others now, as a sentence or nothing."""
        now = self.run.versions
        stamp = self._stamp or {}
        found = [f"{name} {was} (now {now[name]})" for name, was in stamp.items() if now.get(name, was) != was]
        return f"the reference was recorded with {', '.join(found)}" if found else ""

    @property
    def _stamp(self) -> Any:
        return self.known.metadata.get("nbpromote", {}).get("environment")

    @cached_property
    def _terms(self) -> Terms:
        return cases.terms_of(self.case)

    @cached_property
    def _pairs(self) -> dict[str, tuple[Any, Any | None]]:
        """Each executed cell, by its id, with its reference."""
        executed = reference.own_code_cells(self.run.executed.notebook)
        matched = reference.match(executed, reference.own_code_cells(self.known))
        return {cell.get("id"): pair for cell, pair in zip(executed, zip(executed, matched, strict=True), strict=True)}
