"""What Spark Connect does not have, and what would not reach, or reach too much of, a Spark that runs already."""

import ast
import re
from collections.abc import Iterator

from nbpromote.running.connect.texts import texts

# What no Spark Connect server has.
_ABSENT = {
    "rdd", "sparkContext", "_sc", "_gateway", "addPyFile", "parallelize", "newSession", "SparkContext", "SQLContext",
    "HiveContext", "SparkFiles", "SparkTrials", "sc", "sqlContext",
}  # fmt: skip
_ATTRIBUTES = {
    *_ABSENT, "enableHiveSupport", "master", "toJSON", "pandas_api", "writeTo", "saveAsTable", "insertInto", "catalog",
    "createGlobalTempView", "createOrReplaceGlobalTempView", "readStream", "writeStream", "streams",
    "registerJavaFunction", "registerJavaUDAF", "AnalysisException", "current_user", "session_user", "SparkConf",
}  # fmt: skip
_NAMES = {*_ABSENT - {"rdd"}, "SparkConf", "AnalysisException", "current_user", "session_user"}
_ABSENT_MODULES = re.compile(
    r"(pyspark\.(mllib|streaming|rdd|context|broadcast|accumulators|java_gateway|files|sql\.(context|classic))|py4j)(\.|$)"
)
_MODULES = re.compile(
    r"(pyspark\.(ml|mllib|streaming|pandas|rdd|context|broadcast|accumulators|java_gateway|files"
    r"|sql\.(context|classic|streaming))|py4j)(\.|$)"
)
# Packages that speak to Spark's Java.
_PACKAGES = {
    "elephas", "geomesa_pyspark", "graphframes", "h2o", "joblibspark", "mmlspark", "mosaic", "petastorm", "pydeequ",
    "pysparkling", "sedona", "sparkdl", "sparknlp", "synapse", "tensorflowonspark",
}  # fmt: skip
# Settings that do not change what a frame means: over Connect a frame has those of when it is computed.
_HARMLESS = re.compile(
    r"spark\.sql\.(shuffle\.partitions|adaptive\.|autoBroadcastJoinThreshold|execution\.arrow\.|repl\.eagerEval\."
    r"|debug\.maxToStringFields|files\.|sources\.parallel|broadcastTimeout|statistics\.)"
)
_BROAD = {
    "Exception", "BaseException", "AttributeError", "AnalysisException", "PySparkException", "ParseException",
    "Py4JJavaError",
}  # fmt: skip
_THING = r"(table|view|database|schema|namespace|function|catalog|index|variable)\b"
_SQL = re.compile(
    rf"create\s+(or\s+(replace|refresh)\s+)?(?!temp)(\w+\s+){{0,2}}?{_THING}|drop\s+(\w+\s+)?{_THING}|alter\s+{_THING}"
    r"|insert\s+(into|overwrite|table)\b|truncate\s+table\b|add\s+(jar|file|archive)s?\b|merge\s+into\b|load\s+data\b"
    r"|delete\s+from\b|use(\s+(catalog|schema|database|namespace)\b|\s+[\w.`{}]*\s*;?\s*$)|declare\s+(or|var)"
    r"|set\s+time\s+zone\b|reset\s+spark\.",
    re.IGNORECASE,
)
_SET = re.compile(r"set\s+(?=spark\.)", re.IGNORECASE)
_USER = re.compile(r"\b(current_user|session_user)\b|\buser\s*\(\s*\)", re.IGNORECASE)
# Drawn again each time that a frame is computed; of a frame of classic Spark once.
_RANDOM = re.compile(r"\b(randn?|random|uuid)\s*\(\s*\)|\btablesample\b(?!.*\brepeatable\b)", re.IGNORECASE | re.DOTALL)
_SETTING = re.compile(
    r"spark\.((?!sql\.|ui\.|app\.name|driver\.host)[a-z]\w*\.[\w.]+|master|jars|files|archives|plugins"
    r"|sql\.(extensions|warehouse\.|catalogImplementation|catalog\.|hive\.)[\w.]*)$"
)
_VARIABLE = re.compile(r"(PY)?SPARK_[A-Z_]+$")


def gap(tree: ast.Module) -> str | None:
    """The first thing that this cell or module does, and that needs a Spark of its own."""
    return next(_gaps(tree), None)


