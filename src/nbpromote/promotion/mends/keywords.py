"""Calls whose arguments are given in another way today: by a name where a place would do, by another name or value."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nbpromote.analysis.facts import Facts, Span
from nbpromote.promotion.code import CellCode
from nbpromote.promotion.mends.mend import Mend, codes_of
from nbpromote.promotion.rewriting import Lines, Rewrite

_PANDAS, _SEABORN = "pandas 2", "seaborn 0.12"
_DRAWING = frozenset(
    "scatterplot lineplot barplot boxplot violinplot swarmplot stripplot pointplot countplot boxenplot catplot regplot "  # noqa: SIM905
    "lmplot residplot jointplot kdeplot histplot".split()
)
_TREES = "Decision ExtraTree RandomForest ExtraTrees GradientBoosting Bagging HistGradientBoosting".split()  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class _Spelling:
    """`callee` is a pattern of what is called, as its last word; `value` of what is given, as source, in quotes or not.

    `new` is the whole argument as it is spelled today, `{}` for what was given; None leaves it out.
    """

    callee: str
    keyword: str
    new: str | None
    since: str
    value: str = r".*"


_SPELLINGS = (
    _Spelling("grid", "b", "visible={}", "matplotlib 3.6"),
    _Spelling("read_excel", "sheetname", "sheet_name={}", "pandas 1"),
    _Spelling("describe", "datetime_is_numeric", None, _PANDAS),
    _Spelling("to_excel", "encoding", None, _PANDAS),
    _Spelling("between", "inclusive", 'inclusive="both"', _PANDAS, "True"),
    _Spelling("between", "inclusive", 'inclusive="neither"', _PANDAS, "False"),
    _Spelling("date_range|bdate_range", "closed", "inclusive={}", _PANDAS, r"[\"'](?:left|right)[\"']"),
    _Spelling("lmplot|FacetGrid|catplot", "size", "height={}", "seaborn 0.9"),
    _Spelling("OneHotEncoder", "sparse", "sparse_output={}", "scikit-learn 1.4"),
    _Spelling("AgglomerativeClustering", "affinity", "metric={}", "scikit-learn 1.4"),
    _Spelling("(?:Bagging|AdaBoost)(?:Classifier|Regressor)", "base_estimator", "estimator={}", "scikit-learn 1.4"),
    _Spelling("AdaBoostClassifier", "algorithm", None, "scikit-learn 1.6", r"[\"']SAMME[\"']"),
    _Spelling("KMeans|MiniBatchKMeans", "n_jobs|precompute_distances", None, "scikit-learn 1"),
    _Spelling(r"\w+(?:Classifier|Regressor)", "presort", None, "scikit-learn 0.24"),
    _Spelling(r"\w+(?:Classifier|Regressor)", "min_impurity_split", None, "scikit-learn 1", "None"),
    _Spelling(rf"(?:{'|'.join(_TREES)})\w*Regressor", "criterion", 'criterion="squared_error"', "scikit-learn 1.2",
              r"[\"']mse[\"']"),
    _Spelling(rf"(?:{'|'.join(_TREES)})\w*Regressor", "criterion", 'criterion="absolute_error"', "scikit-learn 1.2",
              r"[\"']mae[\"']"),
    _Spelling("GradientBoostingRegressor", "loss", 'loss="squared_error"', "scikit-learn 1.2", r"[\"']ls[\"']"),
    _Spelling("GradientBoostingClassifier", "loss", 'loss="log_loss"', "scikit-learn 1.3", r"[\"']deviance[\"']"),
    _Spelling("SGDClassifier", "loss", 'loss="log_loss"', "scikit-learn 1.3", r"[\"']log[\"']"),
    _Spelling("(?:RandomForest|ExtraTrees)Classifier", "max_features", 'max_features="sqrt"', "scikit-learn 1.3",
              r"[\"']auto[\"']"),
    _Spelling("(?:RandomForest|ExtraTrees)Regressor", "max_features", "max_features=1.0", "scikit-learn 1.3",
              r"[\"']auto[\"']"),
    _Spelling("LogisticRegression", "multi_class", None, "scikit-learn 1.8", r"[\"'](?:auto|multinomial)[\"']"),
    _Spelling("LogisticRegression", "penalty", "penalty=None", "scikit-learn 1.4", r"[\"']none[\"']"),
    _Spelling("(?:Linear|Logistic)Regression|Ridge|Lasso|ElasticNet", "normalize", None, "scikit-learn 1.2", "False"),
)  # fmt: skip


def find(facts: Facts) -> Iterator[Mend]:
    """Arguments that fail today, as they are spelled by now."""
    for cell, code in codes_of(facts):
        for node in ast.walk(code.tree):
            if isinstance(node, ast.Call):
                called = _called(node)
                yield from _spelled(cell.id, code, node, called)
                yield from _by_place(cell.id, code, node, called)
                if called == "factorplot" and _of("sns", "seaborn")(node) and (node.args or node.keywords):
                    yield _factorplot(cell.id, code, node)


def _called(node: ast.Call) -> str:
    func = node.func
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _spelled(cell_id: str, code: CellCode, node: ast.Call, called: str) -> Iterator[Mend]:
    for keyword in node.keywords:
        for one in _SPELLINGS:
            if (
                keyword.arg is None
                or not re.fullmatch(one.keyword, keyword.arg)
                or not re.fullmatch(one.callee, called)
            ):
                continue
            value = code.text(keyword.value)
            if not re.fullmatch(one.value, value, re.DOTALL):
                continue
            if one.new is None:
                rewrite = Rewrite(cell_id, _with_comma(code, node, keyword), "")
                yield Mend(f"{keyword.arg}= of {called}", "goes", _since(one.since), (rewrite,))
                continue
            new = one.new.format(value)
            if any(other.arg == new.partition("=")[0] for other in node.keywords if other is not keyword):
                continue
            told = new if "{}" not in one.new else one.new.partition("=")[0] + "="
            rewrite = Rewrite(cell_id, code.span(keyword), new)
            yield Mend(f"{keyword.arg}= of {called}", f"is {told} today", _since(one.since), (rewrite,))


def _since(release: str) -> str:
    return f"it is not there any more since {release}"


def _with_comma(code: CellCode, node: ast.Call, keyword: ast.keyword) -> Span:
    """The argument with the comma that parts it from the one before it, or else from the one behind it."""
    given = _given(code, node)
    own = code.span(keyword)
    place = given.index(own)
    if place:
        return Span(given[place - 1].end_line, given[place - 1].end_column, own.end_line, own.end_column)
    if len(given) > 1:
        return Span(own.line, own.column, given[1].line, given[1].column)
    lines = Lines(code.source)
    rest = code.source[lines.end(own) :]
    return Span(own.line, own.column, own.end_line, own.end_column + (1 if rest.startswith(",") else 0))


def _given(code: CellCode, node: ast.Call) -> list[Span]:
    """Where the arguments of a call stand, from first to last."""
    spans = [*map(code.span, node.args), *map(code.span, node.keywords)]
    return sorted(spans, key=lambda one: (one.line, one.column))


def _by_place(cell_id: str, code: CellCode, node: ast.Call, called: str) -> Iterator[Mend]:
    for is_meant, names, since in _PLACES.get(called, ()):
        if not is_meant(node) or any(keyword.arg in names for keyword in node.keywords):
            continue
        first = len(node.args) - len(names) if called not in _FROM_THE_FIRST else 0
        wanted = node.args[first:]
        starts = [code.span(one) for one in wanted]
        rewrites = tuple(
            Rewrite(cell_id, Span(span.line, span.column, span.line, span.column), f"{name}=")
            for span, name in zip(starts, names, strict=False)
        )
        named = ", ".join(f"{name}=" for name, _ in zip(names, starts, strict=False))
        yield Mend(f"{called}()", f"takes {named} by name", f"places do not tell it any more since {since}", rewrites)
        return


def _factorplot(cell_id: str, code: CellCode, node: ast.Call) -> Mend:
    """It drew points where nothing else was asked for."""
    func, last = code.span(node.func), _given(code, node)[-1]
    word = Span(func.end_line, func.end_column - len("factorplot"), func.end_line, func.end_column)
    behind = Span(last.end_line, last.end_column, last.end_line, last.end_column)
    kind = () if any(one.arg == "kind" for one in node.keywords) else (Rewrite(cell_id, behind, ', kind="point"'),)
    return Mend("factorplot", "is catplot today", _since("seaborn 0.9"), (Rewrite(cell_id, word, "catplot"), *kind))


def _is_axis(count: int) -> Callable[[ast.Call], bool]:
    """Whether the last of so many arguments says 0 or 1."""
    return lambda node: len(node.args) == count and _is_one_of(node.args[-1], (0, 1))


def _is_one_of(node: ast.expr, values: tuple[object, ...]) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value in values


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _of(*modules: str) -> Callable[[ast.Call], bool]:
    def is_of(node: ast.Call) -> bool:
        func = node.func
        return isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id in modules

    return is_of


def _is_split(node: ast.Call) -> bool:
    func = node.func
    is_column = isinstance(func, ast.Attribute) and isinstance(func.value, ast.Attribute) and func.value.attr == "str"
    return is_column and len(node.args) == 2 and isinstance(node.args[1], ast.Constant)


def _draws(node: ast.Call) -> bool:
    """Whether what is drawn is told by place: two things, or one beside `data=`."""
    if not _of("sns", "seaborn")(node) or any(isinstance(one, ast.Starred) for one in node.args):
        return False
    return len(node.args) == 2 or (len(node.args) == 1 and any(one.arg == "data" for one in node.keywords))


_Meant = Callable[[ast.Call], bool]
_PLACES: dict[str, tuple[tuple[_Meant, tuple[str, ...], str], ...]] = {
    "drop": ((_is_axis(2), ("axis",), _PANDAS),),
    "dropna": ((_is_axis(1), ("axis",), _PANDAS),),
    "concat": ((lambda node: _of("pd", "pandas")(node) and _is_axis(2)(node), ("axis",), _PANDAS),),
    "split": ((_is_split, ("n",), _PANDAS),),
    "rsplit": ((_is_split, ("n",), _PANDAS),),
    "pivot": (
        (
            lambda node: len(node.args) in {2, 3} and all(map(_is_text, node.args)),
            ("index", "columns", "values"),
            _PANDAS,
        ),
    ),
    **dict.fromkeys(_DRAWING, ((_draws, ("x", "y"), _SEABORN),)),
}
_FROM_THE_FIRST = _DRAWING | {"pivot"}
