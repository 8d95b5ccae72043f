"""Expressions: what their values are, and what evaluating them does."""

import ast
import posixpath
from typing import Any

from nbpromote.analysis.evaluation.calls import Calls
from nbpromote.analysis.evaluation.heap import Frame, Function
from nbpromote.analysis.evaluation.values import (
    BOUND,
    CLASS,
    FUNCTION,
    IMMUTABLE,
    MODULE,
    NO_OBJECTS,
    NOTHING_KNOWN,
    SUPER,
    UNKNOWN,
    Value,
    constant,
    join_all,
)
from nbpromote.analysis.scopes import COMPREHENSIONS, Comprehension, bindings_of, comprehension_targets

_NUMBERS = frozenset({"int", "float", "bool", "complex"})
_AMBIENT = {
    "spark": "pyspark.SparkSession",
    "sc": "pyspark.SparkContext",
    "sqlContext": "pyspark.SparkSession",
    "dbutils": "databricks.dbutils",
}


class Expressions(Calls):
    """The values of expressions."""

    def value(self, node: ast.expr) -> Value:
        self.state.steps += 1
        method = getattr(self, f"_{type(node).__name__}", None)
        if method is not None:
            result: Value = method(node)
            return result
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child)
        return NOTHING_KNOWN

    def _Constant(self, node: ast.Constant) -> Value:  # noqa: N802
        return constant(node.value)

    def _Name(self, node: ast.Name) -> Value:  # noqa: N802
        found = self.state.lookup(node.id)
        if found is not None:
            return found
        for module in reversed(self.state.stars):
            if self.state.library.is_listed(f"{module}.{node.id}"):
                return self._of_library(f"{module}.{node.id}")
        if self.state.library.is_listed(node.id):
            return Value("", NO_OBJECTS, UNKNOWN, node.id)
        if node.id in _AMBIENT:
            return Value(_AMBIENT[node.id])
        if node.id in self.state.library.pure:
            return Value("", NO_OBJECTS, UNKNOWN, node.id)
        return self.state.meet(node.id)

    def _of_library(self, path: str) -> Value:
        return Value("", NO_OBJECTS, UNKNOWN, self.state.library.canonical(path))

    def _Attribute(self, node: ast.Attribute) -> Value:  # noqa: N802
        owner = self.value(node.value)
        if owner.type == "pathlib.Path":
            self.state.paths[id(node.value)] = owner.constant
        return self.attribute(owner, node.attr)

    def attribute(self, owner: Value, name: str) -> Value:
        """What `owner.name` is."""
        library, heap = self.state.library, self.state.heap
        owner = self.column(owner)
        item = heap.item(owner, name)
        if item is not None:
            return item
        if owner.type == SUPER:
            return Value(BOUND, owner.objects, UNKNOWN, name, Value("", owner.objects))
        if owner.path and owner.type in {"", MODULE}:
            path = library.canonical(f"{owner.path}.{name}")
            type_name = library.attribute(library.canonical(owner.path), name)
            if type_name:
                return Value(type_name, heap.new(type_name).objects if type_name not in IMMUTABLE else NO_OBJECTS)
            return Value("", NO_OBJECTS, UNKNOWN, path)
        type_name = library.attribute(owner.type, name) if owner.type else None
        if type_name == "same":
            type_name = owner.type
        if type_name is not None:
            return Value(type_name, NO_OBJECTS if type_name in IMMUTABLE else owner.objects, UNKNOWN, "", owner)
        return Value(BOUND, owner.objects | heap.parts(owner), UNKNOWN, name, owner)

    def column(self, value: Value) -> Value:
        """`df.amount`, as the column that it is; every other value as it stands."""
        receiver = value.receiver
        if value.type != BOUND or receiver is None or not receiver.type:
            return value
        spec = self.state.library.type(receiver.type)
        if spec is None or not spec.items.get("text") or value.path in spec.methods:
            return value
        type_name = spec.items["text"]
        return Value(type_name, NO_OBJECTS if type_name in IMMUTABLE else value.objects)

    def _Subscript(self, node: ast.Subscript) -> Value:  # noqa: N802
        owner = self.column(self.value(node.value))
        key = self.value(node.slice)
        if key.is_constant:
            item = self.state.heap.item(owner, _key(key.constant))
            if item is not None:
                return item
        if owner.type == "collections.defaultdict":
            self.state.change(owner, "looking up a key that is missing adds it", is_part_known=True)
        spec = self.state.library.type(owner.type) if owner.type else None
        if spec is not None and spec.items:
            return self._library_item(node, owner, spec.items)
        if owner.type == "str":
            return Value("str")
        if isinstance(node.slice, ast.Slice) and owner.type in {"list", "tuple"}:
            return Value(owner.type, self.state.heap.new(owner.type, [self.element_of(owner)]).objects)
        if owner.path and not owner.objects:
            return owner
        element = self.element_of(owner)
        return element

    def _library_item(self, node: ast.Subscript, owner: Value, items: Any) -> Value:
        key, inner = node.slice, "other"
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            inner = "text"
        elif isinstance(key, (ast.List, ast.ListComp, ast.Compare, ast.BinOp, ast.UnaryOp, ast.BoolOp)):
            inner = "choice"
        elif isinstance(key, ast.Slice):
            inner = "slice"
        elif isinstance(key, ast.Name):
            known = self.value(key)
            inner = "choice" if known.type in {"list", "pandas.Series", "pandas.Index"} else "other"
            inner = "text" if known.type == "str" else inner
        type_name = items.get(inner, items.get("other", ""))
        if type_name == "same":
            type_name = owner.type
        is_new = inner == "choice"
        if type_name in IMMUTABLE:
            return Value(type_name)
        if is_new:
            return Value(type_name, self.state.heap.new(type_name).objects)
        return Value(type_name, owner.objects | self.state.heap.parts(owner))

    def _Call(self, node: ast.Call) -> Value:  # noqa: N802
        match node.func:
            case ast.Name(id="super") if self.state.frame is not None:
                return self._super()
            case ast.Name(id="exec" | "eval"):
                return self._run_text(node)
            case ast.Name(id="globals" | "locals" | "vars") if not node.args:
                return Value("dict", self.state.heap.new("dict").objects)
            case ast.Name(id="isinstance" | "issubclass" | "callable" | "type" | "id"):
                for argument in node.args:
                    self.value(argument)
                return Value("type" if node.func.id == "type" else "bool")
        folded = self._folded(node)
        result = self.call(node)
        return folded if folded is not None else result

    def _run_text(self, node: ast.Call) -> Value:
        """`exec` and `eval`: a text that is known is followed like the code that it is."""
        values = [self.value(argument) for argument in node.args]
        text = values[0].text if values else None
        try:
            tree = ast.parse(text if text is not None else "", "text", "exec")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            text, tree = None, ast.Module([], [])
        if text is None or len(values) > 1:
            self.state.record.binds_unknown |= isinstance(node.func, ast.Name) and node.func.id == "exec"
            return NOTHING_KNOWN
        if self.state.frame is None:
            self.state.record.binds |= bindings_of(tree.body).names
            self.state.record.reads |= {
                each.id for each in ast.walk(tree) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
            } - self.state.fresh
        code, self.state.code = self.state.code, None
        self.block(tree.body)
        self.state.code = code
        return NOTHING_KNOWN

    def _super(self) -> Value:
        frame = self.state.frame
        while frame is not None and frame.parent is not None and not frame.variables:
            frame = frame.parent
        first = next(iter(frame.variables.values()), NOTHING_KNOWN) if frame is not None else NOTHING_KNOWN
        return Value(SUPER, first.objects)

    def _folded(self, node: ast.Call) -> Value | None:
        """Paths and texts that are put together from known parts."""
        match node.func:
            case ast.Attribute(attr="join", value=ast.Attribute(attr="path")):
                parts = [self.value(argument).constant for argument in node.args]
                if parts and all(isinstance(part, str) for part in parts):
                    return constant(posixpath.join(*[str(part) for part in parts]))
            case ast.Name(id="str" | "fspath") | ast.Attribute(attr="fspath" | "abspath" | "expanduser"):
                if len(node.args) == 1 and isinstance(self.value(node.args[0]).constant, str):
                    return constant(self.value(node.args[0]).constant)
            case ast.Attribute(attr="joinpath", value=owner):
                parts = [self.value(part).constant for part in [owner, *node.args]]
                if all(isinstance(part, str) for part in parts):
                    return Value("pathlib.Path", NO_OBJECTS, posixpath.join(*[str(part) for part in parts]))
            case ast.Attribute(attr="strip" | "lower" | "upper" | "rstrip" | "lstrip" as name, value=owner):
                text = self.value(owner).text
                if text is not None and not node.args:
                    return constant(getattr(text, name)())
        return None

    def _JoinedStr(self, node: ast.JoinedStr) -> Value:  # noqa: N802
        parts: list[str] = []
        is_known = True
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                value = self.value(part.value)
                if part.format_spec is not None:
                    self.value(part.format_spec)
                if value.is_constant and part.format_spec is None and part.conversion == -1:
                    parts.append(str(value.constant))
                else:
                    is_known = False
            elif isinstance(part, ast.Constant):
                parts.append(str(part.value))
        return Value("str", NO_OBJECTS, "".join(parts) if is_known else UNKNOWN)

    def _BinOp(self, node: ast.BinOp) -> Value:  # noqa: N802
        # Iteratively down the left side: sums of hundreds of texts are common in generated notebooks.
        chain: list[ast.BinOp] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):
            chain.append(left)
            left = left.left
        result = self.value(left)
        for step in reversed(chain):
            self.state.steps += 1
            result = self._operation(step.op, result, self.value(step.right))
        return result

    def _operation(self, operator: ast.operator, left: Value, right: Value) -> Value:  # noqa: PLR0911
        left, right = self.column(left), self.column(right)
        if isinstance(operator, ast.Add) and left.text is not None and right.text is not None:
            return constant(left.text + right.text)
        if isinstance(operator, ast.Div) and "pathlib.Path" in {left.type, right.type}:
            is_known = isinstance(left.constant, str) and isinstance(right.constant, str)
            joined = posixpath.join(str(left.constant), str(right.constant)) if is_known else UNKNOWN
            return Value("pathlib.Path", NO_OBJECTS, joined)
        for one, other in ((left, right), (right, left)):
            if "." in one.type and (other.type in _NUMBERS or other.type in {one.type, "str", ""}):
                return self._made(one.type)
        if {left.type, right.type} <= _NUMBERS:
            return Value("int" if left.type == right.type == "int" and not isinstance(operator, ast.Div) else "float")
        if "str" in {left.type, right.type} and isinstance(operator, (ast.Add, ast.Mod)):
            return Value("str")
        if left.type in {"list", "tuple", "set"}:
            return self.state.heap.new(left.type, [self.element_of(left), self.element_of(right)])
        if "pandas.DataFrame" in {left.type, right.type}:
            return self._made("pandas.DataFrame")
        if "pandas.Series" in {left.type, right.type}:
            return self._made("pandas.Series")
        return self._made("")

    def _made(self, type_name: str) -> Value:
        return Value(type_name) if type_name in IMMUTABLE else self.state.heap.new(type_name)

    def _UnaryOp(self, node: ast.UnaryOp) -> Value:  # noqa: N802
        value = self.value(node.operand)
        if isinstance(node.op, ast.USub) and isinstance(value.constant, (int, float)):
            return constant(-value.constant)
        return Value("bool") if isinstance(node.op, ast.Not) else self._made(value.type)

    def _Compare(self, node: ast.Compare) -> Value:  # noqa: N802
        values = [self.value(node.left), *(self.value(each) for each in node.comparators)]
        for value in map(self.column, values):
            if value.type in {"pandas.DataFrame", "pandas.Series", "numpy.ndarray", "pyspark.Column"}:
                return self._made(value.type)
        return Value("bool") if all(value.type in IMMUTABLE for value in values) else self._made("")

    def _BoolOp(self, node: ast.BoolOp) -> Value:  # noqa: N802
        return join_all([self.value(each) for each in node.values])

    def _IfExp(self, node: ast.IfExp) -> Value:  # noqa: N802
        self.value(node.test)
        return self.value(node.body).join(self.value(node.orelse))

    def _NamedExpr(self, node: ast.NamedExpr) -> Value:  # noqa: N802
        value = self.value(node.value)
        self.state.bind(node.target.id, value)
        return value

    def _Starred(self, node: ast.Starred) -> Value:  # noqa: N802
        return self.element_of(self.value(node.value))

    def _Tuple(self, node: ast.Tuple) -> Value:  # noqa: N802
        return self._sequence("tuple", node.elts)

    def _List(self, node: ast.List) -> Value:  # noqa: N802
        return self._sequence("list", node.elts)

    def _Set(self, node: ast.Set) -> Value:  # noqa: N802
        return self._sequence("set", node.elts)

    def _sequence(self, type_name: str, elements: list[ast.expr]) -> Value:
        values = [self.value(each) for each in elements]
        made = self.state.heap.new(type_name, values)
        (number,) = made.objects
        if values:
            self.state.heap.elements[number] = join_all(values)
        if len(values) <= 64 and not any(isinstance(each, ast.Starred) for each in elements):
            self.state.heap.items[number] = {_key(index): value for index, value in enumerate(values)}
        return made

    def _Dict(self, node: ast.Dict) -> Value:  # noqa: N802
        made = self.state.heap.new("dict")
        (number,) = made.objects
        values: list[Value] = []
        for key, each in zip(node.keys, node.values, strict=True):
            known = self.value(key) if key is not None else NOTHING_KNOWN
            value = self.value(each) if key is not None else self.element_of(self.value(each))
            self.state.heap.hold(made, value)
            values.append(value)
            if known.is_constant:
                self.state.heap.items.setdefault(number, {})[_key(known.constant)] = value
        if values:
            self.state.heap.elements[number] = join_all(values)
        return made

    def _Lambda(self, node: ast.Lambda) -> Value:  # noqa: N802
        return self.function(node)

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, *, is_unclear: bool = False) -> Value:
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
        self.state.heap.functions[number] = Function(node, frame, tuple(defaults), _yields(node), is_unclear)
        while frame is not None:
            if frame.object >= 0:
                self.state.heap.hold(made, Value("", frozenset((frame.object,))))
            frame = frame.parent
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

    _ListComp = _SetComp = _DictComp = _GeneratorExp = comprehension

    def _Await(self, node: ast.Await) -> Value:  # noqa: N802
        return self.value(node.value)

    def _Yield(self, node: ast.Yield) -> Value:  # noqa: N802
        if node.value is not None and self.state.frame is not None:
            self.state.frame.returned.append(self.value(node.value))
        return NOTHING_KNOWN

    def _YieldFrom(self, node: ast.YieldFrom) -> Value:  # noqa: N802
        value = self.element_of(self.value(node.value))
        if self.state.frame is not None:
            self.state.frame.returned.append(value)
        return NOTHING_KNOWN

    # Targets

    def unpack(self, target: ast.expr, value: Value) -> None:  # noqa: PLR0912
        """Assign a value to a target: a name, a part of an object, or several of them."""
        state = self.state
        match target:
            case ast.Name():
                state.bind(target.id, value)
            case ast.Tuple() | ast.List():
                for index, each in enumerate(target.elts):
                    item = None if isinstance(each, ast.Starred) else state.heap.item(value, _key(index))
                    if item is None:
                        item = self.element_of(value)
                    self.unpack(each, item)
            case ast.Starred():
                self.unpack(target.value, state.heap.new("list", [value]))
            case ast.Attribute():
                owner = self.value(target.value)
                state.change(owner, f"its attribute `{target.attr}` is set", is_part_known=True)
                state.heap.hold(owner, value)
                state.heap.set_item(owner, target.attr, value)
            case ast.Subscript(value=ast.Call(func=ast.Name(id="globals"), args=[])):
                key = self.value(target.slice)
                if key.text is None:
                    state.record.binds_unknown = True
                else:
                    with state.inside(None):
                        state.bind(key.text, value)
                    state.record.binds.add(key.text)
            case ast.Subscript():
                owner = self.value(target.value)
                key = self.value(target.slice)
                state.change(owner, "an item of it is set", is_part_known=key.is_constant)
                if owner.type not in {"pandas.DataFrame", "pandas.Series", "numpy.ndarray"}:
                    state.heap.hold(owner, value)
                    if key.is_constant:
                        state.heap.set_item(owner, _key(key.constant), value)
                    for number in owner.objects:
                        known = state.heap.elements.get(number)
                        state.heap.elements[number] = value if known is None else known.join(value)


def _key(value: object) -> object:
    """A key of an object's items that an attribute's name cannot be mistaken for."""
    return ("item", value)


def _yields(node: ast.AST) -> bool:
    stack = list(ast.iter_child_nodes(node))
    while stack:
        each = stack.pop()
        if isinstance(each, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, *COMPREHENSIONS)):
            stack.extend(ast.iter_child_nodes(each))
    return False


__all__ = ["CLASS", "Expressions"]
