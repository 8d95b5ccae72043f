"""The names that statements bind, read and delete, in the order in which they run."""

import ast
from collections.abc import Callable, Mapping
from typing import Any

from nbpromote.analysis.names.expressions import Expressions
from nbpromote.analysis.names.found import CellNames, Functions, dotted_name, taken_by
from nbpromote.analysis.scopes import (
    FunctionNode,
    OuterNames,
    header_of,
    imported_name,
    outer_names,
    type_parameters,
)

_ENDINGS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_EXITS = frozenset({"exit", "quit", "sys.exit", "os._exit", "dbutils.notebook.exit"})
# Decorators that call the function at once, so that its body runs where it is defined.
_CALLING = frozenset({"interact", "atexit.register", "callback"})


class Reader(Expressions):
    """Reads the statements of one cell."""

    def statement(self, node: ast.stmt) -> bool:
        reading = _READING.get(type(node).__name__)
        if reading is not None:
            return bool(reading(self, node))
        for child in ast.iter_child_nodes(node):
            self.expression(child)
        return isinstance(node, _ENDINGS) or _is_exit(node)

    def branch(self, node: ast.If) -> bool:
        self.expression(node.test)
        return self.ways(lambda: self.block(node.body), lambda: self.block(node.orelse))

    def loop(self, node: ast.For | ast.AsyncFor | ast.While) -> None:
        # A loop is taken to run at least once: what a later cell reads is then the loop's.
        if isinstance(node, ast.While):
            self.expression(node.test)
        else:
            self.expression(node.iter)
            self.target(node.target)
        self.block(node.body)
        self.block(node.orelse)

    def context(self, node: ast.With | ast.AsyncWith) -> bool:
        for item in node.items:
            self.expression(item.context_expr)
            if item.optional_vars:
                self.target(item.optional_vars)
        return self.block(node.body)

    def deletion(self, node: ast.Delete) -> None:
        for target in node.targets:
            self.target(target)

    def nothing(self, node: ast.stmt) -> None:
        """`global`, `nonlocal` and `pass` use no name."""

    def assign(self, node: ast.Assign) -> None:
        if isinstance(node.value, ast.Lambda) and all(isinstance(target, ast.Name) for target in node.targets):
            for child in header_of(node.value):
                self.expression(child)
            taken = taken_by(node.value)
            for target in node.targets:
                if isinstance(target, ast.Name):
                    self.bind(target.id, taken)
            return
        self.expression(node.value)
        for target in node.targets:
            self.target(target)

    def augment(self, node: ast.AugAssign) -> None:
        self.expression(node.value)
        if isinstance(node.target, ast.Name):
            self.load(node.target.id)
        self.target(node.target)

    def annotated(self, node: ast.AnnAssign) -> None:
        self.expression(node.annotation)
        if node.value is not None:
            self.expression(node.value)
            self.target(node.target)
        elif not isinstance(node.target, ast.Name):
            self.target(node.target)

    def definition(self, node: FunctionNode | ast.ClassDef) -> None:
        own = type_parameters(node)
        for child in header_of(node):
            self.expression(child, own)
        names = outer_names(node)
        for name in names.reads:
            self.load(name)
        if node.decorator_list:
            # The decorator may call it, or register it; nobody can say when its body runs.
            is_called = any(dotted_name(decorator) in _CALLING for decorator in node.decorator_list)
            for name in names.late:
                self.load(name, is_sure=is_called)
        self.bind(node.name, frozenset(names.reads | names.late))

    def imports(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.found.star_imports.add(getattr(node, "module", None) or "")
            else:
                self.bind(imported_name(alias))

    def attempt(self, node: ast.Try) -> bool:
        def body() -> bool:
            return self.block(node.body) or self.block(node.orelse)

        def handling(handler: ast.ExceptHandler) -> Callable[[], bool]:
            def handle() -> bool:
                if handler.type:
                    self.expression(handler.type)
                was_bound = handler.name in self.found.binds
                if handler.name:
                    self.bind(handler.name)
                is_over = self.block(handler.body)
                if handler.name:
                    # Python deletes the name at the end of the handler.
                    self._set(handler.name, is_bound=False)
                    if not was_bound:
                        self.found.binds.discard(handler.name)
                return is_over

            return handle

        is_over = self.ways(body, *(handling(handler) for handler in node.handlers))
        return self.block(node.finalbody) or is_over

    def match(self, node: ast.Match) -> bool:
        self.expression(node.subject)
        is_total = False

        def following(case: ast.match_case) -> Callable[[], bool]:
            def follow() -> bool:
                self.pattern(case.pattern)
                if case.guard:
                    self.expression(case.guard)
                return self.block(case.body)

            return follow

        ways = [following(case) for case in node.cases]
        is_total = any(
            case.guard is None and isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
            for case in node.cases
        )
        return self.ways(*ways) if is_total else self.ways(*ways, lambda: False)

    def pattern(self, node: ast.AST) -> None:
        match node:
            case ast.MatchAs() | ast.MatchStar() if node.name:
                self.bind(node.name)
            case ast.MatchMapping(rest=str(rest)):
                self.bind(rest)
            case ast.expr():
                self.expression(node)
                return
        for child in ast.iter_child_nodes(node):
            self.pattern(child)

    def type_alias(self, node: ast.AST) -> None:
        own = type_parameters(node)
        names = OuterNames()
        names.add_class(ast.ClassDef("", [], [], [ast.Expr(node.value)], []), own, is_late=True)  # type: ignore[attr-defined]
        self.bind(node.name.id, frozenset(names.late))  # type: ignore[attr-defined]


def _is_exit(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and dotted_name(node.value.func) in _EXITS


# By name: what one version of Python has, another may not (`TryStar`, `TypeAlias`).
_READING: Mapping[str, Callable[[Reader, Any], bool | None]] = {
    "Assign": Reader.assign,
    "AugAssign": Reader.augment,
    "AnnAssign": Reader.annotated,
    "FunctionDef": Reader.definition,
    "AsyncFunctionDef": Reader.definition,
    "ClassDef": Reader.definition,
    "Import": Reader.imports,
    "ImportFrom": Reader.imports,
    "If": Reader.branch,
    "For": Reader.loop,
    "AsyncFor": Reader.loop,
    "While": Reader.loop,
    "With": Reader.context,
    "AsyncWith": Reader.context,
    "Try": Reader.attempt,
    "TryStar": Reader.attempt,
    "Match": Reader.match,
    "Delete": Reader.deletion,
    "TypeAlias": Reader.type_alias,
    "Global": Reader.nothing,
    "Nonlocal": Reader.nothing,
    "Pass": Reader.nothing,
}


def find_names(tree: ast.Module, functions: Functions) -> CellNames:
    """What the cell binds, reads and deletes at the level of the notebook.

    Args:
        functions: For the functions and classes of the whole notebook, by name, what their bodies take from it: a cell
            that uses one of them uses that too.
    """
    reader = Reader(functions)
    reader.block(tree.body)
    return reader.finish()
