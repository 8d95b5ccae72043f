"""Random numbers that results need and that nobody has seeded: with a seed, a run can be had again, and be proven."""

import ast
import re
from collections.abc import Collection, Iterator

from nbpromote.analysis.facts import CellFacts, Facts, Span
from nbpromote.analysis.results import find_results
from nbpromote.analysis.slices import slice_for
from nbpromote.notebook.model import Cell
from nbpromote.promotion.code import CellCode
from nbpromote.promotion.draft import Options
from nbpromote.promotion.mends import error_bars, spark_rows
from nbpromote.promotion.mends.mend import Mend, codes_of
from nbpromote.promotion.mends.spark_rows import UNSEEDED
from nbpromote.promotion.rewriting import Rewrite

_STATE = "random state of "
_SEEDS = {"numpy": ("import numpy as np", "np.random.seed({})"), "python": ("import random", "random.seed({})")}
_SEED = error_bars.SEED
_DRAWS = re.compile(
    r"(^|\.)random\.\w+$|^(rand|randn|randint|normal|uniform|choice|choices|shuffle|permutation|gauss|random)$|\.sample$|\.rvs$"
    r"|(^|\.)(train_test_split|resample|bootstrap_plot)$"
    r"|(^|\.)(RandomForest|ExtraTrees|GradientBoosting|Bagging|AdaBoost|DecisionTree|ExtraTree|SGD|MLP)(Classifier|Regressor)$"
    r"|(^|\.)(Mini(Batch)?KMeans|KMeans|GaussianMixture|TSNE|MDS|NMF|FastICA|TruncatedSVD|ShuffleSplit"
    r"|StratifiedShuffleSplit|RandomizedSearchCV|LatentDirichletAllocation|SpectralClustering|Perceptron)$"
)
_GENERATORS = frozenset({"default_rng", "RandomState"})
# Their seed is a hash of their class's name, which is another in each Python process
# (`HasSeed` of pyspark.ml.param.shared), or the clock.
_ESTIMATORS = re.compile(
    r"(RandomForest|GBT|DecisionTree|FM)(Classifier|Regressor)|MultilayerPerceptronClassifier|ALS|LDA|KMeans|BisectingKMeans"
    r"|GaussianMixture|Word2Vec|MinHashLSH|BucketedRandomProjectionLSH|CrossValidator|TrainValidationSplit"
)
_TRAINERS = re.compile(
    r"(RandomForest|KMeans|BisectingKMeans|GaussianMixture|LDA|ALS)\.train(Classifier|Regressor|Implicit)?"
)


def find(facts: Facts, options: Options) -> Iterator[Mend]:
    """A seed before the first draw that a result needs, and for the splits of Spark and generators of their own."""
    needed = _needed(facts, options)
    own = frozenset(one.name for cell in facts.cells for one in cell.definitions)
    estimators = {
        one.name
        for cell in facts.cells
        for one in cell.imports
        if f"{one.module}.".startswith(("pyspark.ml.", "pyspark.mllib."))
    }
    seeded: set[str] = set()
    codes = {cell.id: (cell, code) for cell, code in codes_of(facts)}
    for about in (facts.of(cell_id) for cell_id in facts.flow.order):
        if about.cell_id in needed and about.cell_id in codes:
            cell, code = codes[about.cell_id]
            for library in sorted(_drawn(about, code, own) - seeded):
                seeded.add(library)
                yield _seeding(cell, code, library, own)
            yield from spark_rows.find(about, code)
            yield from _own(about, code)
            yield from _estimators(about, code, estimators)
            yield from error_bars.find(about, code)
        seeded |= {each.removeprefix(_STATE) for each in about.resources_changed if each.startswith(_STATE)}


