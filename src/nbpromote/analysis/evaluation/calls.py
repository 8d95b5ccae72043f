"""Calls: of the notebook's own functions, which are followed into their bodies, of libraries, and of the unknown."""

import ast
from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from nbpromote.analysis.evaluation.accesses import note_access
from nbpromote.analysis.evaluation.heap import Class, Frame, Function
from nbpromote.analysis.evaluation.state import BUDGET, State
from nbpromote.analysis.evaluation.values import (
    BOUND,
    CLASS,
    CONTAINERS,
    FUNCTION,
    IMMUTABLE,
    NO_OBJECTS,
    NOTHING_KNOWN,
    UNKNOWN,
    Value,
    constant,
    join_all,
)
from nbpromote.analysis.library import CallSpec
from nbpromote.analysis.scopes import arguments_of

_DEPTH = 12
RANDOM = "random state"
_RANDOM_CLASSES = (
    "RandomForest", "ExtraTree", "GradientBoosting", "KMeans", "MiniBatch", "MLP", "SGD", "DecisionTree", "Bagging",
    "AdaBoost", "Randomized", "TSNE", "GaussianMixture", "IsolationForest", "ShuffleSplit", "SMOTE", "RandomUnder",
    "RandomOver", "NMF", "LatentDirichlet", "SpectralClustering", "Perceptron", "HistGradient",
)  # fmt: skip
_ITERATORS = frozenset({"iterator", "io.file"})


@dataclass(slots=True)
class Arguments:
    """What a call is given."""

    positional: list[Value] = field(default_factory=list)
    named: dict[str, Value] = field(default_factory=dict)
    rest: list[Value] = field(default_factory=list)

    @property
    def all(self) -> list[Value]:
        return [*self.positional, *self.named.values(), *self.rest]

    def get(self, position: int | None, name: str | None) -> Value | None:
        """The argument at this position, or of this name."""
        if name is not None and name in self.named:
            return self.named[name]
        if position is not None and position < len(self.positional):
            return self.positional[position]
        return None


