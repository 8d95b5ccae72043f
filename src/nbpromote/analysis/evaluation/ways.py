"""The ways through a cell: branches, loops, handlers and cases."""

import ast
from abc import abstractmethod
from collections.abc import Callable, Sequence

from nbpromote.analysis.evaluation.expressions import Expressions
from nbpromote.analysis.evaluation.fork import Fork
from nbpromote.analysis.evaluation.values import (
    NOTHING_KNOWN,
    Value,
)


class Ways(Expressions):
    """Follows each way from the same start, and joins them where they meet again."""

    def block(self, statements: Sequence[ast.stmt]) -> bool:
        return any(self.statement(statement) for statement in statements)

    @abstractmethod
    def statement(self, node: ast.stmt) -> bool:
        """Follow one statement; True when control does not come out at its end."""

    def _if(self, node: ast.If) -> bool:
        self.value(node.test)
        return self._ways(lambda: self.block(node.body), lambda: self.block(node.orelse))

    def _while(self, node: ast.While) -> None:
        self.value(node.test)
        self._repeat(node.body)
        self.block(node.orelse)

    def _loop(self, node: ast.For | ast.AsyncFor) -> None:
        source = self.value(node.iter)
        self.unpack(node.target, self.iterate(source))
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

    def _ways(self, *bodies: Callable[[], bool]) -> bool:
        """Follow each way from the same start, and join where they meet again."""
        fork = Fork(self.state)
        for body in bodies:
            fork.follow(body)
        return fork.join()

    def _with(self, node: ast.With | ast.AsyncWith) -> bool:
        entered: list[Value] = []
        for item in node.items:
            value = self.value(item.context_expr)
            entered.append(value)
            result = self.special(value, ("__enter__", "__aenter__"))
            if value.type == "iterator":
                # A generator that `contextmanager` decorates.
                self.consume(value)
                result = self.element_of(value)
            elif value.type.startswith("contextlib."):
                self.state.change(value, "it is entered", deep=True)
            if item.optional_vars is not None:
                self.unpack(item.optional_vars, value if result is None else result.join(value))
        is_over = self.block(node.body)
        for value in reversed(entered):
            self.special(value, ("__exit__", "__aexit__"), [NOTHING_KNOWN] * 3)
        return is_over

    def _attempt(self, node: ast.Try) -> bool:
        def handling(handler: ast.ExceptHandler) -> Callable[[], bool]:
            def handle() -> bool:
                if handler.type is not None:
                    self.value(handler.type)
                if handler.name:
                    self.state.bind(handler.name, NOTHING_KNOWN)
                return self.block(handler.body)

            return handle

        is_over = self._ways(lambda: self.block(node.body) or self.block(node.orelse), *map(handling, node.handlers))
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

        return self._ways(*map(following, node.cases), lambda: False)

    def _pattern(self, pattern: ast.AST, subject: Value) -> None:
        parts = Value("", subject.objects | self.state.heap.parts(subject))
        for node in ast.walk(pattern):
            if isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
                self.state.bind(node.name, parts)
            elif isinstance(node, ast.MatchMapping) and node.rest:
                self.state.bind(node.rest, parts)
