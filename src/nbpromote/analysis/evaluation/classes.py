"""The notebook's own classes: instances and members."""

import ast

from nbpromote.analysis.evaluation.arguments import Arguments, text_of
from nbpromote.analysis.evaluation.functions import DEPTH, Functions
from nbpromote.analysis.evaluation.heap import Class
from nbpromote.analysis.evaluation.values import (
    FUNCTION,
    Value,
    join_all,
)


class Classes(Functions):
    """Classes of the notebook."""

    def _instance(self, function: Value, arguments: Arguments, node: ast.Call) -> Value:
        heap = self.state.heap
        classes = [each for each in sorted(function.objects) if each in heap.classes]
        if not classes:
            return self.unknown(function, arguments, text_of(node.func))
        instance = heap.new("", arguments.all)
        (number,) = instance.objects
        heap.class_of[number] = classes[0]
        heap.hold(instance, Value("", frozenset(classes)))
        start = self._member(heap.classes[classes[0]], "__init__")
        if start is not None and start.type == FUNCTION:
            self.apply(start, Arguments([instance, *arguments.positional], arguments.named, arguments.rest), node)
        elif start is None and not heap.classes[classes[0]].bases:
            for name, value in arguments.named.items():
                heap.set_item(instance, name, value)
        return instance

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

    def _class_member(self, receiver: Value, name: str) -> Value | None:
        found = [
            member
            for each in receiver.objects
            if each in self.state.heap.classes
            and (member := self._member(self.state.heap.classes[each], name)) is not None
        ]
        return join_all(found) if found else None
