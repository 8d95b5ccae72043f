"""A definition as what it computes: its tree without the names, remarks and types that its author chose."""

import ast
import builtins
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

DefinitionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

_BUILTINS = frozenset(dir(builtins)) | {"display"}
_LEFT_OUT = frozenset({"ctx", "type_comment", "annotation", "returns", "type_params", "kind", "simple"})
# Where one of these stands, names are read from texts too.
_READS_NAMES = frozenset({"locals", "vars", "eval", "exec", "globals", "dir"})
_READS_TEXTS = frozenset({"query", "eval"})


@dataclass(frozen=True, slots=True)
class Form:
    """What two definitions have in common when they compute the same.

    `words` are the author's names in the order of the tree; `parameters` those that can be given by place; `keywords`
    what it must be given by name: keyword-only parameters, or variables that it reads of its notebook.
    """

    tokens: tuple[str, ...]
    words: tuple[str, ...]
    parameters: tuple[str, ...]
    keywords: tuple[str, ...]
    key: str

    @property
    def size(self) -> int:
        return len(self.tokens)


def form_of(
    node: DefinitionNode,
    *,
    reads: frozenset[str],
    meanings: Mapping[str, str],
    handed: Mapping[str, frozenset[str]],
) -> Form:
    """The form of a definition.

    Args:
        reads: the names that it reads from outside itself.
        meanings: what such names stand for: an import's whole name, a constant's value, another definition's key.
        handed: for functions beside it, the keyword-only parameters without a default: a call that hands its own
            variable of the same name over is the same as one that leaves it to be found.
    """
    writer = _Writer(node, reads, meanings, handed)
    writer.definition(node)
    tokens = tuple(writer.tokens)
    given = (
        () if isinstance(node, ast.ClassDef) else tuple(one.arg for one in (*node.args.posonlyargs, *node.args.args))
    )
    key = hashlib.sha256("\0".join(tokens).encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return Form(tokens, tuple(writer.order), given, tuple(writer.keywords), key)


class _Writer:
    def __init__(
        self,
        node: DefinitionNode,
        reads: frozenset[str],
        meanings: Mapping[str, str],
        handed: Mapping[str, frozenset[str]],
    ) -> None:
        self.tokens: list[str] = []
        self.order: dict[str, str] = {}
        self.keywords: dict[str, None] = {}
        self._name, self._reads, self._meanings, self._handed = node.name, reads, meanings, handed
        self._required = required_keywords(node)
        bound = set(_bound(node))
        self._own = bound - reads
        self._fixed = bound & reads
        if isinstance(node, ast.ClassDef):
            self._fixed |= set(_class_names(node))
        if any(_reads_names(one) for one in ast.walk(node)):
            self._fixed |= bound

    def definition(self, node: DefinitionNode) -> None:
        self.tokens.append(type(node).__name__)
        if isinstance(node, ast.ClassDef):
            self.tokens.append(node.name)
            self._fields(node, without={"name", "body"})
        else:
            self._arguments(node.args, without=self._required)
            self._value(node.decorator_list)
        self._value(_without_docstring(node.body))

    def _arguments(self, given: ast.arguments, without: frozenset[str] = frozenset()) -> None:
        self._value([*given.posonlyargs, "/", *given.args, given.vararg])
        for one, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
            if one.arg not in without:
                self._value([one, default])
        self._value([given.kwarg, *given.defaults])

    def _value(self, value: object) -> None:
        if isinstance(value, list):
            self.tokens.append("[")
            for one in value:
                self._value(one)
            self.tokens.append("]")
        elif isinstance(value, ast.AST):
            self._node(value)
        else:
            self.tokens.append("-" if value is None else repr(value))

    def _node(self, node: ast.AST) -> None:  # noqa: PLR0912
        match node:
            case ast.Name():
                self.tokens.append(self._word(node.id))
            case ast.arg():
                self.tokens.append(self._word(node.arg))
            case ast.AnnAssign(value=ast.expr() as value):
                self.tokens.append("Assign")
                self._value([node.target])
                self._value(value)
            case ast.AnnAssign():
                pass
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self.tokens += [type(node).__name__, self._word(node.name)]
                if isinstance(node, ast.ClassDef):
                    self._fields(node, without={"name", "body"})
                else:
                    self._arguments(node.args)
                    self._value(node.decorator_list)
                self._value(_without_docstring(node.body))
            case ast.arguments():
                self._arguments(node)
            case ast.ExceptHandler() | ast.MatchAs() | ast.MatchStar():
                self.tokens += [type(node).__name__, self._word(node.name) if node.name else "-"]
                self._fields(node, without={"name"})
            case ast.Global() | ast.Nonlocal():
                self.tokens += [type(node).__name__, *map(self._word, node.names)]
            case ast.alias():
                self.tokens += ["alias", node.name, self._word(node.asname or node.name.split(".")[0])]
            case ast.Call(func=ast.Name(id=name)) if name in self._handed:
                self.tokens += ["Call", self._word(name)]
                self._value(node.args)
                self._value([one for one in node.keywords if not self._is_left_to_find(name, one)])
            case _:
                self.tokens.append(type(node).__name__)
                self._fields(node)

    def _fields(self, node: ast.AST, without: frozenset[str] | set[str] = frozenset()) -> None:
        for name in node._fields:
            if name not in _LEFT_OUT and name not in without:
                self._value(getattr(node, name, None))

    def _is_left_to_find(self, function: str, one: ast.keyword) -> bool:
        value = one.value
        is_same = isinstance(value, ast.Name) and value.id == one.arg
        return is_same and one.arg in self._handed[function] and (one.arg in self._required or one.arg in self._reads)

    def _word(self, name: str) -> str:
        if name in self._fixed:
            return f"={name}"
        if name == self._name and name not in self._own:
            return "<itself>"
        if name in self._own:
            if name in self._required:
                self.keywords[name] = None
            return self.order.setdefault(name, f"<{len(self.order)}>")
        if name in self._meanings:
            return self._meanings[name]
        if name in _BUILTINS:
            return name
        self.keywords[name] = None
        return self.order.setdefault(name, f"<{len(self.order)}>")


def required_keywords(node: ast.AST) -> frozenset[str]:
    """The keyword-only parameters of a function that have no default."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return frozenset()
    pairs = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    return frozenset(one.arg for one, default in pairs if default is None)


def _bound(node: DefinitionNode) -> Iterator[str]:
    """The names that a definition binds in itself, at any depth."""
    for one in ast.walk(node):
        match one:
            case ast.Name(ctx=ast.Store() | ast.Del()):
                yield one.id
            case ast.arg():
                yield one.arg
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if one is not node:
                yield one.name
            case ast.ExceptHandler() | ast.MatchAs() | ast.MatchStar():
                if one.name:
                    yield one.name
            case ast.MatchMapping(rest=str(rest)):
                yield rest
            case ast.alias():
                yield one.asname or one.name.split(".")[0]


def _class_names(node: ast.ClassDef) -> Iterator[str]:
    """What others see of a class: its attributes, its methods and their parameters."""
    for statement in node.body:
        for one in ast.walk(statement):
            if isinstance(one, ast.arg):
                yield one.arg
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement.name
        else:
            yield from (one.id for one in ast.walk(statement) if isinstance(one, ast.Name))


def _reads_names(node: ast.AST) -> bool:
    if isinstance(node, ast.Name):
        return node.id in _READS_NAMES
    return isinstance(node, ast.Attribute) and node.attr in _READS_TEXTS


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return body[1:]
    return body
