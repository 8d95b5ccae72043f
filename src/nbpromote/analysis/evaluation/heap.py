"""The objects of a notebook: which of them holds which, and which names lead to them."""

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from nbpromote.analysis.code import CellCode
from nbpromote.analysis.evaluation.values import NO_OBJECTS, Value
from nbpromote.analysis.scopes import FunctionNode

_CROWD = 12


@dataclass(slots=True, eq=False)
class Frame:
    """The variables of a function call (or of a comprehension); `parent` is where the function was defined."""

    variables: dict[str, Value] = field(default_factory=dict)
    own: frozenset[str] | None = None
    parent: "Frame | None" = None
    global_names: frozenset[str] = frozenset()
    nonlocal_names: frozenset[str] = frozenset()
    object: int = -1
    returned: list[Value] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function or lambda of the notebook, with the frame that it closes over and the cell that defines it.
    `kind` is its decorator's, in a class: `property`, `staticmethod` or `classmethod`."""

    node: FunctionNode | ast.Lambda
    frame: Frame | None
    defaults: tuple[tuple[str, Value], ...] = ()
    is_generator: bool = False
    is_unclear: bool = False
    kind: str = ""
    code: CellCode | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """A class of the notebook: its attributes and what it inherits from."""

    name: str
    attributes: dict[str, Value]
    bases: tuple[Value, ...] = ()


@dataclass(slots=True)
class Heap:
    """Objects are numbers. `held` leads from a container to what it holds, `holders` back. Neither ever shrinks: what
    an object once held, it may still hold. `handles` are open files, by what they are files of; `suspended` are
    iterators that run code when something is taken from them, with the statement that made them."""

    count: int = 0
    held: dict[int, set[int]] = field(default_factory=dict)
    holders: dict[int, set[int]] = field(default_factory=dict)
    names: dict[int, set[str]] = field(default_factory=dict)
    items: dict[int, dict[object, Value]] = field(default_factory=dict)
    elements: dict[int, Value] = field(default_factory=dict)
    functions: dict[int, Function] = field(default_factory=dict)
    classes: dict[int, Class] = field(default_factory=dict)
    class_of: dict[int, int] = field(default_factory=dict)
    handles: dict[int, str] = field(default_factory=dict)
    suspended: dict[int, tuple[ast.stmt | None, Callable[[], object]]] = field(default_factory=dict)
    crowds: dict[frozenset[int], int] = field(default_factory=dict)
    work: int = 0

    def new(self, type_name: str = "", holding: Iterable[Value] = ()) -> Value:
        """A new object of this type that holds these values."""
        self.count += 1
        value = Value(type_name, frozenset((self.count,)))
        for held in holding:
            self.hold(value, held)
        return value

    def hold(self, container: Value, content: Value) -> None:
        """Let the container hold the content from now on."""
        if not content.objects:
            return
        for outer in container.objects:
            for inner in content.objects:
                if inner != outer:
                    self.held.setdefault(outer, set()).add(inner)
                    self.holders.setdefault(inner, set()).add(outer)

    def condensed(self, value: Value) -> Value:
        """The value with a great many objects taken for one, which they hold and which holds them."""
        if len(value.objects) <= _CROWD or not self.functions.keys().isdisjoint(value.objects):
            return value
        number = self.crowds.get(value.objects)
        if number is None:
            one = self.new()
            (number,) = one.objects
            self.crowds[value.objects] = number
            self.hold(one, value)
            self.hold(value, one)
        return replace(value, objects=frozenset((number,)))

    def reach(self, objects: Iterable[int]) -> set[int]:
        """These objects and all that they hold, however deep."""
        return self._closure(objects, self.held)

    def around(self, objects: Iterable[int]) -> set[int]:
        """These objects and all that hold them."""
        return self._closure(objects, self.holders)

    def parts(self, value: Value) -> frozenset[int]:
        """The objects that the value holds."""
        found: set[int] = set()
        for each in value.objects:
            found |= self.held.get(each, set())
        return frozenset(found) if found else NO_OBJECTS

    def item(self, value: Value, key: object) -> Value | None:
        """What stands under this key or attribute, if that is known of all that the value may be."""
        found: Value | None = None
        for each in value.objects:
            item = self.items.get(each, {}).get(key)
            if item is None:
                return None
            found = item if found is None else found.join(item)
        return found

    def set_item(self, value: Value, key: object, item: Value) -> None:
        """Remember what stands under a key; what stood there before may be there still if the object is in doubt."""
        for each in value.objects:
            items = self.items.setdefault(each, {})
            items[key] = item if len(value.objects) == 1 or key not in items else items[key].join(item)

    def forget(self, objects: Iterable[int]) -> None:
        """The items of these objects are no longer known."""
        for each in objects:
            items = self.items.get(each)
            if items:
                for key, value in items.items():
                    items[key] = Value("", value.objects)

    def _closure(self, start: Iterable[int], steps: dict[int, set[int]]) -> set[int]:
        found = set(start)
        stack = list(found)
        while stack:
            following = steps.get(stack.pop())
            if following:
                self.work += len(following)
                fresh = following - found
                found |= fresh
                stack.extend(fresh)
        return found