def drawing_functions(facts: Facts) -> frozenset[str]:
    """The functions, methods and classes of the notebook that draw random numbers, also through each other."""
    calls: dict[str, list[ast.expr]] = {}
    for _, code in codes_of(facts):
        for node in ast.walk(code.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inner = [one.func for one in ast.walk(node) if isinstance(one, ast.Call)]
                calls.setdefault(node.name, []).extend(inner)
    found = {name for name, inner in calls.items() if any(_DRAWS.search(ast.unparse(one)) for one in inner)}
    while True:
        more = {name for name, inner in calls.items() if any(_called(one) in found for one in inner)} - found
        if not more:
            return frozenset(found)
        found |= more


def _called(node: ast.expr) -> str:
    """By its last word: a method is known by its name alone."""
    return ast.unparse(node).rpartition(".")[2]


def _needed(facts: Facts, options: Options) -> set[str]:
    targets = [result.cell_id for result in find_results(facts)]
    return set(slice_for(facts, targets, names=options.results).cells)


def _drawn(about: CellFacts, code: CellCode, own: frozenset[str]) -> set[str]:
    """The generators that the cell draws from as they are, by calls that do."""
    states = {each.removeprefix(_STATE) for each in about.resources_read - about.resources_changed}
    return states & _SEEDS.keys() if _first_draw(code, own) is not None else set()


def _first_draw(code: CellCode, own: frozenset[str]) -> ast.stmt | None:
    """The first statement that draws, by itself or by a function of the notebook; a look (`df.sample(3)`) goes."""
    for statement in code.tree.body:
        if isinstance(statement, _DEFINES) or (isinstance(statement, ast.Expr) and _is_look(statement.value)):
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Call):
                is_own = isinstance(node.func, ast.Name) and node.func.id in own
                if is_own or (_DRAWS.search(ast.unparse(node.func)) and not _is_seeded(node)):
                    return statement
    return None


_DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


def _is_look(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "sample"


def _is_seeded(node: ast.Call) -> bool:
    return any(one.arg in {"random_state", "seed"} for one in node.keywords)


def _seeding(cell: Cell, code: CellCode, library: str, own: frozenset[str]) -> Mend:
    line, seed = _SEEDS[library]
    first = _first_draw(code, own)
    row = code.leading_comments(first) if first is not None else 1
    told = seed.format(_SEED)
    return Mend(f"seed of {library}", told, UNSEEDED, (Rewrite(cell.id, Span(row, 0, row, 0), f"{line}\n{told}\n"),))


def _own(about: CellFacts, code: CellCode) -> Iterator[Mend]:
    for node in ast.walk(code.tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=name) as func, args=[], keywords=[]) if name in _GENERATORS:
                span, inner = code.span(node), code.span(func)
                behind = Span(inner.end_line, inner.end_column, span.end_line, span.end_column)
                yield Mend(
                    f"seed of {name}",
                    f"{name}({_SEED})",
                    UNSEEDED,
                    (Rewrite(about.cell_id, behind, f"({_SEED})"),),
                )


def _estimators(about: CellFacts, code: CellCode, imported: Collection[str]) -> Iterator[Mend]:
    """Estimators of Spark that start at random, by what was imported from its libraries of them."""
    is_set = any(isinstance(node, ast.Attribute) and node.attr == "setSeed" for node in ast.walk(code.tree))
    for node in ast.walk(code.tree):
        if not isinstance(node, ast.Call) or any(one.arg in {"seed", None} for one in node.keywords):
            continue
        called = ast.unparse(node.func)
        name = called.rpartition(".")[2] if _ESTIMATORS.fullmatch(called.rpartition(".")[2]) else called
        is_one = _ESTIMATORS.fullmatch(name) or _TRAINERS.fullmatch(called)
        if is_one and called.partition(".")[0] in imported and not is_set:
            span, inner = code.span(node), code.span(node.func)
            given = [*node.args, *(one.value for one in node.keywords)]
            last = max((code.span(one) for one in given), key=lambda one: (one.end_line, one.end_column), default=None)
            at = Span(inner.end_line, inner.end_column, span.end_line, span.end_column)
            text = f"(seed={_SEED})"
            if last is not None:
                at, text = Span(last.end_line, last.end_column, last.end_line, last.end_column), f", seed={_SEED}"
            yield Mend(
                f"seed of {name.partition('.')[0]}",
                f"seed={_SEED}",
                UNSEEDED,
                (Rewrite(about.cell_id, at, text),),
            )
