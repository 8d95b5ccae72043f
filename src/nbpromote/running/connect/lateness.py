"""Names that mean what they mean when a frame is made; over Spark Connect they mean it when it is computed."""

import ast
import re
from collections.abc import Iterator, Sequence

from nbpromote.running.connect.texts import OPEN, texts

_VIEWS = {"createTempView", "createOrReplaceTempView"}
_REGISTRIES = {"udf", "udtf", "dataSource"}
_VIEW_IN_SQL = re.compile(
    r"create\s+(or\s+replace\s+)?temp(orary)?\s+view\s+(if\s+not\s+exists\s+)?([\w.`{}]*)", re.IGNORECASE
)
_PASSED = {
    "udf", "pandas_udf", "arrow_udf", "udtf", "applyInPandas", "mapInPandas", "mapInArrow", "applyInArrow",
    "applyInPandasWithState", "transformWithState", "transformWithStateInPandas", "foreach", "foreachPartition",
}  # fmt: skip
_CHANGES = {
    "append", "extend", "insert", "add", "update", "setdefault", "pop", "popitem", "remove", "discard", "clear",
    "sort", "reverse", "appendleft",
}  # fmt: skip
# What another process, in another folder, would find otherwise.
_AROUND = {"environ", "getenv", "getcwd", "__file__", "open"}
_DRAWS = {"rand", "randn", "sample", "sampleBy", "randomSplit", "monotonically_increasing_id", "spark_partition_id"}
_READ_IN_SQL = re.compile(r"\b(csv|json|parquet|orc|text|avro|binaryfile)\s*\.\s*`", re.IGNORECASE)
_CACHED_IN_SQL = re.compile(r"cache\s+(lazy\s+)?table\b", re.IGNORECASE)
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def late_name(cells: Sequence[ast.Module], modules: Sequence[ast.Module]) -> str | None:
    """The first view, function or value of a notebook that would mean something else later.

    The cells share their names; each module has its own.
    """
    trees = [*cells, *modules]
    return _made_anew(trees) or _drawn(trees) or _kept(trees) or _carried(cells, modules)


def _made_anew(trees: Sequence[ast.Module]) -> str | None:
    """Views and functions of SQL are looked up when a frame is computed."""
    names: set[str] = set()
    for tree in trees:
        for node in ast.walk(tree):
            is_repeated = isinstance(node, ast.For | ast.While | ast.FunctionDef | ast.AsyncFunctionDef)
            if is_repeated and (found := next(_made(node), None)):
                return f"it makes {found[0]} in a loop or function"
        for kind, name in _made(tree):
            if name is None or name.lower() in names:
                return f"it makes {kind} anew, which Connect would read where the old one was meant"
            names.add(name.lower())
    return None


def _made(tree: ast.AST) -> Iterator[tuple[str, str | None]]:
    """Temporary views and functions that are given a name; None where it is not known before it runs."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=method), args=arguments, keywords=keywords) if method in _VIEWS:
                yield "a temporary view", _constant([*arguments, *(one.value for one in keywords)])
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr=registry), attr="register"), args=arguments) if (
                registry in _REGISTRIES
            ):
                yield "a function of SQL", _constant(arguments)
            case _:
                pass
    for text in texts(tree):
        for found in _VIEW_IN_SQL.finditer(text):
            yield "a temporary view", None if OPEN in found[4] or not found[4] else found[4].strip("`")


def _constant(arguments: list[ast.expr]) -> str | None:
    match arguments:
        case [ast.Constant(value=str(name)), *_]:
            return name
        case _:
            return None


def _drawn(trees: Sequence[ast.Module]) -> str | None:
    """A frame of Python's rows lies in one partition over Connect, else in one for each core."""
    nodes = [node for tree in trees for node in ast.walk(tree)]
    if not any(_word(node) == "createDataFrame" for node in nodes):
        return None
    for node in nodes:
        match node:
            case ast.Attribute(value=ast.Attribute(attr="random") | ast.Name(id="random" | "rng")):
                pass
            case ast.Attribute(attr=name) | ast.Name(id=name) if name in _DRAWS:
                return f"it uses {name} and makes frames, whose rows lie in other partitions over Connect"
            case _:
                pass
    return None