def absent(tree: ast.Module) -> str | None:
    """The first thing in this cell or module that no Spark Connect server has."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) if name in _ABSENT or name.startswith("_j"):
                return f"it uses .{name}"
            case ast.Name(id=name) if name in _ABSENT - {"rdd"}:
                return f"it uses {name}"
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                module = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
                for one in aliases:
                    if _ABSENT_MODULES.match(f"{module}{one.name}") or one.name in _ABSENT - {"rdd", "sc"}:
                        return f"it imports {module}{one.name}"
            case _:
                pass
    return None


def _gaps(tree: ast.Module) -> Iterator[str]:  # noqa: PLR0912  one for each kind of node
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) if name in _ATTRIBUTES or name.startswith("_j"):
                yield f"it uses .{name}"
            case ast.Attribute(attr="write") if id(node) not in called:
                yield "it writes files, which frames that were read before would have, too"
            case ast.Name(id=name) if name in _NAMES:
                yield f"it uses {name}"
            case ast.Import(names=aliases):
                yield from (f"it imports {one.name}" for one in aliases if _is_lacking(one.name))
            case ast.ImportFrom(module=str(module), names=aliases, level=0):
                yield from _imported(module, [one.name for one in aliases])
            case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(name)), *_]) if (
                name in _ATTRIBUTES or name.startswith("_j")
            ):
                yield f"it uses .{name}"
            case ast.Call(func=ast.Name(id="hasattr")):
                yield "it asks what an object has, and a frame over Connect has every name"
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=caught) if name in (
                "suppress",
                "raises",
                "assertRaises",
            ) and any(map(_is_broad, caught)):
                yield "it catches errors, which Connect raises later"
            case ast.Try(handlers=handlers) if any(one.type is None or _is_broad(one.type) for one in handlers):
                yield "it catches errors, which Connect raises later"
            case ast.Call(func=ast.Attribute(value=holder, attr="set" | "unset"), args=[first, *_]) if _is_named(
                holder, "conf"
            ) or _is_setting(first):
                if not (isinstance(first, ast.Constant) and _HARMLESS.match(str(first.value))):
                    yield "it changes a setting that frames made before would have, too"
            case ast.Assign(value=ast.Attribute(attr="conf")):
                yield "it keeps the settings of its session under a name"
            case ast.Subscript(value=holder, ctx=ast.Store()) if _is_named(holder, "environ"):
                yield _ENVIRONMENT
            case ast.Call(func=ast.Attribute(value=holder, attr="update" | "setdefault")) if _is_named(
                holder, "environ"
            ):
                yield _ENVIRONMENT
            case ast.Name(id="putenv" | "load_dotenv") | ast.Attribute(attr="putenv" | "load_dotenv"):
                yield _ENVIRONMENT
            case ast.Name(id="chdir") | ast.Attribute(attr="chdir"):
                yield "it changes its folder, which a Spark that runs already would not"
            case _:
                pass
    for text in texts(tree):
        yield from _said(text)


_ENVIRONMENT = "it sets environment variables, which would not reach a Spark that runs already"


def _said(text: str) -> Iterator[str]:
    """What a string gives away, of SQL or a setting."""
    if _SQL.match(text):
        yield f"its SQL says {' '.join(text.split()[:2])}"
    if (found := _SET.match(text)) and not _HARMLESS.match(text, found.end()):
        yield "it changes a setting that frames made before would have, too"
    if _USER.search(text):
        yield "it asks for the user"
    if _RANDOM.search(text):
        yield "its SQL draws at random, and would draw again each time that a frame is computed"
    if _SETTING.match(text) or _VARIABLE.match(text):
        yield f"it sets or asks for {text}"
    if _MODULES.match(text) and " " not in text:
        yield f"it imports {text}"


def _imported(module: str, names: list[str]) -> Iterator[str]:
    for name in names:
        if _is_lacking(module) or _is_lacking(f"{module}.{name}"):
            yield f"it imports {module}.{name}"
        elif name in _NAMES or (module.startswith("pyspark.") and name.startswith("_")):
            yield f"it uses {name}"


def _is_lacking(module: str) -> bool:
    parts = module.split(".")
    return bool(_MODULES.match(module)) or parts[0] in _PACKAGES or ("spark" in parts and parts[0] != "commonlib")


def _is_named(node: ast.expr, name: str) -> bool:
    return getattr(node, "attr", getattr(node, "id", "")) == name


def _is_setting(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and str(node.value).startswith("spark.")


def _is_broad(caught: ast.expr) -> bool:
    return any(getattr(one, "attr", getattr(one, "id", "")) in _BROAD for one in ast.walk(caught))
