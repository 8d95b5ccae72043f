"""The notebook's own classes: instances, members, and the methods that Python calls by itself."""

import ast
from collections.abc import Iterable, Sequence

from nbpromote.analysis.evaluation.arguments import Arguments, text_of
from nbpromote.analysis.evaluation.functions import DEPTH, Functions
from nbpromote.analysis.evaluation.heap import Class, Function
from nbpromote.analysis.evaluation.values import CLASS, FUNCTION, Value, join_all
from nbpromote.analysis.scopes import arguments_of

ITERATION = ("__iter__", "__next__", "__getitem__", "__len__")
_TEXT = ("__str__", "__repr__", "__format__")
# What Python's own functions call of what they are given.
SPECIAL = {
    "len": ("__len__",), "next": ("__next__",), "print": _TEXT, "str": _TEXT, "repr": _TEXT, "format": _TEXT,
    "bool": ("__bool__", "__len__"), "int": ("__int__",), "float": ("__float__",), "abs": ("__abs__",),
    "round": ("__round__",), "hash": ("__hash__",), "display": (*_TEXT, "_repr_html_"),
} | dict.fromkeys(
    "list tuple set frozenset dict sorted sum min max any all enumerate zip map filter iter reversed".split(),  # noqa: SIM905
    ITERATION,
)  # fmt: skip


class Classes(Functions):
    """Classes of the notebook."""

    def _instance(self, function: Value, arguments: Arguments, node: ast.Call) -> Value:
        heap = self.state.heap
        classes = [each for each in sorted(function.objects) if each in heap.classes]
        if not classes:
            return self.unknown(function, arguments, text_of(node.func))
        owner = heap.classes[classes[0]]
        instance = heap.new("", arguments.all)
        (number,) = instance.objects
        heap.class_of[number] = classes[0]
        heap.hold(instance, Value("", frozenset(classes)))
        maker = self._member(owner, "__new__")
        if maker is not None and maker.type == FUNCTION:
            made = self.call_member(maker, Value(CLASS, frozenset(classes)), arguments, node)
            instance = Value("", instance.objects | made.objects)
        start = self._member(owner, "__init__")
        if start is not None and start.type == FUNCTION:
            self.apply(start, Arguments([instance, *arguments.positional], arguments.named, arguments.rest), node)
        elif start is None and not owner.bases:
            for name, value in arguments.named.items():
                heap.set_item(instance, name, value)
        self.special(instance, ("__post_init__",))
        return instance

    def special(self, value: Value, names: Iterable[str], given: Sequence[Value] = ()) -> Value | None:
        """Call those of these methods that the class of the notebook has, as Python does it for operators, `with` and
        the like; None when it has none of them."""
        if self.state.heap.class_of.keys().isdisjoint(value.objects):
            return None
        results = [
            self.call_member(member, value, Arguments(list(given)), None)
            for name in names
            if (member := self.member_of(value, name)) is not None and member.type == FUNCTION
        ]
        return join_all(results) if results else None

    def call_member(self, member: Value, receiver: Value, arguments: Arguments, node: ast.Call | None) -> Value:
        """Call a method of a class of the notebook on this instance, or on the class."""
        heap = self.state.heap
        results: list[Value] = []
        for each in sorted(member.objects):
            function = heap.functions.get(each)
            if function is None:
                continue
            first = [] if function.kind == "staticmethod" else [receiver]
            given = Arguments([*first, *arguments.positional], arguments.named, arguments.rest)
            results.append(self.follow(function, given, node))
        return join_all(results)

    def property_of(self, owner: Value, name: str, given: Sequence[Value] = ()) -> Value | None:
        """Get a property, or set it to what is given; None when it is none."""
        if self.state.heap.class_of.keys().isdisjoint(owner.objects):
            return None
        member = self.member_of(owner, name)
        if member is None or member.type != FUNCTION:
            return None
        found = [
            self.follow(function, Arguments([owner, *given]), None)
            for function in self._functions(member)
            if function.kind == "property" and len(list(arguments_of(function.node.args))) == 1 + len(given)
        ]
        return join_all(found) if found else None

    def _functions(self, value: Value) -> list[Function]:
        functions = self.state.heap.functions
        return [functions[each] for each in sorted(value.objects) if each in functions]

    def _member(self, owner: Class, name: str, depth: int = 0) -> Value | None:
        """A member of a class of the notebook, its bases included."""
        if name in owner.attributes:
            return owner.attributes[name]
        for base in owner.bases:
            for each in base.objects:
                parent = self.state.heap.classes.get(each)
                if parent is not None and depth < DEPTH:
                    found = self._member(parent, name, depth + 1)
                    if found is not None:
                        return found
        return None

    def member_of(self, value: Value, name: str) -> Value | None:
        """The member of the class of the notebook of which this is an instance; None when it has none."""
        heap = self.state.heap
        found: Value | None = None
        for each in value.objects:
            number = heap.class_of.get(each)
            owner = heap.classes.get(number) if number is not None else None
            member = self._member(owner, name) if owner is not None else None
            if member is not None:
                found = member if found is None else found.join(member)
        return found

    def class_member(self, receiver: Value, name: str) -> Value | None:
        """The member of a class of the notebook."""
        found = [
            member
            for each in receiver.objects
            if each in self.state.heap.classes
            and (member := self._member(self.state.heap.classes[each], name)) is not None
        ]
        return join_all(found) if found else None
