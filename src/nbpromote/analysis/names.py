"""What a cell binds, reads and deletes, followed along its statements."""

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nbpromote.analysis.scopes import (
    COMPREHENSIONS,
    NOTHING,
    Comprehension,
    FunctionNode,
    OuterNames,
    comprehension_targets,
    header_of,
    imported_name,
    outer_names,
    type_parameters,
)

Functions = Mapping[str, frozenset[str]]
_ENDINGS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_EXITS = frozenset({"exit", "quit", "sys.exit", "os._exit", "dbutils.notebook.exit"})
# Decorators that call the function at once, so that its body runs where it is defined.
_CALLING = frozenset({"interact", "atexit.register", "callback"})


@dataclass(slots=True)
class CellNames:
    """The names of a cell.

    `carries` are names that it binds on some ways through it only, or that code which may never run uses: a value from
    before may live on, but need not be there.
    """

    binds: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    carries: set[str] = field(default_factory=set)
    deletes: set[str] = field(default_factory=set)
    star_imports: set[str] = field(default_factory=set)


def find_names(tree: ast.Module, functions: Functions) -> CellNames:
    """What the cell binds, reads and deletes at the level of the notebook.

    Args:
        functions: For the functions and classes of the whole notebook, by name, what their bodies take from it: a cell
            that uses one of them uses that too.
    """
    reader = _Reader(functions)
    reader.block(tree.body)
    return reader.finish()


def find_definitions(tree: ast.Module) -> dict[str, frozenset[str]]:
    """What each function, class and named lambda of a cell takes from the notebook when it is called."""
    found: dict[str, frozenset[str]] = {}
    stack: list[ast.AST] = list(tree.body)
    while stack:
        node = stack.pop()
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found[node.name] = found.get(node.name, NOTHING) | _taken(node)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda() as function):
                found[name] = found.get(name, NOTHING) | _taken(function)
            case ast.If() | ast.Try() | ast.With() | ast.For() | ast.While():
                stack.extend(ast.iter_child_nodes(node))
            case ast.ExceptHandler():
                stack.extend(node.body)
    return found


def _taken(node: FunctionNode | ast.ClassDef | ast.Lambda) -> frozenset[str]:
    names = outer_names(node)
    return frozenset(names.reads | names.late)


