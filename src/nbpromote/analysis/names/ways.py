"""The names that are bound at a point of a cell, along each way that leads there."""

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from nbpromote.analysis.names.found import CellNames, Functions
from nbpromote.analysis.scopes import (
    NOTHING,
)


class Ways(ABC):
    """Keeps what is bound, and may be bound, at a point of the cell."""

    def __init__(self, functions: Functions) -> None:
        self.found = CellNames()
        self.functions = functions
        self.local_functions: dict[str, frozenset[str]] = {}
        self.followed: set[str] = set()
        self.bound: set[str] = set()
        self.maybe: set[str] = set()
        self.journal: list[tuple[str, bool]] = []

    @abstractmethod
    def statement(self, node: ast.stmt) -> bool:
        """Follow a statement; True when control does not come out at its end."""

    def finish(self) -> CellNames:
        found = self.found
        found.carries |= {name for name in found.binds if name not in self.bound and name not in found.deletes}
        found.carries -= found.reads
        found.deletes -= self.bound
        found.binds -= found.deletes - self.maybe
        return found

    def load(self, name: str, *, is_sure: bool = True) -> None:
        if name not in self.bound:
            if is_sure and name not in self.maybe:
                self.found.reads.add(name)
            else:
                self.found.carries.add(name)
        taken = self.local_functions.get(name)
        if taken is None and name not in self.bound:
            taken = self.functions.get(name)
        if taken and name not in self.followed:
            self.followed.add(name)
            for inner in taken:
                self.load(inner, is_sure=is_sure)

    def bind(self, name: str, taken: frozenset[str] = NOTHING) -> None:
        self.found.binds.add(name)
        self.followed.discard(name)
        self.local_functions[name] = taken
        self._set(name, is_bound=True)

    def delete(self, name: str) -> None:
        self.load(name)
        self.found.deletes.add(name)
        self._set(name, is_bound=False)

    def _set(self, name: str, *, is_bound: bool) -> None:
        if (name in self.bound) != is_bound:
            self.journal.append((name, is_bound))
            (self.bound.add if is_bound else self.bound.discard)(name)

    def block(self, statements: Sequence[ast.stmt]) -> bool:
        """Follow the statements; True when control does not come out at their end."""
        return any(self.statement(statement) for statement in statements)

    def ways(self, *bodies: Callable[[], bool]) -> bool:
        """Follow each body from the same start; bound afterwards is what all of them bind that come to their end."""
        ends: list[tuple[set[str], set[str]]] = []
        for body in bodies:
            mark = len(self.journal)
            is_over = body()
            added: set[str] = set()
            removed: set[str] = set()
            for name, is_bound in self.journal[mark:]:
                (added if is_bound else removed).add(name)
                (removed if is_bound else added).discard(name)
            for name, is_bound in reversed(self.journal[mark:]):
                (self.bound.discard if is_bound else self.bound.add)(name)
            del self.journal[mark:]
            self.maybe |= added
            if not is_over:
                ends.append((added, removed))
        if not ends:
            return True
        for name in set.intersection(*(added for added, _ in ends)):
            self._set(name, is_bound=True)
        for name in set.union(*(removed for _, removed in ends)):
            self._set(name, is_bound=False)
        return False
