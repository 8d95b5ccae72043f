"""Calls: whose they are."""

import ast

from nbpromote.analysis.evaluation.arguments import Arguments, text_of
from nbpromote.analysis.evaluation.classes import SPECIAL
from nbpromote.analysis.evaluation.libraries import Libraries
from nbpromote.analysis.evaluation.randomness import draw
from nbpromote.analysis.evaluation.values import (
    BOUND,
    CLASS,
    FUNCTION,
    Value,
    join_all,
)

_ITERATORS = frozenset({"iterator", "io.file"})


class Calls(Libraries):
    """What calls do to the state."""

    def call(self, node: ast.Call) -> Value:
        """The value of a call, with all that it does."""
        function = self.value(node.func)
        arguments = self._arguments(node)
        return self.apply(function, arguments, node)

    def apply(self, function: Value, arguments: Arguments, node: ast.Call) -> Value:
        """Call this value with these arguments."""
        heap = self.state.heap
        for argument in arguments.all:
            if argument.type in _ITERATORS:
                self.consume(argument)
        if function.type == FUNCTION:
            results = [
                self.follow(heap.functions[each], arguments, node)
                for each in sorted(function.objects)
                if each in heap.functions
            ]
            if results:
                return join_all(results)
        elif function.type == CLASS:
            return self._instance(function, arguments, node)
        elif function.type == BOUND and function.receiver is not None:
            return self._method(function.receiver, function.path, arguments, node)
        elif function.path:
            for argument in arguments.all:
                self.special(argument, SPECIAL.get(function.path, ()))
            return self._library_function(function.path, arguments, node)
        elif function.type:
            spec = self.state.library.type(function.type)
            if spec is not None and "__call__" in spec.methods:
                return self._method(function, "__call__", arguments, node)
        return self.unknown(function, arguments, text_of(node.func))

    def _method(self, receiver: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:
        library = self.state.library
        if receiver.type == CLASS:
            member = self.class_member(receiver, name)
            if member is not None and any(function.kind == "classmethod" for function in self._functions(member)):
                return self.call_member(member, receiver, arguments, node)
            if member is not None:
                return self.apply(member, arguments, node)
        member = self.member_of(receiver, name)
        if member is not None and member.type == FUNCTION:
            return self.call_member(member, receiver, arguments, node)
        if receiver.path and not receiver.type:
            return self._library_function(f"{receiver.path}.{name}", arguments, node)
        spec = library.method(receiver.type, name) if receiver.type else None
        if spec is None and not receiver.type:
            spec = library.methods_of_anything.get(name)
        elif spec is None and library.type(receiver.type) is None:
            # Of a class without a specification, only what it writes is taken from its methods' names.
            known = library.methods_of_anything.get(name)
            spec = known if known is not None and known.accesses else None
        if spec is None:
            self._note_state(receiver.type)
            return self.unknown(receiver, arguments, f"{text_of(node.func)}")
        if name.startswith("fit") and self.state.heap.item(receiver, "?random") is not None:
            draw(self.state)
        return self._perform(spec, f"{receiver.type or '?'}.{name}", receiver, arguments, node)

    def is_method(self, value: Value) -> bool:
        receiver = value.receiver
        if receiver is None:
            return False
        member = self.member_of(receiver, value.path)
        if member is not None:
            return member.type == FUNCTION
        spec = self.state.library.type(receiver.type) if receiver.type else None
        return spec is not None and value.path in spec.methods

    def _arguments(self, node: ast.Call) -> Arguments:
        found = Arguments()
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                value = self.value(argument.value)
                found.rest += [value, self.element_of(value)]
            elif found.rest:
                found.rest.append(self.value(argument))
            else:
                found.positional.append(self.value(argument))
        for keyword in node.keywords:
            value = self.value(keyword.value)
            if keyword.arg is None:
                items = [self.state.heap.items.get(each) for each in value.objects]
                if len(items) == 1 and items[0] and all(isinstance(name, str) for name in items[0]):
                    found.named.update({str(name): item for name, item in items[0].items()})
                found.rest += [value, self.element_of(value)]
            else:
                found.named[keyword.arg] = value
        return found