class Calls(ABC):
    """What calls do to the state."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.active: list[Function] = []
        self.recursive: list[tuple[Function, Arguments]] = []
        self.memory: dict[tuple[int, tuple[Value, ...], tuple[tuple[str, Value], ...]], Value] = {}

    @abstractmethod
    def value(self, node: ast.expr) -> Value:
        """The value of an expression."""

    @abstractmethod
    def block(self, statements: list[ast.stmt]) -> bool:
        """Follow statements; True when control does not come out at their end."""

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
                self.state.change(argument, "it is consumed")
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
            return self._library_function(function.path, arguments, node)
        elif function.type:
            spec = self.state.library.type(function.type)
            if spec is not None and "__call__" in spec.methods:
                return self._method(function, "__call__", arguments, node)
        return self.unknown(function, arguments, _text_of(node.func))

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

    # The notebook's own functions and classes

    def follow(self, function: Function, arguments: Arguments, node: ast.Call | None) -> Value:
        """Follow a function of the notebook into its body."""
        state = self.state
        if function in self.active:
            self.recursive.append((function, arguments))
            return Value("", frozenset().union(NO_OBJECTS, *(value.objects for value in arguments.all)))
        if len(self.active) >= _DEPTH or state.steps > BUDGET or function.is_unclear:
            return self.unknown(None, arguments, _text_of(node.func) if node else "a function")
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
            state.outer_call = node
        state.followed += 1
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
        self._settle_recursion(function, arguments)
        state.record.changed_objects |= before
        if function.is_generator:
            result = state.heap.new("iterator", [result, *arguments.all])
        elif isinstance(function.node, ast.AsyncFunctionDef):
            result = Value("", result.objects)
        self.memory[key] = result
        return result

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

    def _instance(self, function: Value, arguments: Arguments, node: ast.Call) -> Value:
        heap = self.state.heap
        classes = [each for each in sorted(function.objects) if each in heap.classes]
        if not classes:
            return self.unknown(function, arguments, _text_of(node.func))
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
                if parent is not None and depth < _DEPTH:
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

    # Methods and libraries

    def _method(self, receiver: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:
        library = self.state.library
        if receiver.type == CLASS:
            member = self._class_member(receiver, name)
            if member is not None:
                return self.apply(member, arguments, node)
        member = self.member_of(receiver, name)
        if member is not None and member.type == FUNCTION:
            return self.apply(
                member, Arguments([receiver, *arguments.positional], arguments.named, arguments.rest), node
            )
        if receiver.path and not receiver.type:
            return self._library_function(f"{receiver.path}.{name}", arguments, node)
        spec = library.method(receiver.type, name) if receiver.type else None
        if spec is None and not receiver.type:
            spec = library.methods_of_anything.get(name)
        if spec is None:
            self._note_state(receiver.type)
            return self.unknown(receiver, arguments, f"{_text_of(node.func)}")
        if name.startswith("fit") and self.state.heap.item(receiver, "?random") is not None:
            self.state.record.resources_read.add(RANDOM)
            self.state.record.resources_changed.add(RANDOM)
        return self._perform(spec, f"{receiver.type or '?'}.{name}", receiver, arguments, node)

    def _class_member(self, receiver: Value, name: str) -> Value | None:
        found = [
            member
            for each in receiver.objects
            if each in self.state.heap.classes
            and (member := self._member(self.state.heap.classes[each], name)) is not None
        ]
        return join_all(found) if found else None

    def _library_function(self, path: str, arguments: Arguments, node: ast.Call) -> Value:
        library = self.state.library
        path = library.canonical(path)
        spec = library.function(path)
        if library.type(path) is not None:
            self._perform(spec or CallSpec(), path, None, arguments, node)
            made = self.state.heap.new(path, arguments.all)
            given = arguments.positional[0] if arguments.positional else None
            keeps = path in IMMUTABLE and given is not None and given.is_constant
            return Value(path, made.objects, given.constant if keeps and given is not None else UNKNOWN)
        self._note_state(path)
        last = path.rpartition(".")[2]
        is_class = last[:1].isupper() and not last.isupper()
        kind = library.class_type(path) if is_class else ""
        if kind:
            made = self.state.heap.new(kind, arguments.all)
            if _is_random(last) and not self._is_seeded(arguments):
                self.state.heap.set_item(made, "?random", constant(True))
            return made
        if spec is not None and not (is_class and not spec.returns and spec.access is None):
            return self._perform(spec, path, None, arguments, node)
        if is_class:
            # A constructor of which nothing is known keeps what it is given, but leaves it as it is.
            for value in arguments.all:
                if value.type in {FUNCTION, CLASS}:
                    self.call_back(value, arguments.all)
            return Value(path, self.state.heap.new(path, arguments.all).objects)
        return self.unknown(None, arguments, path)

    def _is_seeded(self, arguments: Arguments) -> bool:
        given = arguments.named.get("random_state") or arguments.named.get("seed")
        return given is not None and given.constant is not None

    def _note_state(self, path: str) -> None:
        if path and "." in path:
            self.state.record.resources_read.add(f"state of {self.state.library.family(path)}")

    def _perform(
        self, spec: CallSpec, path: str, receiver: Value | None, arguments: Arguments, node: ast.Call
    ) -> Value:
        """Do what a specification says."""
        state, heap = self.state, self.state.heap
        self._note_state(path)
        what = _text_of(node.func)
        for where in spec.changes:
            for value in self._chosen(where, receiver, arguments):
                state.change(value, f"`{what}` changes it")
        inplace = arguments.named.get("inplace") if spec.is_inplace_by_argument else None
        if inplace is not None and inplace.constant is not False and receiver is not None:
            state.change(receiver, f"`{what}(inplace=True)` changes it")
        if spec.holds and receiver is not None:
            for value in arguments.all:
                heap.hold(receiver, value)
                heap.elements[next(iter(receiver.objects), -1)] = value
        for value in arguments.all:
            if value.type in {FUNCTION, CLASS}:
                self.call_back(value, [*arguments.all, *([receiver] if receiver is not None else [])])
        self._note_resources(spec, arguments)
        if spec.access is not None:
            note_access(state, spec.access, path, arguments.get, node)
        if spec.is_peek:
            state.record.peeks.add(id(node))
        if spec.shows:
            state.record.shows.add(id(node))
        if inplace is not None and inplace.constant is True:
            return constant(None)
        return self._returned(spec, receiver, arguments)

    def _returned(self, spec: CallSpec, receiver: Value | None, arguments: Arguments) -> Value:
        heap = self.state.heap
        if spec.returns == "self" and receiver is not None:
            return receiver
        shared: set[int] = set()
        for where in spec.shares:
            for value in self._chosen(where, receiver, arguments):
                shared |= value.objects | heap.parts(value)
        type_name = (receiver.type if receiver is not None else "") if spec.returns == "same" else spec.returns
        if type_name in IMMUTABLE:
            return Value(type_name)
        if type_name == "element" and receiver is not None:
            return self.element_of(receiver)
        if type_name.startswith("tuple:"):
            # Parts of one thing, such as a figure and its axes.
            whole = heap.new(type_name)
            for index, part in enumerate(type_name.removeprefix("tuple:").split(",")):
                heap.set_item(whole, ("item", index), Value(part, whole.objects))
            return Value("tuple", whole.objects)
        given = [*arguments.all, *([receiver] if receiver is not None else [])]
        if type_name == "iterator":
            # Lazy: it goes on looking at what it was made of.
            made = heap.new(type_name, [*given, *map(self.element_of, given)])
        elif type_name in CONTAINERS:
            elements = [self.element_of(value) for value in given if value.type not in IMMUTABLE]
            made = heap.new(type_name, [*elements, *arguments.named.values()])
            if len(elements) == 1:
                heap.elements[next(iter(made.objects))] = elements[0]
        else:
            made = heap.new(type_name)
        return Value(type_name, made.objects | shared)

    def element_of(self, value: Value) -> Value:  # noqa: PLR0911
        """What iterating over, or taking from, this value gives."""
        heap = self.state.heap
        spec = self.state.library.type(value.type) if value.type else None
        if spec is not None and spec.element:
            if spec.element in IMMUTABLE:
                return Value(spec.element)
            return Value(spec.element, value.objects | heap.parts(value))
        if value.type in {"range"}:
            return Value("int")
        if value.type == "str":
            return Value("str")
        known = [heap.elements[each] for each in value.objects if each in heap.elements]
        type_name = known[0].type if known and all(each.type == known[0].type for each in known) else ""
        if type_name in IMMUTABLE and type_name:
            return Value(type_name)
        if value.type not in CONTAINERS:
            return heap.condensed(Value(type_name, value.objects | heap.parts(value)))
        if not heap.parts(value):
            # What it holds is not known, but to change that is to change the container: `groups[key].append(x)`.
            heap.hold(value, heap.new())
        return heap.condensed(Value(type_name, heap.parts(value)))

    def _chosen(self, where: int | str, receiver: Value | None, arguments: Arguments) -> list[Value]:
        if where == "self":
            return [receiver] if receiver is not None else []
        value = arguments.get(where if isinstance(where, int) else None, where if isinstance(where, str) else None)
        return [value] if value is not None else list(arguments.rest)

    def _note_resources(self, spec: CallSpec, arguments: Arguments) -> None:
        record = self.state.record
        if spec.state:
            record.resources_changed.add(spec.state)
            if spec.state != "random state":
                record.resources_read.add(spec.state)
        record.resources_read.update(spec.reads_state)
        if spec.random is not None:
            given = arguments.named.get(spec.random) if spec.random else None
            if given is None or given.constant is None:
                record.resources_read.add("random state")
                record.resources_changed.add("random state")

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


def _is_random(class_name: str) -> bool:
    return any(part in class_name for part in _RANDOM_CLASSES)


def _body(node: ast.AST) -> list[ast.AST]:
    return [node.body] if isinstance(node, ast.Lambda) else list(node.body)  # type: ignore[attr-defined]


def _text_of(node: ast.AST) -> str:
    parts: list[str] = []
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        else:
            parts.append("()" if isinstance(node, ast.Call) else "[]")
            node = node.func if isinstance(node, ast.Call) else node.value
    parts.append(node.id if isinstance(node, ast.Name) else "...")
    return ".".join(reversed(parts)).replace(".()", "()").replace(".[]", "[]")
