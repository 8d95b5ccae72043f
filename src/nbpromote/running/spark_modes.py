"""Whether a notebook may run on a Spark that it shares, which it reaches over Spark Connect."""

import ast
import re
from collections.abc import Iterable, Iterator

CLASSIC, WARM = "classic", "warm"
MODES = (CLASSIC, WARM)
# What Spark Connect does not have, and what a session does to the others of its server.
_ATTRIBUTES = {
    "rdd", "sparkContext", "_sc", "_jvm", "_jsc", "_jdf", "_jsparkSession", "_jwrite", "enableHiveSupport", "master",
    "saveAsTable", "insertInto", "createGlobalTempView", "createOrReplaceGlobalTempView", "catalog", "readStream",
    "writeStream", "streams", "registerJavaFunction", "registerJavaUDAF", "newSession", "addPyFile", "parallelize",
}  # fmt: skip
_NAMES = {
    "SparkContext", "SQLContext", "HiveContext", "SparkConf", "sc", "sqlContext",
    "AnalysisException", "current_user", "session_user",
}  # fmt: skip
# Settings that do not change what a frame means: over Connect a frame has those of when it is computed.
_HARMLESS = re.compile(
    r"spark\.sql\.(shuffle\.partitions|adaptive\.|autoBroadcastJoinThreshold|execution\.arrow\.|repl\.eagerEval\."
    r"|debug\.maxToStringFields|files\.|sources\.parallel|broadcastTimeout|statistics\.)"
)
_BROAD = {"Exception", "BaseException", "PySparkException", "ParseException", "Py4JJavaError"}
_PASSED = {"udf", "pandas_udf", "udtf", "applyInPandas", "mapInPandas", "mapInArrow", "applyInArrow"}
_MODULES = ("pyspark.ml", "pyspark.mllib", "pyspark.streaming", "pyspark.pandas", "pyspark.rdd", "py4j")
_SQL = re.compile(
    r"^\s*(create\s+(?!(or\s+replace\s+)?temp)|insert\s|drop\s+(?!view)|alter\s|truncate\s|add\s+(jar|file)|use\s|merge\s)",
    re.IGNORECASE,
)
_SETTING = re.compile(r"spark\.(?!sql\.|ui\.|app\.name|driver\.host)[a-z]\w*\.[\w.]+$")
_VARIABLE = re.compile(r"(PY)?SPARK_[A-Z_]+$")
_VIEWS = {"createTempView", "createOrReplaceTempView"}


def uses_spark(sources: Iterable[str]) -> bool:
    """Whether any of these cells may use Spark, itself or by commonlib."""
    return any("spark" in source.lower() or "commonlib" in source for source in sources)


def needs_classic(sources: Iterable[str]) -> str | None:
    """Why cells, and the modules that they import, need a session of their own; None if they do not."""
    views: set[str] = set()
    trees = []
    for source in sources:
        try:
            trees.append(ast.parse(source))
        except (SyntaxError, ValueError):
            return "not all of it is Python that can be read"
        for reason in _reasons(trees[-1], views):
            return reason
    return _late(trees)


def _late(trees: Iterable[ast.Module]) -> str | None:
    """Whether a function for Python workers uses a name that changes: it is sent when a frame is computed."""
    nodes = [node for tree in trees for node in ast.walk(tree)]
    words = {node.attr if isinstance(node, ast.Attribute) else node.id
             for node in nodes if isinstance(node, ast.Attribute | ast.Name)}  # fmt: skip
    if not words & _PASSED:
        return None
    bound: dict[str, int] = {}
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.FunctionDef(name=name):
                bound[name] = bound.get(name, 0) + 1
            case ast.For(target=target):
                bound |= {one.id: 2 for one in ast.walk(target) if isinstance(one, ast.Name)}
            case _:
                pass
    for node in nodes:
        if isinstance(node, ast.Lambda | ast.FunctionDef):
            inner = [one for one in ast.walk(node) if isinstance(one, ast.Name)]
            own = {one.id for one in inner if isinstance(one.ctx, ast.Store)}
            own |= {one.arg for one in ast.walk(node.args) if isinstance(one, ast.arg)}
            for one in inner:
                if one.id not in own and bound.get(one.id, 0) > 1:
                    return f"a function may run on workers and uses {one.id}, which is bound again"
    return None


def _reasons(tree: ast.AST, views: set[str]) -> Iterator[str]:  # noqa: PLR0912  one for each kind of node
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) if name in _ATTRIBUTES:
                yield f"it uses .{name}"
            case ast.Name(id=name) if name in _NAMES:
                yield f"it uses {name}"
            case ast.Import(names=aliases):
                yield from (f"it imports {one.name}" for one in aliases if one.name.startswith(_MODULES))
            case ast.ImportFrom(module=str(module), names=aliases):
                whole = [module, *(f"{module}.{one.name}" for one in aliases)]
                yield from (f"it imports {one}" for one in whole if one.startswith(_MODULES))
            case ast.Constant(value=str(text)) if _SQL.match(text):
                yield f"its SQL says {' '.join(text.split()[:2])}"
            case ast.Constant(value=str(text)) if "current_user" in text.lower():
                yield "it asks for the user"
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="conf"), attr="set" | "unset"), args=[first, *_]):
                if not (isinstance(first, ast.Constant) and _HARMLESS.match(str(first.value))):
                    yield "it changes a setting that frames made before would have, too"
            case ast.Try(handlers=handlers) if any(map(_is_broad, handlers)):
                yield "it catches errors, which Connect raises later"
            case ast.Subscript(value=ast.Attribute(attr="environ"), ctx=ast.Store()):
                yield "it sets environment variables, which would not reach a Spark that runs already"
            case ast.Constant(value=str(text)) if _SETTING.match(text) or _VARIABLE.match(text):
                yield f"it sets or asks for {text}"
            case ast.Call(func=ast.Attribute(attr=name), args=arguments) if name in _VIEWS:
                # Over Connect a frame finds a view when it is computed, not when it is made.
                view = arguments[0].value if arguments and isinstance(arguments[0], ast.Constant) else None
                if not isinstance(view, str) or view.lower() in views:
                    yield "it makes a temporary view anew, which Connect would read where the old one was meant"
                else:
                    views.add(view.lower())
            case ast.For() | ast.While() | ast.FunctionDef() | ast.AsyncFunctionDef():
                made = (each for each in ast.walk(node) if isinstance(each, ast.Attribute) and each.attr in _VIEWS)
                if next(made, None) is not None:
                    yield "it makes temporary views in a loop or function"
            case _:
                pass


def _is_broad(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    words = (one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "") for one in ast.walk(handler.type))
    return any(word in _BROAD for word in words)