def _kept(trees: Sequence[ast.Module]) -> str | None:
    """What one session keeps in memory, its server gives to all that read the same path, also of changed files."""
    nodes = [node for tree in trees for node in ast.walk(tree)]
    called = [node.func for node in nodes if isinstance(node, ast.Call)]
    told = [text for tree in trees for text in texts(tree)]
    is_kept = any(isinstance(one, ast.Attribute) and one.attr in ("cache", "persist") for one in called)
    if not is_kept and not any(map(_CACHED_IN_SQL.match, told)):
        return None
    functions = set(map(id, called))
    is_read = any(isinstance(one, ast.Attribute) and one.attr == "read" and id(one) not in functions for one in nodes)
    if is_read or any(map(_READ_IN_SQL.search, told)):
        return "it keeps frames of files in memory, which other runs that read these files would be given"
    return None


def _carried(cells: Sequence[ast.Module], modules: Sequence[ast.Module]) -> str | None:
    """A function for Python workers is sent, with what it uses, when a frame is computed."""
    words = {_word(node) for tree in [*cells, *modules] for node in ast.walk(tree)}
    words |= {one.name for tree in [*cells, *modules] for node in ast.walk(tree)
              if isinstance(node, ast.ImportFrom) for one in node.names}  # fmt: skip
    if not words & _PASSED:
        return None
    for number, space in enumerate([list(cells), *([module] for module in modules)]):
        changed = _changed(space)
        for place, tree in enumerate(space):
            for function in (node for node in ast.walk(tree) if isinstance(node, _Scope)):
                if around := _around(function):
                    return f"a function may run on workers, which are elsewhere, and uses {around}"
                for name in _free(function):
                    if changed.get(name, (-1, 0)) > (place, function.lineno):
                        return f"a function may run on workers and uses {name}, which is bound again or changed"
            if number and (around := _around(tree)):
                return f"a function may run on workers, which are elsewhere, and uses {around}"
    return None


def _changed(space: Sequence[ast.Module]) -> dict[str, tuple[int, int]]:
    """The names outside of functions that do not stay as they were first bound: where they were changed last."""
    bound: dict[str, int] = {}
    last: dict[str, tuple[int, int]] = {}
    for place, tree in enumerate(space):
        for node, end in _outside(tree, None):
            match node:
                case ast.Name(id=name, ctx=ast.Store()) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    bound[name] = bound.get(name, 0) + (2 if end else 1)
                    if bound[name] > 1:
                        last[name] = (len(space), 0)  # a function that was bound before may be used after
                case (
                    ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del())
                    | ast.Attribute(value=ast.Name(id=name), ctx=ast.Store())
                ):
                    last[name] = max(last.get(name, (-1, 0)), (place, end or node.lineno))
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if method in _CHANGES:
                    last[name] = max(last.get(name, (-1, 0)), (place, end or node.lineno))
                case _:
                    pass
    return last


def _outside(node: ast.AST, end: int | None) -> Iterator[tuple[ast.AST, int | None]]:
    """The nodes outside of functions, each with the last line of the loop that it is in."""
    for child in ast.iter_child_nodes(node):
        inner = end or (child.end_lineno if isinstance(child, ast.For | ast.While) else None)
        yield child, inner
        if not isinstance(child, _Scope | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            yield from _outside(child, inner)


def _around(tree: ast.AST) -> str:
    """What it uses of the process and folder that it runs in; nothing if it does not."""
    nodes = (node for node in ast.walk(tree) if _word(node) in _AROUND)
    return next((_word(node) for node in nodes if _word(node) != "open" or isinstance(node, ast.Name)), "")


def _free(function: ast.AST) -> list[str]:
    """The names that a function uses and does not bind."""
    nodes = list(ast.walk(function))
    own = {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    own |= {one.arg for one in nodes if isinstance(one, ast.arg)}
    return [one.id for one in nodes if isinstance(one, ast.Name) and one.id not in own]


def _word(node: ast.AST) -> str:
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""
