"""Python's scopes: which names a function, lambda, comprehension or class takes from outside itself."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
NOTHING: frozenset[str] = frozenset()


@dataclass(slots=True)
class Bindings:
    """What the statements of one scope bind, without looking into the scopes inside it."""

    names: set[str] = field(default_factory=set)
    global_names: set[str] = field(default_factory=set)
    nonlocal_names: set[str] = field(default_factory=set)

    @property
    def own(self) -> set[str]:
        return self.names - self.global_names - self.nonlocal_names


def bindings_of(nodes: Iterable[ast.AST]) -> Bindings:
    """What these nodes bind in their own scope; a walrus inside a comprehension binds outside it (PEP 572)."""
    found = Bindings()
    stack: list[tuple[ast.AST, bool]] = [(node, False) for node in nodes]
    while stack:
        node, in_comprehension = stack.pop()
        match node:
            case ast.Name(ctx=ast.Store() | ast.Del()):
                if not in_comprehension:
                    found.names.add(node.id)
                continue
            case ast.NamedExpr():
                found.names.add(node.target.id)
                stack.append((node.value, in_comprehension))
                continue
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.names.add(node.name)
                stack.extend((child, in_comprehension) for child in header_of(node))
                continue
            case ast.Lambda():
                stack.extend((child, in_comprehension) for child in header_of(node))
                continue
            case ast.Import() | ast.ImportFrom():
                found.names.update(imported_name(alias) for alias in node.names if alias.name != "*")
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                found.names.add(name)
            case ast.MatchMapping(rest=str(rest)):
                found.names.add(rest)
            case ast.Global():
                found.global_names.update(node.names)
            case ast.Nonlocal():
                found.nonlocal_names.update(node.names)
        inner = in_comprehension or isinstance(node, COMPREHENSIONS)
        stack.extend((child, inner) for child in ast.iter_child_nodes(node))
    return found


def imported_name(alias: ast.alias) -> str:
    """The name that this part of an import statement binds; `import a.b` binds `a`."""
    return alias.asname or alias.name.partition(".")[0]


def arguments_of(arguments: ast.arguments) -> Iterator[ast.arg]:
    """All parameters, in the order in which they are written."""
    yield from arguments.posonlyargs
    yield from arguments.args
    if arguments.vararg:
        yield arguments.vararg
    yield from arguments.kwonlyargs
    if arguments.kwarg:
        yield arguments.kwarg


def header_of(node: FunctionNode | ast.Lambda | ast.ClassDef) -> Iterator[ast.expr]:
    """The expressions that are evaluated where the definition stands: decorators, defaults, annotations, bases."""
    if isinstance(node, ast.ClassDef):
        yield from node.decorator_list
        yield from node.bases
        yield from (keyword.value for keyword in node.keywords)
        return
    if not isinstance(node, ast.Lambda):
        yield from node.decorator_list
        yield from (argument.annotation for argument in arguments_of(node.args) if argument.annotation)
        if node.returns:
            yield node.returns
    yield from node.args.defaults
    yield from (default for default in node.args.kw_defaults if default is not None)


def type_parameters(node: ast.AST) -> frozenset[str]:
    """The names of PEP 695 type parameters: `def f[T](...)`, `class C[T]`, `type A[T] = ...` (Python 3.12)."""
    return frozenset(parameter.name for parameter in getattr(node, "type_params", ()))


@dataclass(slots=True)
class OuterNames:
    """The notebook's names that a piece of code takes from outside its own scopes.

    `reads` are used while the code runs, `late` only when a function in it is called later; `stores` are rebound
    through `global`."""

    reads: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    stores: set[str] = field(default_factory=set)

    def add_function(self, node: FunctionNode | ast.Lambda, outer: frozenset[str], *, is_late: bool) -> None:
        """Add what the body takes when it runs. `outer` are the local names of the functions around it."""
        body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
        bound = bindings_of(body)
        own = bound.own | {argument.arg for argument in arguments_of(node.args)} | type_parameters(node)
        self._add(body, (outer - bound.global_names) | own, is_late=is_late)

    def add_class(self, node: ast.ClassDef, outer: frozenset[str], *, is_late: bool) -> None:
        """Add what the class body takes at once, and its methods later; methods do not see the names of the class."""
        outer = outer | type_parameters(node)
        bound: frozenset[str] = NOTHING
        for statement in node.body:
            if isinstance(statement, FUNCTIONS):
                self._add(header_of(statement), outer, bound, is_late=is_late)
                self.add_function(statement, outer, is_late=True)
            else:
                self._add([statement], outer, bound, is_late=is_late)
            bound |= bindings_of([statement]).own

    def add_comprehension(
        self, node: Comprehension, outer: frozenset[str], in_class: frozenset[str], *, is_late: bool
    ) -> None:
        """Add what a comprehension takes; its first iterable is evaluated outside it."""
        inner = outer | comprehension_targets(node)
        for index, generator in enumerate(node.generators):
            if index == 0:
                self._add([generator.iter], outer, in_class, is_late=is_late)
            else:
                self._add([generator.iter], inner, is_late=is_late)
            self._add([generator.target, *generator.ifs], inner, is_late=is_late)
        elements = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._add(elements, inner, is_late=is_late)

    def _add(
        self, nodes: Iterable[ast.AST], local: frozenset[str], in_class: frozenset[str] = NOTHING, *, is_late: bool
    ) -> None:
        """Add what the nodes take. `in_class` are names of the class around them, which scopes inside do not see."""
        stack = list(nodes)
        while stack:
            node = stack.pop()
            if isinstance(node, ast.Name):
                if node.id not in local and node.id not in in_class:
                    if isinstance(node.ctx, ast.Load):
                        (self.late if is_late else self.reads).add(node.id)
                    else:
                        self.stores.add(node.id)
            elif isinstance(node, FUNCTIONS):
                stack.extend(header_of(node))
                self._store(node.name, local | in_class)
                self.add_function(node, local, is_late=is_late)
            elif isinstance(node, ast.Lambda):
                stack.extend(header_of(node))
                self.add_function(node, local, is_late=is_late)
            elif isinstance(node, ast.ClassDef):
                stack.extend(header_of(node))
                self._store(node.name, local | in_class)
                self.add_class(node, local, is_late=is_late)
            elif isinstance(node, COMPREHENSIONS):
                self.add_comprehension(node, local, in_class, is_late=is_late)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                for alias in node.names:
                    self._store(imported_name(alias), local | in_class)
            else:
                stack.extend(ast.iter_child_nodes(node))

    def _store(self, name: str, local: frozenset[str]) -> None:
        if name not in local and name != "*":
            self.stores.add(name)


def comprehension_targets(node: Comprehension) -> frozenset[str]:
    """The names that live only inside this comprehension."""
    found: set[str] = set()
    for generator in node.generators:
        found |= bindings_of([generator.target]).names
    return frozenset(found)


def outer_names(node: FunctionNode | ast.Lambda | ast.ClassDef) -> OuterNames:
    """What the body of a definition at the top level of a cell takes from the notebook."""
    found = OuterNames()
    if isinstance(node, ast.ClassDef):
        found.add_class(node, NOTHING, is_late=False)
    else:
        found.add_function(node, NOTHING, is_late=True)
    return found
