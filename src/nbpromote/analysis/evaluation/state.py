"""The state of the abstract run: variables, objects, and the record of the cell that is being followed."""

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from nbpromote.analysis.code import CellCode
from nbpromote.analysis.evaluation.heap import Frame, Heap
from nbpromote.analysis.evaluation.record import Record
from nbpromote.analysis.evaluation.values import IMMUTABLE, NOTHING_KNOWN, Value
from nbpromote.analysis.library import Library
from nbpromote.analysis.scopes import bindings_of

# Expressions that are evaluated in a notebook before functions are no longer followed into their bodies, and objects
# that are visited for changes before the rest of it is no longer followed at all.
BUDGET = 200_000
WORK = 5_000_000


class TooTangled(Exception):
    """So many objects hold each other that following them takes too long."""


@dataclass(slots=True)
class State:
    """Variables and objects at a point of the run.

    `fresh` are the names that the cell has surely bound before this point: a change of their objects is no change of
    what was there before the cell. `journal` remembers what assignments replaced, to go back to a fork of the way.
    """

    library: Library = field(default_factory=Library)
    heap: Heap = field(default_factory=Heap)
    variables: dict[str, Value] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)
    journal: list[tuple[Frame | None, str, Value | None, bool]] | None = None
    frame: Frame | None = None
    record: Record = field(default_factory=Record)
    code: CellCode | None = None
    steps: int = 0
    loops: int = 0
    stars: list[str] = field(default_factory=list)
    met: set[int] = field(default_factory=set)
    views: set[str] = field(default_factory=set)
    followed: int = 0
    here: ast.stmt | None = None
    outer_call: ast.Call | ast.stmt | None = None
    inner_code: CellCode | None = None
    seeded: set[str] = field(default_factory=set)
    made_here: set[str] = field(default_factory=set)
    callees: dict[int, str] = field(default_factory=dict)
    paths: dict[int, object] = field(default_factory=dict)
    own_names: dict[int, tuple[frozenset[str], frozenset[str], frozenset[str]]] = field(default_factory=dict)

    def lookup(self, name: str) -> Value | None:
        """The value of a variable, seen from the current frame; None when nothing is bound to it."""
        frame = self.frame
        while frame is not None:
            if name in frame.variables:
                return frame.variables[name]
            if frame.own is not None and name in frame.own and name not in frame.global_names:
                return NOTHING_KNOWN
            frame = frame.parent
        if self.frame is not None and name not in self.fresh:
            self.record.reads.add(name)
        return self.variables.get(name)

    def meet(self, name: str) -> Value:
        """The value of a variable of the notebook that no cell so far has bound: one object, whatever it is."""
        value = self.variables[name] = self.heap.new()
        self.met |= value.objects
        for each in value.objects:
            self.heap.names.setdefault(each, set()).add(name)
        return value

    def bind(self, name: str, value: Value) -> None:
        """Assign a variable in the frame to which it belongs."""
        value = self.heap.condensed(value)
        frame = self.frame
        while frame is not None and frame.own is None:
            # A comprehension's frame: only its own targets live there.
            if name in frame.variables:
                break
            frame = frame.parent
        if frame is not None and name in frame.global_names:
            frame = None
        elif frame is not None and name in frame.nonlocal_names:
            outer = frame.parent
            while outer is not None and name not in outer.variables:
                outer = outer.parent
            if outer is not None:
                if outer.object >= 0:
                    self.changed((outer.object,), f"a function that it calls rebinds `{name}`")
                frame = outer
        if frame is not None:
            self._journal(frame, name, frame.variables.get(name))
            frame.variables[name] = value
            if frame.object >= 0:
                self.heap.hold(Value("", frozenset((frame.object,))), value)
            return
        self._journal(None, name, self.variables.get(name))
        self.variables[name] = value
        for each in value.objects:
            self.heap.names.setdefault(each, set()).add(name)
        if self.frame is None:
            self.fresh.add(name)
        else:
            self.record.binds.add(name)

    def unbind(self, name: str) -> None:
        """Delete a variable."""
        frame = self.frame
        variables = frame.variables if frame is not None else self.variables
        self._journal(frame, name, variables.pop(name, None))
        if frame is None:
            self.fresh.discard(name)

    def changed(self, objects: Iterable[int], reason: str, *, is_part_known: bool = False) -> None:
        """Record that these objects change: with them all that holds them, and the names that lead there."""
        objects = set(objects)
        if not objects:
            return
        if not is_part_known:
            self.heap.forget(objects)
        around = self.heap.around(objects)
        if self.heap.work > WORK:
            raise TooTangled
        for each in around:
            self.record.changed_objects.add(each)
            self._note_handle(each)
            for name in self.heap.names.get(each, ()):
                if name not in self.fresh and name not in self.record.mutates:
                    value = self.variables.get(name)
                    if value is not None and each in value.objects:
                        self.record.mutates[name] = reason

    def _note_handle(self, number: int) -> None:
        """What changes an open file changes what it is a file of."""
        resource = self.heap.handles.get(number)
        if resource is not None:
            self.record.resources_changed.add(resource)
            if resource not in self.made_here and not resource.endswith("?"):
                self.record.resources_read.add(resource)

    def change(self, value: Value, reason: str, *, deep: bool = False, is_part_known: bool = False) -> None:
        """Record that this value changes in place; `deep`: also all that it holds; `is_part_known`: one part of it, of
        which the caller knows what it becomes."""
        if value.type in IMMUTABLE:
            return
        if value.path and not value.objects:
            family = self.library.family(value.path)
            self.record.resources_changed.add(f"state of {family}")
            self.record.resources_read.add(f"state of {family}")
            return
        self.changed(self.heap.reach(value.objects) if deep else value.objects, reason, is_part_known=is_part_known)

    @contextmanager
    def inside(self, frame: Frame | None) -> Iterator[None]:
        """Run in this frame."""
        before, self.frame = self.frame, frame
        try:
            yield
        finally:
            self.frame = before

    def path_of(self, node: ast.AST) -> object:
        """The known path of an expression that was evaluated before."""
        return self.paths.get(id(node))

    def own_of(self, node: ast.AST, body: list[ast.AST]) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """The local, global and nonlocal names of a function's body."""
        found = self.own_names.get(id(node))
        if found is None:
            bound = bindings_of(body)
            found = frozenset(bound.own), frozenset(bound.global_names), frozenset(bound.nonlocal_names)
            self.own_names[id(node)] = found
        return found

    def _journal(self, frame: Frame | None, name: str, before: Value | None) -> None:
        if self.journal is not None:
            self.journal.append((frame, name, before, name in self.fresh))
