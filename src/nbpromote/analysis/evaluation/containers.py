"""Lists, tuples, sets and dictionaries as they are written, and comprehensions."""

import ast

from nbpromote.analysis.evaluation.heap import Frame
from nbpromote.analysis.evaluation.operations import Operations
from nbpromote.analysis.evaluation.values import (
    NOTHING_KNOWN,
    Value,
    item_key,
    join_all,
)
from nbpromote.analysis.scopes import (
    Comprehension,
    comprehension_targets,
)


class Containers(Operations):
    """Containers that an expression makes."""

    def _tuple(self, node: ast.Tuple) -> Value:
        return self._sequence("tuple", node.elts)

    def _list(self, node: ast.List) -> Value:
        return self._sequence("list", node.elts)

    def _set(self, node: ast.Set) -> Value:
        return self._sequence("set", node.elts)

    def _sequence(self, type_name: str, elements: list[ast.expr]) -> Value:
        values = [self.value(each) for each in elements]
        made = self.state.heap.new(type_name, values)
        (number,) = made.objects
        if values:
            self.state.heap.elements[number] = join_all(values)
        if len(values) <= 64 and not any(isinstance(each, ast.Starred) for each in elements):
            self.state.heap.items[number] = {item_key(index): value for index, value in enumerate(values)}
        return made

    def _dict(self, node: ast.Dict) -> Value:
        made = self.state.heap.new("dict")
        (number,) = made.objects
        values: list[Value] = []
        for key, each in zip(node.keys, node.values, strict=True):
            known = self.value(key) if key is not None else NOTHING_KNOWN
            value = self.value(each) if key is not None else self.element_of(self.value(each))
            self.state.heap.hold(made, value)
            values.append(value)
            if known.is_constant:
                self.state.heap.items.setdefault(number, {})[item_key(known.constant)] = value
        if values:
            self.state.heap.elements[number] = join_all(values)
        return made

    def comprehension(self, node: Comprehension) -> Value:
        frame = Frame(dict.fromkeys(comprehension_targets(node), NOTHING_KNOWN), None, self.state.frame)
        first = self.value(node.generators[0].iter)
        with self.state.inside(frame):
            for index, generator in enumerate(node.generators):
                source = first if index == 0 else self.value(generator.iter)
                if source.type in {"iterator", "io.file"}:
                    self.state.change(source, "it is consumed")
                self.unpack(generator.target, self.element_of(source))
                for condition in generator.ifs:
                    self.value(condition)
            if isinstance(node, ast.DictComp):
                self.value(node.key)
                element = self.value(node.value)
            else:
                element = self.value(node.elt)
        type_name = {"ListComp": "list", "SetComp": "set", "DictComp": "dict"}.get(type(node).__name__, "iterator")
        made = self.state.heap.new(type_name, [element])
        self.state.heap.elements[next(iter(made.objects))] = element
        return made

    def _starred(self, node: ast.Starred) -> Value:
        return self.element_of(self.value(node.value))
