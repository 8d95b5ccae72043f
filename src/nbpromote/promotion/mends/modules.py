"""Imports of modules that have moved, where what is imported is the same as before."""

import ast
import re
from collections.abc import Iterator

from nbpromote.analysis.facts import Facts, Span
from nbpromote.promotion.code import CellCode
from nbpromote.promotion.mends.mend import Mend, codes_of
from nbpromote.promotion.rewriting import Rewrite

# Module (a regular expression), the names that are the same in the other (None for all), the other, since when.
_MOVED: tuple[tuple[str, frozenset[str] | None, str, str], ...] = (
    (
        r"sklearn\.(cross_validation|grid_search|learning_curve)",
        frozenset(
            "train_test_split cross_val_score cross_val_predict GridSearchCV RandomizedSearchCV ParameterGrid "  # noqa: SIM905
            "ParameterSampler learning_curve validation_curve".split()
        ),
        "sklearn.model_selection",
        "scikit-learn 0.20",
    ),
    (r"sklearn\.externals\.six", frozenset({"StringIO"}), "io", "scikit-learn 0.23"),
    (r"IPython\.core\.display", None, "IPython.display", "IPython 9"),
    (r"IPython\.html(\.widgets)?", None, "ipywidgets", "IPython 5"),
    (r"scipy\.misc", frozenset({"comb", "factorial", "factorial2", "logsumexp"}), "scipy.special", "SciPy 1.3"),
    (r"pandas\.io\.json", frozenset({"json_normalize"}), "pandas", "pandas 2"),
    (r"pandas\.tools\.plotting", None, "pandas.plotting", "pandas 0.25"),
    (r"pandas\.util\.testing", frozenset({"assert_frame_equal", "assert_series_equal", "assert_index_equal"}),
     "pandas.testing", "pandas 2"),
    (r"collections", frozenset(
        "Mapping MutableMapping Sequence MutableSequence Iterable Iterator Callable Set Hashable Sized".split()),  # noqa: SIM905
     "collections.abc", "Python 3.10"),
    (r"c?StringIO", frozenset({"StringIO"}), "io", "Python 3"),
)  # fmt: skip
_GONE_FROM_CORE = frozenset({"display", "clear_output"})
# The only word for the whole import -> what is imported instead.
_WHOLE = {
    ("sklearn.externals", "joblib"): ("import joblib", "scikit-learn 0.23"),
    ("", "cPickle"): ("import pickle", "Python 3"),
    ("scipy.integrate", "simps"): ("from scipy.integrate import simpson", "SciPy 1.14"),
}
_NOT_NEEDED = "findspark"


def find(facts: Facts) -> Iterator[Mend]:
    """Imports that fail today, with the one that gives the same."""
    for cell, code in codes_of(facts):
        for node in ast.walk(code.tree):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield from _from(cell.id, code, node)
            elif isinstance(node, ast.Import) and len(node.names) == 1:
                yield from _plain(cell.id, code, node)
        yield from _findspark(cell.id, code)


def _from(cell_id: str, code: CellCode, node: ast.ImportFrom) -> Iterator[Mend]:
    names = {one.name for one in node.names}
    module = node.module or ""
    if len(node.names) == 1 and (module, node.names[0].name) in _WHOLE:
        yield _whole(cell_id, code, node, node.names[0], module)
        return
    for pattern, same, other, since in _MOVED:
        if module == "IPython.core.display" and not names & _GONE_FROM_CORE:
            continue
        if re.fullmatch(pattern, module) and (same is None or names <= same):
            listed = ", ".join(f"{one.name} as {one.asname}" if one.asname else one.name for one in node.names)
            yield Mend(
                f"from {module}", f"is imported from {other}", f"it is not there any more since {since}",
                (Rewrite(cell_id, code.span(node), f"from {other} import {listed}"),),
            )  # fmt: skip
            return


def _plain(cell_id: str, code: CellCode, node: ast.Import) -> Iterator[Mend]:
    module, _, name = node.names[0].name.rpartition(".")
    if (module, name) in _WHOLE and (not module or node.names[0].asname):
        yield _whole(cell_id, code, node, node.names[0], module)


def _whole(cell_id: str, code: CellCode, node: ast.stmt, alias: ast.alias, module: str) -> Mend:
    text, since = _WHOLE[module, alias.name.rpartition(".")[2]]
    bound = alias.asname or alias.name.rpartition(".")[2]
    renamed = f" as {bound}" if text.rpartition(" ")[2] != bound else ""
    return Mend(
        f"import {alias.name}", text, f"it is not there any more since {since}",
        (Rewrite(cell_id, code.span(node), text + renamed),),
    )  # fmt: skip


def _findspark(cell_id: str, code: CellCode) -> Iterator[Mend]:
    """`findspark` looks for an installation of Spark; where Spark runs is configuration here."""
    spans = []
    for statement in code.tree.body:
        match statement:
            case ast.Import(names=[ast.alias(name=name)]) if name == _NOT_NEEDED:
                spans.append(code.whole_lines(statement))
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="init" | "find"))) if (
                name == _NOT_NEEDED
            ):
                spans.append(code.whole_lines(statement))
    rewrites = tuple(Rewrite(cell_id, span, "") for span in spans if isinstance(span, Span))
    if rewrites and len(rewrites) == len(spans):
        yield Mend(_NOT_NEEDED, "goes", "the session finds Spark by itself", rewrites)
