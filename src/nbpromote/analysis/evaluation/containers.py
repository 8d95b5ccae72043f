"""Lists, tuples, sets and dictionaries as they are written, and comprehensions."""

import ast

from nbpromote.analysis.code import CellCode
from nbpromote.analysis.evaluation.classes import ITERATION
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

    def iterate(self, source: Value) -> Value:
        """Go through this, and say what its elements are."""
        if source.type in {"iterator", "io.file"}:
            self.consume(source)
        found = self.special(source, ITERATION)
        element = self.element_of(source)
        return element if found is None else Value("", element.objects | found.objects)

    def comprehension(self, node: Comprehension) -> Value:
        first = self.value(node.generators[0].iter)
        outer = self.state.frame
        element = self._each(node, first, outer)
        type_name = {"ListComp": "list", "SetComp": "set", "DictComp": "dict"}.get(type(node).__name__, "iterator")
        made = self.state.heap.new(type_name, [element])
        self.state.heap.elements[next(iter(made.objects))] = element
        if type_name == "iterator":
            code = self.state.inner_code or self.state.code
            self.suspend(made, lambda: self._resume(node, first, outer, code))
        return made

    def _resume(self, node: Comprehension, first: Value, outer: Frame | None, code: CellCode | None) -> None:
        """Follow a generator expression where something is taken from it."""
        state = self.state
        before = state.inner_code, state.outer_call
        if state.followed == 0:
            state.outer_call = state.here
        state.followed, state.inner_code = state.followed + 1, code
        with state.inside(outer):
            self._each(node, first, outer)
        state.followed, (state.inner_code, state.outer_call) = state.followed - 1, before

    def _each(self, node: Comprehension, first: Value, outer: Frame | None) -> Value:
        frame = Frame(dict.fromkeys(comprehension_targets(node), NOTHING_KNOWN), None, outer)
        with self.state.inside(frame):
            for index, generator in enumerate(node.generators):
                source = first if index == 0 else self.value(generator.iter)
                self.unpack(generator.target, self.iterate(source))
                for condition in generator.ifs:
                    self.value(condition)
            if isinstance(node, ast.DictComp):
                self.value(node.key)
                element = self.value(node.value)
            else:
                element = self.value(node.elt)
        return element

    def _starred(self, node: ast.Starred) -> Value:
        return self.iterate(self.value(node.value))
