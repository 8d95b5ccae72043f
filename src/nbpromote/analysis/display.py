"""What a cell shows, and whether looking is all that it does."""

import ast
from collections.abc import Collection

from nbpromote.analysis.code import CellCode
from nbpromote.analysis.evaluation import Record

_LOOKS = frozenset(
    "head tail info describe shape dtypes columns index size ndim count nunique unique value_counts isnull isna "  # noqa: SIM905
    "sum sample mean min max any memory_usage show printSchema dtype schema version keys explain take first limit "
    "duplicated sort_values sort_index toPandas".split()
)
_COMPUTE = frozenset(
    "groupby groupBy agg aggregate pivot pivot_table merge join crosstab resample rollup cube "  # noqa: SIM905
    "withColumn withColumns selectExpr crossJoin unionByName".split()
)
_COLUMNS = frozenset({"col", "column", "desc", "asc", "alias"})
_LOOK_FUNCTIONS = frozenset(
    "len type print display dir help id isinstance set list sorted min max sum round repr str".split()  # noqa: SIM905
)
_KINDS = frozenset({"type", "dir", "help", "id"})  # of whatever they are asked
_QUIET = frozenset(
    "append extend update add insert remove sort reverse clear seed to_csv to_parquet to_sql to_excel to_pickle "  # noqa: SIM905
    "to_json save saveAsTable insertInto parquet savefig dump makedirs mkdir createOrReplaceTempView createTempView "
    "filterwarnings simplefilter set_option stop "
    "run_line_magic run_cell_magic system getsystem use set_style set_theme cache persist "
    "unpersist close set write write_text write_bytes chdir".split()
)
_SHOWING = frozenset({"print", "display", "displayHTML", "show", "pprint"})
_PLOTS = frozenset(
    "plot hist scatter bar barh boxplot pie imshow heatmap lineplot histplot barplot pairplot countplot "  # noqa: SIM905
    "scatterplot".split()
)


def displays(code: CellCode, record: Record) -> bool:
    """Whether the cell shows something that a reader would look at."""
    body = code.tree.body
    if record.shows_rows:
        return True
    last = body[-1] if body else None
    if isinstance(last, ast.Expr) and not _is_silent(code, last) and not _is_quiet(last.value):
        return id(last.value) not in record.quiet
    return any(id(node) in record.shows or _is_plot(node) for node in ast.walk(code.tree) if isinstance(node, ast.Call))


def is_peek(code: CellCode, record: Record, changed: Collection[str]) -> bool:
    """Whether looking is all that the cell does: nothing is bound, changed, read or written."""
    body = [statement for statement in code.tree.body if not _is_text(statement)]
    if not body or changed or record.binds or record.accesses or record.resources_changed or code.python.foreign:
        return False
    return all(isinstance(statement, ast.Expr) and looks(statement.value) for statement in body)


def only_glances(tree: ast.Module) -> bool:
    """Whether all that the cell shows, whatever else it does, is a look at the end: `df["x"] = 1; df.head()`.

    Spark's `df.show()` is no mere look: it is the way to show a table there."""
    body = tree.body
    last = body[-1].value if body and isinstance(body[-1], ast.Expr) else None
    if last is None or not looks(last) or (isinstance(last, ast.Call) and _is_said(last)):
        return False
    if isinstance(last, ast.Call) and isinstance(last.func, ast.Attribute) and last.func.attr == "show":
        return False
    glances = {id(each) for one in body if isinstance(one, ast.Expr) and looks(one.value) for each in ast.walk(one)}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return not any(_is_plot(node) or (_is_shown(node) and id(node) not in glances) for node in calls)


def _is_shown(node: ast.Call) -> bool:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in _SHOWING
    return False


def is_glance(node: ast.expr) -> bool:
    """Whether the expression only looks, as its own last step tells: not `df.sort_values("a").to_csv("a.csv")`."""
    if isinstance(node, ast.Call) and any(keyword.arg == "inplace" for keyword in node.keywords):
        return False
    last = node.func if isinstance(node, ast.Call) else node
    name = last.attr if isinstance(last, ast.Attribute) else last.id if isinstance(last, ast.Name) else ""
    return name in _LOOKS | _LOOK_FUNCTIONS and looks(node)


def looks(node: ast.expr) -> bool:  # noqa: PLR0911
    """Whether the expression only looks: `df.head()`, `len(df)`, `df["x"].value_counts()`, `print(df.shape)`."""
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name):
            return node.func.id in _KINDS or (
                node.func.id in _LOOK_FUNCTIONS
                and all(looks(each) or isinstance(each, (ast.Constant, ast.JoinedStr, ast.Name)) for each in node.args)
                and not _is_result(node)
            )
        if isinstance(node.func, ast.Attribute):
            return not _computes(node) and (node.func.attr in _LOOKS or (not _is_plot(node) and looks(node.func.value)))
        return False
    if isinstance(node, ast.Attribute):
        return node.attr in _LOOKS or looks(node.value)
    if isinstance(node, ast.Subscript):
        return looks(node.value)
    if isinstance(node, (ast.BinOp, ast.Compare)):
        sides = [node.left, node.right] if isinstance(node, ast.BinOp) else [node.left, *node.comparators]
        return all(looks(each) or isinstance(each, ast.Constant) for each in sides)
    if isinstance(node, (ast.Tuple, ast.List)):
        return bool(node.elts) and all(looks(each) for each in node.elts)
    return False


def _computes(node: ast.expr) -> bool:
    """Whether the chain makes a new table, by grouping, joining, or new columns: showing it is more than a look."""
    while isinstance(node, (ast.Call, ast.Attribute, ast.Subscript)):
        if isinstance(node, ast.Attribute) and node.attr in _COMPUTE:
            return True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "select":
            asked = (each for one in node.args for each in ast.walk(one) if isinstance(each, ast.Call))
            if any(_called(each) not in _COLUMNS for each in asked):
                return True
        node = node.func if isinstance(node, ast.Call) else node.value
    return False


def _called(node: ast.Call) -> str:
    func = node.func
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _is_result(node: ast.Call) -> bool:
    """Printing a computed name is a result as much as a look; only printing of looks, or of words alone, is a peek."""
    return (
        isinstance(node.func, ast.Name)
        and node.func.id in {"print", "display"}
        and not any(looks(each) for each in node.args)
        and not _is_said(node)
    )


def _is_said(node: ast.Call) -> bool:
    """Whether words alone are printed: `print("done")`."""
    return _called(node) == "print" and all(isinstance(each, ast.Constant) for each in node.args)


def _is_plot(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr in _PLOTS


def _is_silent(code: CellCode, node: ast.Expr) -> bool:
    """A semicolon at the end of the cell keeps IPython from showing its value."""
    return code.cell.source.rstrip().endswith(";") and not _has_call(node)


def _has_call(node: ast.AST) -> bool:
    return any(isinstance(each, ast.Call) and _is_plot(each) for each in ast.walk(node))


def _is_quiet(node: ast.expr) -> bool:
    """Calls that return nothing worth showing, as far as their name tells."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in _QUIET or (node.func.attr == "show" and _is_pyplot(node))
    return _is_text(ast.Expr(node)) or (isinstance(node, ast.Constant) and node.value is None)


def _is_pyplot(node: ast.Call) -> bool:
    return (
        isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) and node.func.value.id == "plt"
    )


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
