"""The notebook's own functions: made where they are defined, and followed into their bodies where they are called."""

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable

from nbpromote.analysis.evaluation.arguments import Arguments, text_of
from nbpromote.analysis.evaluation.heap import Frame, Function
from nbpromote.analysis.evaluation.state import BUDGET, State
from nbpromote.analysis.evaluation.values import (
    BOUND,
    CLASS,
    FUNCTION,
    IMMUTABLE,
    NO_OBJECTS,
    NOTHING_KNOWN,
    Value,
    constant,
    join_all,
)
from nbpromote.analysis.scopes import (
    COMPREHENSIONS,
    arguments_of,
)

DEPTH = 12
# Stands for the call of a function that was handed over.
_CALL_BACK = ast.Call(ast.Name("..."), [], [])


class Functions(ABC):
    """Functions of the notebook, and calls of which nothing is known."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.active: list[Function] = []
        self.recursive: list[tuple[Function, Arguments]] = []
        self.running: set[int] = set()
        self.memory: dict[tuple[int, tuple[Value, ...], tuple[tuple[str, Value], ...]], Value] = {}

    @abstractmethod
    def value(self, node: ast.expr) -> Value:
        """The value of an expression."""

    @abstractmethod
    def block(self, statements: list[ast.stmt]) -> bool:
        """Follow statements; True when control does not come out at their end."""

    @abstractmethod
    def element_of(self, value: Value) -> Value:
        """What iterating over, or taking from, this value gives."""

    @abstractmethod
    def apply(self, function: Value, arguments: Arguments, node: ast.Call) -> Value:
        """Call this value with these arguments."""

    @abstractmethod
    def is_method(self, value: Value) -> bool:
        """Whether this is surely a method, rather than any attribute."""

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, kind: str = "") -> Value:
        """A new function object, which holds the frame that it closes over."""
        signature = node.args
        places = [*signature.posonlyargs, *signature.args]
        defaults = [
            (place.arg, self.value(default))
            for place, default in zip(places[len(places) - len(signature.defaults) :], signature.defaults, strict=True)
        ]
        defaults += [
            (place.arg, self.value(default))
            for place, default in zip(signature.kwonlyargs, signature.kw_defaults, strict=True)
            if default is not None
        ]
        made = self.state.heap.new(FUNCTION, [value for _, value in defaults])
        (number,) = made.objects
        frame = self.state.frame
        self.state.heap.functions[number] = Function(
            node, frame, tuple(defaults), _yields(node), False, kind, self.state.inner_code or self.state.code
        )
        while frame is not None:
            if frame.object >= 0:
                self.state.heap.hold(made, Value("", frozenset((frame.object,))))
            frame = frame.parent
        return made

    def follow(self, function: Function, arguments: Arguments, node: ast.Call | None) -> Value:
        """Follow a function of the notebook into its body."""
        state = self.state
        if function in self.active:
            self.recursive.append((function, arguments))
            return Value("", frozenset().union(NO_OBJECTS, *(value.objects for value in arguments.all)))
        if len(self.active) >= DEPTH or state.steps > BUDGET or function.is_unclear:
            return self.unknown(None, arguments, text_of(node.func) if node else "a function")
        key = (id(function), (*arguments.positional, *arguments.rest), tuple(sorted(arguments.named.items())))
        if key in self.memory:
            return self.memory[key]
        own, global_names, nonlocal_names = state.own_of(function.node, _body(function.node))
        frame = Frame(
            {}, own, function.frame, global_names, nonlocal_names, state.heap.new().objects.__iter__().__next__()
        )
        self._give(function, arguments, frame)
        before = set(state.record.changed_objects)
        state.record.changed_objects.clear()
        self.active.append(function)
        if state.followed == 0:
            state.outer_call = node or state.here
        state.followed += 1
        caller, state.inner_code = state.inner_code, function.code
        journal, state.journal = state.journal, []
        with state.inside(frame):
            if isinstance(function.node, ast.Lambda):
                result = self.value(function.node.body)
            else:
                self.block(function.node.body)
                result = join_all(frame.returned) if frame.returned else constant(None)
        if journal is not None:
            journal.extend(state.journal)
        state.journal = journal
        self.active.pop()
        state.followed -= 1
        state.inner_code = caller
        self._settle_recursion(function, arguments)
        state.record.changed_objects |= before
        if function.is_generator:
            result = state.heap.new("iterator", [result, *arguments.all])
            self.suspend(result, lambda: self.follow(function, arguments, None))
        elif isinstance(function.node, ast.AsyncFunctionDef):
            result = Value("", result.objects)
        self.memory[key] = result
        return result

    def suspend(self, made: Value, work: Callable[[], object]) -> None:
        """Let this be done when something is taken from what was made."""
        for each in made.objects:
            self.state.heap.suspended[each] = (self.state.here, work)

    def consume(self, value: Value) -> None:
        """Something is taken from an iterator: it moves on, and runs the code that is behind it."""
        state = self.state
        state.change(value, "it is consumed")
        if not state.heap.suspended:
            return
        for each in sorted(state.heap.reach(value.objects)):
            here, work = state.heap.suspended.get(each, (state.here, None))
            # In the statement that made it, its code was followed.
            if work is not None and here is not state.here and each not in self.running:
                self.running.add(each)
                state.changed((each,), "it is consumed")
                work()
                self.running.discard(each)

    def _settle_recursion(self, function: Function, arguments: Arguments) -> None:
        mine = [given for called, given in self.recursive if called is function]
        if not mine:
            return
        self.recursive = [(called, given) for called, given in self.recursive if called is not function]
        given_objects = {each for value in arguments.all for each in self.state.heap.reach(value.objects)}
        if given_objects & self.state.record.changed_objects:
            for given in mine:
                for value in given.all:
                    self.state.change(value, "a function that calls itself changes it", deep=True)

    def _give(self, function: Function, arguments: Arguments, frame: Frame) -> None:
        """Bind the parameters."""
        signature = function.node.args
        places = [*signature.posonlyargs, *signature.args]
        defaults = dict(function.defaults)
        rest = join_all(arguments.rest) if arguments.rest else None
        for index, place in enumerate(places):
            if index < len(arguments.positional):
                value = arguments.positional[index]
            elif place.arg in arguments.named:
                value = arguments.named[place.arg]
            elif rest is not None:
                value = Value("", rest.objects | self.state.heap.parts(rest))
            else:
                value = defaults.get(place.arg, NOTHING_KNOWN)
            frame.variables[place.arg] = self._annotated(value, place.annotation)
        known = {place.arg for place in places}
        if signature.vararg:
            more = arguments.positional[len(places) :] + arguments.rest
            frame.variables[signature.vararg.arg] = self.state.heap.new("tuple", more)
        for place in signature.kwonlyargs:
            value = arguments.named.get(place.arg) or defaults.get(place.arg) or rest or NOTHING_KNOWN
            frame.variables[place.arg] = self._annotated(value, place.annotation)
            known.add(place.arg)
        if signature.kwarg:
            more = [value for name, value in arguments.named.items() if name not in known] + arguments.rest
            frame.variables[signature.kwarg.arg] = self.state.heap.new("dict", more)
        for value in frame.variables.values():
            self.state.heap.hold(Value("", frozenset((frame.object,))), value)

    def _annotated(self, value: Value, annotation: ast.expr | None) -> Value:
        if value.type or annotation is None:
            return value
        return Value(self.annotation_type(annotation), value.objects, value.constant, value.path, value.receiver)

    def annotation_type(self, annotation: ast.expr) -> str:
        """The type that an annotation names, if a library specifies it."""
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            try:
                annotation = ast.parse(annotation.value, mode="eval").body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return ""
        if isinstance(annotation, ast.Subscript):
            annotation = annotation.value
        if not isinstance(annotation, (ast.Name, ast.Attribute)):
            return ""
        path = self.state.library.canonical(self.value(annotation).path)
        return path if self.state.library.type(path) else ""

    def unknown(self, receiver: Value | None, arguments: Arguments, what: str) -> Value:
        """A call of which nothing is known changes whatever it can reach."""
        state = self.state
        values = arguments.all
        objects: set[int] = set()
        for value in [*values, *([receiver] if receiver is not None else [])]:
            if value.type in IMMUTABLE or (value is receiver and value.objects <= state.met):
                continue
            if not state.heap.functions.keys().isdisjoint(value.objects):
                self.call_back(value, values)
                if value.type == FUNCTION:
                    continue
            elif value.type == CLASS:
                continue
            state.change(value, f"`{what}` may change it", deep=True)
            objects |= value.objects
        result = state.heap.new()
        if receiver is not None:
            for value in values:
                state.heap.hold(receiver, value)
        return state.heap.condensed(Value("", result.objects | objects))

    def call_back(self, function: Value, values: list[Value]) -> None:
        """A function that is handed over may be called with parts of what is handed over with it."""
        given = Value("", frozenset().union(*(value.objects for value in values if value is not function)))
        for each in sorted(function.objects):
            called = self.state.heap.functions.get(each)
            if called is not None:
                count = len(list(arguments_of(called.node.args)))
                self.follow(called, Arguments([given] * count), None)
        if function.type == BOUND and function.receiver is not None and self.is_method(function):
            self.apply(function, Arguments([given]), _CALL_BACK)


def _body(node: ast.AST) -> list[ast.AST]:
    return [node.body] if isinstance(node, ast.Lambda) else list(node.body)  # type: ignore[attr-defined]


def _yields(node: ast.AST) -> bool:
    stack = list(ast.iter_child_nodes(node))
    while stack:
        each = stack.pop()
        if isinstance(each, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, *COMPREHENSIONS)):
            stack.extend(ast.iter_child_nodes(each))
    return False
