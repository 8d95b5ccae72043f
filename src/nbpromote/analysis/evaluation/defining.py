"""Functions, classes and imports: what defining them does."""

import ast

from nbpromote.analysis.evaluation.arguments import Arguments
from nbpromote.analysis.evaluation.heap import Class, Frame
from nbpromote.analysis.evaluation.values import (
    CLASS,
    FUNCTION,
    MODULE,
    NO_OBJECTS,
    NOTHING_KNOWN,
    UNKNOWN,
    Value,
)
from nbpromote.analysis.evaluation.ways import Ways
from nbpromote.analysis.scopes import (
    FUNCTIONS,
    FunctionNode,
)

# Decorators that leave a function what it is.
_PLAIN = frozenset(
    "staticmethod classmethod property lru_cache cache wraps abstractmethod override contextmanager dataclass udf "  # noqa: SIM905
    "pandas_udf jit njit setter total_ordering final overload singledispatch typechecked no_type_check".split()
)

_KINDS = {
    "property": "property", "cached_property": "property", "setter": "property", "deleter": "property",
    "staticmethod": "staticmethod", "classmethod": "classmethod",
}  # fmt: skip

# More modules of which everything is imported are not searched for a name.
_MOST_STARS = 50


class Defining(Ways):
    """Definitions and imports."""

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        decorators = [(decorator, self.value(decorator)) for decorator in node.decorator_list]
        made = self.function(node)
        for decorator, value in reversed(decorators):
            name = decorator.func if isinstance(decorator, ast.Call) else decorator
            last = name.attr if isinstance(name, ast.Attribute) else name.id if isinstance(name, ast.Name) else ""
            if value.type == FUNCTION:
                call = ast.copy_location(ast.Call(decorator, [], []), decorator)
                made = self.apply(value, Arguments([made]), call)
            elif last not in _PLAIN:
                made = Value("", made.objects)
        self.state.bind(node.name, made)

    def _define_class(self, node: ast.ClassDef) -> None:
        state = self.state
        bases = tuple(self.value(base) for base in node.bases)
        keywords = [self.value(keyword.value) for keyword in node.keywords]
        decorators = [(decorator, self.value(decorator)) for decorator in node.decorator_list]
        # Methods see the frame around the class, never the class's own names.
        outer = state.frame
        frame = Frame({}, None, outer)
        attributes: dict[str, Value] = {}
        for statement in node.body:
            if isinstance(statement, FUNCTIONS):
                self._define_method(statement, frame, attributes)
                continue
            with state.inside(_ClassFrame(frame, attributes)):
                self.statement(statement)
        made = state.heap.new(CLASS, attributes.values())
        (number,) = made.objects
        state.heap.classes[number] = Class(node.name, attributes, bases)
        for name, value in attributes.items():
            if value.type != "function":
                state.heap.set_item(made, name, value)
        for base in bases:
            state.heap.hold(made, base)
            start = self.class_member(base, "__init_subclass__")
            if start is not None:
                self.call_member(start, made, Arguments(), None)
        for metaclass in keywords:
            for name in ("__new__", "__init__"):
                maker = self.class_member(metaclass, name)
                if maker is not None:
                    self.call_member(maker, metaclass, Arguments([NOTHING_KNOWN, NOTHING_KNOWN, made]), None)
        for decorator, value in reversed(decorators):
            if value.type == FUNCTION:
                self.apply(value, Arguments([made]), ast.copy_location(ast.Call(decorator, [], []), decorator))
        state.bind(node.name, made)

    def _define_method(self, node: FunctionNode, frame: Frame, attributes: dict[str, Value]) -> None:
        kind = ""
        with self.state.inside(_ClassFrame(frame, attributes)):
            for decorator in node.decorator_list:
                self.value(decorator)
        for decorator in node.decorator_list:
            last = decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "")
            kind = _KINDS.get(last, kind)
        if node.name in {"__new__", "__init_subclass__", "__class_getitem__"}:
            kind = "classmethod"
        made = self.function(node, kind)
        known = attributes.get(node.name)
        attributes[node.name] = made if known is None or kind != "property" else known.join(made)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        state = self.state
        for alias in node.names:
            if isinstance(node, ast.Import):
                path = alias.name if alias.asname else alias.name.partition(".")[0]
                state.bind(alias.asname or path, Value(MODULE, NO_OBJECTS, UNKNOWN, path))
            elif alias.name == "*":
                state.stars = [each for each in state.stars[-_MOST_STARS:] if each != node.module] + [node.module or ""]
            else:
                path = state.library.canonical(f"{'.' * node.level}{node.module or ''}.{alias.name}")
                state.bind(alias.asname or alias.name, Value("", NO_OBJECTS, UNKNOWN, path))


class _ClassFrame(Frame):
    """The frame of a class body: its variables are the class's attributes."""

    __slots__ = ()

    def __init__(self, frame: Frame, attributes: dict[str, Value]) -> None:
        super().__init__(attributes, frozenset(), frame.parent)