class _Reader:
    def __init__(self, functions: Functions) -> None:
        self.found = CellNames()
        self.functions = functions
        self.local_functions: dict[str, frozenset[str]] = {}
        self.followed: set[str] = set()
        self.bound: set[str] = set()
        self.maybe: set[str] = set()
        self.journal: list[tuple[str, bool]] = []

    def finish(self) -> CellNames:
        found = self.found
        found.carries |= {name for name in found.binds if name not in self.bound and name not in found.deletes}
        found.carries -= found.reads
        found.deletes -= self.bound
        found.binds -= found.deletes - self.maybe
        return found

    # Names

    def load(self, name: str, *, is_sure: bool = True) -> None:
        if name not in self.bound:
            if is_sure and name not in self.maybe:
                self.found.reads.add(name)
            else:
                self.found.carries.add(name)
        taken = self.local_functions.get(name)
        if taken is None and name not in self.bound:
            taken = self.functions.get(name)
        if taken and name not in self.followed:
            self.followed.add(name)
            for inner in taken:
                self.load(inner, is_sure=is_sure)

    def bind(self, name: str, taken: frozenset[str] = NOTHING) -> None:
        self.found.binds.add(name)
        self.followed.discard(name)
        self.local_functions[name] = taken
        self._set(name, is_bound=True)

    def delete(self, name: str) -> None:
        self.load(name)
        self.found.deletes.add(name)
        self._set(name, is_bound=False)

    def _set(self, name: str, *, is_bound: bool) -> None:
        if (name in self.bound) != is_bound:
            self.journal.append((name, is_bound))
            (self.bound.add if is_bound else self.bound.discard)(name)

    # Ways through the cell

    def block(self, statements: Sequence[ast.stmt]) -> bool:
        """Follow the statements; True when control does not come out at their end."""
        return any(self.statement(statement) for statement in statements)

    def ways(self, *bodies: Callable[[], bool]) -> bool:
        """Follow each body from the same start; bound afterwards is what all of them bind that come to their end."""
        ends: list[tuple[set[str], set[str]]] = []
        for body in bodies:
            mark = len(self.journal)
            is_over = body()
            added: set[str] = set()
            removed: set[str] = set()
            for name, is_bound in self.journal[mark:]:
                (added if is_bound else removed).add(name)
                (removed if is_bound else added).discard(name)
            for name, is_bound in reversed(self.journal[mark:]):
                (self.bound.discard if is_bound else self.bound.add)(name)
            del self.journal[mark:]
            self.maybe |= added
            if not is_over:
                ends.append((added, removed))
        if not ends:
            return True
        for name in set.intersection(*(added for added, _ in ends)):
            self._set(name, is_bound=True)
        for name in set.union(*(removed for _, removed in ends)):
            self._set(name, is_bound=False)
        return False

    # Statements

    def statement(self, node: ast.stmt) -> bool:  # noqa: PLR0911, PLR0912
        match node:
            case ast.Assign():
                self.assign(node)
            case ast.AugAssign():
                self.augment(node)
            case ast.AnnAssign():
                self.annotated(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self.definition(node)
            case ast.Import() | ast.ImportFrom():
                self.imports(node)
            case ast.If():
                self.expression(node.test)
                return self.ways(lambda: self.block(node.body), lambda: self.block(node.orelse))
            case ast.For() | ast.AsyncFor():
                # A loop is taken to run at least once: what a later cell reads is then the loop's.
                self.expression(node.iter)
                self.target(node.target)
                self.loop(node.body)
                self.block(node.orelse)
            case ast.While():
                self.expression(node.test)
                self.loop(node.body)
                self.block(node.orelse)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    self.expression(item.context_expr)
                    if item.optional_vars:
                        self.target(item.optional_vars)
                return self.block(node.body)
            case ast.Try():
                return self.attempt(node)
            case ast.Match():
                return self.match(node)
            case ast.Delete():
                for target in node.targets:
                    self.target(target)
            case ast.Global() | ast.Nonlocal() | ast.Pass():
                pass
            case _:
                if type(node).__name__ == "TryStar":
                    return self.attempt(node)  # type: ignore[arg-type]
                if type(node).__name__ == "TypeAlias":
                    self.type_alias(node)
                    return False
                for child in ast.iter_child_nodes(node):
                    self.expression(child)
                return isinstance(node, _ENDINGS) or _is_exit(node)
        return False

    def loop(self, body: Sequence[ast.stmt]) -> None:
        self.block(body)

    def assign(self, node: ast.Assign) -> None:
        if isinstance(node.value, ast.Lambda) and all(isinstance(target, ast.Name) for target in node.targets):
            for child in header_of(node.value):
                self.expression(child)
            taken = _taken(node.value)
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
            is_called = any(_dotted(decorator) in _CALLING for decorator in node.decorator_list)
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

    # Expressions

    def target(self, node: ast.AST) -> None:
        match node:
            case ast.Name(ctx=ast.Store()):
                self.bind(node.id)
            case ast.Name(ctx=ast.Del()):
                self.delete(node.id)
            case ast.Tuple() | ast.List():
                for element in node.elts:
                    self.target(element)
            case ast.Starred():
                self.target(node.value)
            case _:
                for child in ast.iter_child_nodes(node):
                    self.expression(child)

    def expression(self, node: ast.AST, local: frozenset[str] = NOTHING) -> None:
        # An explicit stack: long sums and method chains nest deeper than Python's recursion goes.
        stack: list[ast.AST] = [node]
        while stack:
            node = stack.pop()
            if isinstance(node, ast.Name):
                if node.id not in local:
                    self.load(node.id)
            elif isinstance(node, ast.Lambda):
                stack.extend(header_of(node))
                names = outer_names(node)
                for name in (names.late | names.reads) - local:
                    self.load(name)
            elif isinstance(node, COMPREHENSIONS):
                self.comprehension(node, local)
            elif isinstance(node, ast.NamedExpr):
                self.expression(node.value, local)
                self.bind(node.target.id)
            elif isinstance(node, ast.stmt):
                self.statement(node)
            else:
                stack.extend(reversed(list(ast.iter_child_nodes(node))))

    def comprehension(self, node: Comprehension, local: frozenset[str]) -> None:
        inner = local | comprehension_targets(node)
        for index, generator in enumerate(node.generators):
            self.expression(generator.iter, local if index == 0 else inner)
            for condition in generator.ifs:
                self.expression(condition, inner)
        for element in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            self.expression(element, inner)


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    return ".".join(reversed(parts))


def _is_exit(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _dotted(node.value.func) in _EXITS


def all_names(nodes: Iterable[ast.AST]) -> CellNames:
    """Names without any regard to scopes, for code that nests too deep to be followed."""
    found = CellNames()
    for root in nodes:
        for node in ast.walk(root):
            if isinstance(node, ast.Name):
                (found.reads if isinstance(node.ctx, ast.Load) else found.binds).add(node.id)
    found.carries = set(found.binds)
    return found
