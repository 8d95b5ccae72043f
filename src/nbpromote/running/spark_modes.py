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
_NAMES = {"SparkContext", "SQLContext", "HiveContext", "SparkConf", "sc", "sqlContext"}
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
    for source in sources:
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            return "not all of it is Python that can be read"
        for reason in _reasons(tree, views):
            return reason
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
