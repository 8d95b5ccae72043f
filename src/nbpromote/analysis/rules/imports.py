"""Imports that can go: what importing a module does besides, and how a statement is taken out of a cell."""

import ast
import re
import sys

from nbpromote.analysis.code import CellCode
from nbpromote.analysis.facts import Span
from nbpromote.analysis.findings import Fix
from nbpromote.analysis.rules.evidence import Evidence

# Modules of which nothing is registered, configured or shown when they are imported. Others may be: seaborn registers
# colour maps, hvplot and swifter add methods to data frames.
_QUIET = frozenset(
    "IPython bs4 catboost category_encoders dateutil delta imblearn ipywidgets joblib lightgbm matplotlib mlflow "  # noqa: SIM905
    "networkx numpy pandas pyarrow pyspark pytz requests scipy sklearn sqlalchemy statsmodels sympy tqdm "
    "typing_extensions urllib3 xgboost yaml".split()
)
_LOUD = re.compile(
    r"__future__|readline|rlcompleter|this|antigravity|site|sitecustomize|usercustomize|turtle\w*|tkinter|idlelib"
    r"|mpl_toolkits\.mplot3d|matplotlib\.style.*|sklearn\.experimental\..*|pyspark\.pandas.*|tqdm\.autonotebook"
)


def is_quiet(module: str) -> bool:
    """Whether importing this module is known to do nothing but bind its name."""
    top = module.partition(".")[0]
    return (top in _QUIET or top in sys.stdlib_module_names) and not _LOUD.match(module)


def can_be_seen(evidence: Evidence) -> bool:
    """Whether all of the notebook is Python that can be read, and no other notebook runs in its names."""
    if any(cell.opaque or cell.problem for cell in evidence.facts.cells):
        return False
    magics = [magic for code in evidence.codes.values() for magic in code.python.magics]
    return not any(magic.name in {"run", "load", "loadpy", "rerun", "recall", "macro"} for magic in magics)


def without(code: CellCode, statement: ast.stmt) -> Fix | None:
    """The removal of the statement's lines, when it has them for itself."""
    span = code.span(statement)
    rows = code.rows[span.line - 1 : span.end_line]
    if not rows or code.text(span) != "\n".join(rows).strip():
        return None
    if span.end_line < len(code.rows):
        return Fix(Span(span.line, 0, span.end_line + 1, 0), "")
    before = (span.line - 1, len(code.rows[span.line - 2])) if span.line > 1 else (1, 0)
    return Fix(Span(*before, span.end_line, len(rows[-1])), "")


def without_name(code: CellCode, statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> Fix | None:
    """The removal of one of several names from an import."""
    at = statement.names.index(alias)
    mine = code.span(alias)
    if at + 1 < len(statement.names):
        after = code.span(statement.names[at + 1])
        span = Span(mine.line, mine.column, after.line, after.column)
    elif at:
        before = code.span(statement.names[at - 1])
        span = Span(before.end_line, before.end_column, mine.end_line, mine.end_column)
    else:
        return None
    gone = re.sub(r"[\s\\,]", "", code.text(span))
    return Fix(span, "") if gone == re.sub(r"\s", "", _written(alias)) else None


def _written(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name
