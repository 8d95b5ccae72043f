"""Calls of libraries: what their specifications say."""

import ast

from nbpromote.analysis.evaluation.accesses import named_source, note_access
from nbpromote.analysis.evaluation.arguments import Arguments, text_of
from nbpromote.analysis.evaluation.classes import Classes
from nbpromote.analysis.evaluation.randomness import draw, note_call, seed
from nbpromote.analysis.evaluation.values import (
    BOUND,
    CLASS,
    CONTAINERS,
    FUNCTION,
    IMMUTABLE,
    UNKNOWN,
    Value,
    constant,
)
from nbpromote.analysis.library import CallSpec

_RANDOM = "random state"
# Under this, what writes back to where it came from keeps the kind and the name of that.
_SOURCE = "?source"
_GOES_BACK = ("delta.",)
_TOLD = ("pyspark.", "pandas.", "numpy.", "databricks.")

# NumPy and SciPy write into what they are given by these names.
_OUTPUTS = frozenset({"out", "dst"})
_RANDOM_CLASSES = (
    "RandomForest", "ExtraTree", "GradientBoosting", "KMeans", "MiniBatch", "MLP", "SGD", "DecisionTree", "Bagging",
    "AdaBoost", "Randomized", "TSNE", "GaussianMixture", "IsolationForest", "ShuffleSplit", "SMOTE", "RandomUnder",
    "RandomOver", "NMF", "LatentDirichlet", "SpectralClustering", "Perceptron", "HistGradient",
)  # fmt: skip


class Libraries(Classes):
    """What calling a library does, and what it returns."""

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
            # Classes of pyspark.ml have a seed of their own, the same in each run.
            if _is_random(last) and not self._is_seeded(arguments) and not path.startswith("pyspark."):
                self.state.heap.set_item(made, "?random", constant(True))
            return made
        if spec is not None and not (is_class and not spec.returns and not spec.accesses):
            return self._perform(spec, path, None, arguments, node)
        if is_class:
            note_call(self.state, path)
            # A constructor of which nothing is known keeps what it is given, but leaves it as it is.
            for value in arguments.all:
                if value.type in {FUNCTION, CLASS}:
                    self.call_back(value, arguments.all)
            return Value(path, self.state.heap.new(path, arguments.all).objects)
        note_call(self.state, path)
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
        if path.startswith(_TOLD):
            state.callees[id(node)] = path
        written = None
        inplace = arguments.named.get("inplace") if spec.is_inplace_by_argument else None
        self._change(spec, receiver, arguments, text_of(node.func), inplace)
        if spec.holds and receiver is not None:
            for value in arguments.all:
                heap.hold(receiver, value)
                heap.elements[next(iter(receiver.objects), -1)] = value
        handed_over = [*arguments.all, *([receiver] if receiver is not None else [])]

        def call_back() -> None:
            for value in arguments.all:
                if value.type in {FUNCTION, CLASS, BOUND}:
                    self.call_back(value, handed_over)

        call_back()
        self._note_resources(path, spec, arguments)
        source = heap.item(receiver, _SOURCE) if receiver is not None else None
        for access in spec.accesses:
            written = note_access(state, access, path, arguments.get, node, source=source) or written
        if spec.is_peek:
            state.record.peeks.add(id(node))
        if spec.shows:
            state.record.shows.add(id(node))
        if inplace is not None and inplace.constant is True:
            return constant(None)
        result = self._returned(spec, receiver, arguments)
        if result.type == "iterator":
            self.suspend(result, call_back)
        if result.type.startswith(_GOES_BACK):
            for access in spec.accesses:
                source = named_source(access, arguments.get)
            if source is not None:
                heap.set_item(result, _SOURCE, source)
        if written is not None and result.type.startswith("io."):
            heap.handles |= dict.fromkeys(result.objects, written)
        return result

    def _change(
        self, spec: CallSpec, receiver: Value | None, arguments: Arguments, what: str, inplace: Value | None
    ) -> None:
        state = self.state
        for where in spec.changes:
            for value in self._chosen(where, receiver, arguments):
                state.change(value, f"`{what}` changes it")
        if inplace is not None and inplace.constant is not False and receiver is not None:
            state.change(receiver, f"`{what}(inplace=True)` changes it")
        for name in _OUTPUTS & arguments.named.keys():
            state.change(arguments.named[name], f"`{what}` writes into it")

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

    def _note_resources(self, path: str, spec: CallSpec, arguments: Arguments) -> None:
        record = self.state.record
        if spec.state == _RANDOM:
            seed(self.state, path)
        elif spec.state:
            record.resources_changed.add(spec.state)
            record.resources_read.add(spec.state)
        record.resources_read.update(spec.reads_state)
        if spec.random is not None:
            given = arguments.named.get(spec.random) if spec.random else None
            if given is None or given.constant is None:
                draw(self.state, path)


def _is_random(class_name: str) -> bool:
    return any(part in class_name for part in _RANDOM_CLASSES)
