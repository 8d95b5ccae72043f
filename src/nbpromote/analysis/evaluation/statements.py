"""Statements: what following them does to variables and objects."""

import ast
from collections.abc import Callable, Sequence

from nbpromote.analysis.evaluation.calls import Arguments
from nbpromote.analysis.evaluation.expressions import Expressions
from nbpromote.analysis.evaluation.heap import Class, Frame
from nbpromote.analysis.evaluation.values import (
    CLASS,
    FUNCTION,
    IMMUTABLE,
    MODULE,
    NO_OBJECTS,
    NOTHING_KNOWN,
    UNKNOWN,
    Value,
    join_all,
)
from nbpromote.analysis.scopes import FUNCTIONS

# Decorators that leave a function what it is.
_PLAIN = frozenset(
    "staticmethod classmethod property lru_cache cache wraps abstractmethod override contextmanager dataclass udf "  # noqa: SIM905
    "pandas_udf jit njit setter total_ordering final overload singledispatch typechecked no_type_check".split()
)


class Statements(Expressions):
    """Follows statements."""

    def block(self, statements: Sequence[ast.stmt]) -> bool:
        return any(self.statement(statement) for statement in statements)

    def statement(self, node: ast.stmt) -> bool:  # noqa: PLR0911, PLR0912
        """Follow one statement; True when control does not come out at its end."""
        self.state.steps += 1
        if self.state.frame is None:
            self.memory.clear()
        match node:
            case ast.Expr():
                self.value(node.value)
            case ast.Assign():
                value = self.value(node.value)
                for target in node.targets:
                    self.unpack(target, value)
            case ast.AugAssign():
                self._augment(node)
            case ast.AnnAssign():
                if node.value is not None:
                    value = self.value(node.value)
                    if not value.type:
                        type_name = self.annotation_type(node.annotation)
                        value = Value(type_name, value.objects, value.constant, value.path, value.receiver)
                    self.unpack(node.target, value)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._define(node)
            case ast.ClassDef():
                self._define_class(node)
            case ast.Import() | ast.ImportFrom():
                self._import(node)
            case ast.Return():
                if node.value is not None:
                    value, frame = self.value(node.value), self.state.frame
                    if frame is not None:
                        frame.returned.append(value)
                return True
            case ast.If():
                self.value(node.test)
                return self._ways([lambda: self.block(node.body), lambda: self.block(node.orelse)])
            case ast.For() | ast.AsyncFor():
                self._loop(node)
            case ast.While():
                self.value(node.test)
                self._repeat(node.body)
                self.block(node.orelse)
            case ast.With() | ast.AsyncWith():
                return self._with(node)
            case ast.Try():
                return self._attempt(node)
            case ast.Match():
                return self._match(node)
            case ast.Delete():
                for target in node.targets:
                    self._delete(target)
            case ast.Raise() | ast.Break() | ast.Continue():
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.value(child)
                return True
            case ast.Assert():
                self.value(node.test)
            case _ if type(node).__name__ == "TryStar":
                return self._attempt(node)  # type: ignore[arg-type]
        return False

    def _augment(self, node: ast.AugAssign) -> None:
        value = self.value(node.value)
        target = node.target
        reads = ast.copy_location(_as_load(target), target)
        before = self.value(reads)
        if before.type not in IMMUTABLE:
            # `a += b` changes lists and arrays in place and rebinds numbers: unless the type is known, both are meant.
            self.state.change(before, "an augmented assignment changes it")
            if before.type not in {"numpy.ndarray", "pandas.Series", "pandas.DataFrame"}:
                self.state.heap.hold(before, value)
        after = self._operation(node.op, before, value) if before.type in IMMUTABLE else before
        if before.is_constant and before.type != "str":
            after = Value(after.type)
        if isinstance(target, ast.Name):
            self.state.bind(target.id, after)
        elif before.type in IMMUTABLE:
            self.unpack(target, Value(after.type))

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
        for keyword in node.keywords:
            self.value(keyword.value)
        for decorator in node.decorator_list:
            self.value(decorator)
        # Methods see the frame around the class, never the class's own names.
        outer = state.frame
        frame = Frame({}, None, outer)
        attributes: dict[str, Value] = {}
        for statement in node.body:
            if isinstance(statement, FUNCTIONS):
                for decorator in statement.decorator_list:
                    self.value(decorator)
                attributes[statement.name] = self.function(statement)
                continue
            with state.inside(_ClassFrame(frame, attributes)):
                self.statement(statement)
        made = state.heap.new(CLASS, attributes.values())
        (number,) = made.objects
        state.heap.classes[number] = Class(node.name, attributes, bases)
        for name, value in attributes.items():
            if value.type != "function":
                state.heap.set_item(made, name, value)
        state.bind(node.name, made)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        state = self.state
        for alias in node.names:
            if isinstance(node, ast.Import):
                path = alias.name if alias.asname else alias.name.partition(".")[0]
                state.bind(alias.asname or path, Value(MODULE, NO_OBJECTS, UNKNOWN, path))
            elif alias.name == "*":
                state.stars.append(node.module or "")
            else:
                path = state.library.canonical(f"{'.' * node.level}{node.module or ''}.{alias.name}")
                state.bind(alias.asname or alias.name, Value("", NO_OBJECTS, UNKNOWN, path))

    def _loop(self, node: ast.For | ast.AsyncFor) -> None:
        source = self.value(node.iter)
        if source.type in {"iterator", "io.file"}:
            self.state.change(source, "it is consumed")
        self.unpack(node.target, self.element_of(source))
        self._repeat(node.body)
        self.block(node.orelse)

    def _repeat(self, body: Sequence[ast.stmt]) -> None:
        """Follow a loop's body twice, so that the second round sees what the first one left."""
        state = self.state
        start = dict(state.frame.variables) if state.frame is not None else None
        accesses = len(state.record.accesses)
        self.block(body)
        if state.frame is not None and start is not None:
            for name, value in start.items():
                now = state.frame.variables.get(name)
                if now is not None and now != value:
                    state.frame.variables[name] = now.join(value)
        if not any(isinstance(each, ast.Call) for statement in body for each in ast.walk(statement)):
            return
        if state.loops < 2:
            state.loops += 1
            kept = state.record.accesses[:]
            self.memory.clear()
            self.block(body)
            state.record.accesses[:] = kept if len(kept) > accesses else state.record.accesses
            state.loops -= 1

    def _ways(self, bodies: Sequence[Callable[[], bool]]) -> bool:  # noqa: PLR0912
        """Follow each way from the same start, and join where they meet again."""
        state = self.state
        outer = state.journal
        ends: list[dict[tuple[int, str], tuple[Frame | None, Value | None, bool]]] = []
        starts: dict[tuple[int, str], tuple[Frame | None, Value | None, bool]] = {}
        for body in bodies:
            state.journal = []
            is_over = body()
            end: dict[tuple[int, str], tuple[Frame | None, Value | None, bool]] = {}
            for frame, name, _, _ in state.journal:
                variables = frame.variables if frame is not None else state.variables
                end[id(frame), name] = (frame, variables.get(name), frame is None and name in state.fresh)
            for frame, name, before, was_fresh in reversed(state.journal):
                variables = frame.variables if frame is not None else state.variables
                starts[id(frame), name] = (frame, before, was_fresh)
                if before is None:
                    variables.pop(name, None)
                else:
                    variables[name] = before
                if frame is None:
                    (state.fresh.add if was_fresh else state.fresh.discard)(name)
            if not is_over:
                ends.append(end)
        state.journal = outer
        if not ends:
            return True
        for key in dict.fromkeys(key for end in ends for key in end):
            frame, before, was_fresh = starts[key]
            name = key[1]
            values = [end[key][1] if key in end else before for end in ends]
            known = [value for value in values if value is not None]
            if outer is not None:
                outer.append((frame, name, before, was_fresh))
            variables = frame.variables if frame is not None else state.variables
            if known:
                variables[name] = join_all(known)
            else:
                variables.pop(name, None)
            if frame is None:
                is_fresh = all(end[key][2] if key in end else was_fresh for end in ends)
                (state.fresh.add if is_fresh else state.fresh.discard)(name)
        return False

    def _with(self, node: ast.With | ast.AsyncWith) -> bool:
        for item in node.items:
            value = self.value(item.context_expr)
            if item.optional_vars is not None:
                self.unpack(item.optional_vars, value)
        return self.block(node.body)

    def _attempt(self, node: ast.Try) -> bool:
        def handling(handler: ast.ExceptHandler) -> Callable[[], bool]:
            def handle() -> bool:
                if handler.type is not None:
                    self.value(handler.type)
                if handler.name:
                    self.state.bind(handler.name, NOTHING_KNOWN)
                return self.block(handler.body)

            return handle

        ways = [lambda: self.block(node.body) or self.block(node.orelse), *map(handling, node.handlers)]
        is_over = self._ways(ways)
        return self.block(node.finalbody) or is_over

    def _match(self, node: ast.Match) -> bool:
        subject = self.value(node.subject)

        def following(case: ast.match_case) -> Callable[[], bool]:
            def follow() -> bool:
                self._pattern(case.pattern, subject)
                if case.guard is not None:
                    self.value(case.guard)
                return self.block(case.body)

            return follow

        return self._ways([*map(following, node.cases), lambda: False])

    def _pattern(self, pattern: ast.AST, subject: Value) -> None:
        parts = Value("", subject.objects | self.state.heap.parts(subject))
        for node in ast.walk(pattern):
            if isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
                self.state.bind(node.name, parts)
            elif isinstance(node, ast.MatchMapping) and node.rest:
                self.state.bind(node.rest, parts)

    def _delete(self, target: ast.expr) -> None:
        match target:
            case ast.Name():
                self.state.unbind(target.id)
            case ast.Tuple() | ast.List():
                for each in target.elts:
                    self._delete(each)
            case ast.Attribute() | ast.Subscript():
                self.state.change(self.value(target.value), "a part of it is deleted")


class _ClassFrame(Frame):
    """The frame of a class body: its variables are the class's attributes."""

    __slots__ = ()

    def __init__(self, frame: Frame, attributes: dict[str, Value]) -> None:
        super().__init__(attributes, frozenset(), frame.parent)


def _as_load(target: ast.expr) -> ast.expr:
    match target:
        case ast.Name():
            return ast.Name(target.id, ast.Load())
        case ast.Attribute():
            return ast.copy_location(ast.Attribute(target.value, target.attr, ast.Load()), target)
        case ast.Subscript():
            return ast.copy_location(ast.Subscript(target.value, target.slice, ast.Load()), target)
    return target
