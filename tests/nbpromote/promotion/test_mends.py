"""What keeps a notebook from running, and has one safe mend, is mended; what could mean two things is left."""
# ruff: noqa: E501 - a row is a line

import json

import pytest

from nbpromote.analysis import analyse
from nbpromote.notebook import parse
from nbpromote.notebook.model import Notebook
from nbpromote.promotion.draft import Options, UnfitAnswer
from nbpromote.promotion.mends import mended
from nbpromote.promotion.mends.seeds import drawing_functions
from nbpromote.promotion.passes.magics import as_proven
from nbpromote.promotion.plan import Answer, Topic

PD = "import pandas as pd\n"


def notebook_of(*sources: str) -> Notebook:
    cells = [
        {"cell_type": "code", "source": one, "metadata": {}, "outputs": [], "execution_count": None} for one in sources
    ]
    content = {
        "cells": cells,
        "metadata": {"kernelspec": {"name": "python3", "language": "python", "display_name": "P"}},
    }
    return parse(json.dumps({**content, "nbformat": 4, "nbformat_minor": 4}).encode(), "notebooks/adhoc/x.ipynb")


def mended_of(*sources: str, answers: tuple[Answer, ...] = ()) -> list[str]:
    facts, _ = mended(analyse(notebook_of(*sources)), Options("notebooks/adhoc/x.ipynb", "x", "x", answers=answers))
    return [cell.source for cell in facts.notebook.cells]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = np.zeros(3)", "import numpy as np\nx = np.zeros(3)"),
        ("%%time\nx = np.zeros(3)", "%%time\nimport numpy as np\nx = np.zeros(3)"),
        ("t = datetime.now()", "from datetime import datetime\nt = datetime.now()"),
        ("t = datetime.date(2020, 1, 1)", "import datetime\nt = datetime.date(2020, 1, 1)"),
        ("d = spark.range(3).select(F.col('id'))", "from pyspark.sql import functions as F\nd = spark.range(3).select(F.col('id'))"),
        ("spark = SparkSession.builder.getOrCreate()", "from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()"),
        ("for i in xrange(3): pass", "for i in range(3): pass"),
        ("import numpy as np\nx = np.array([1]).astype(np.int)", "import numpy as np\nx = np.array([1]).astype(int)"),
        ("import numpy as np\nx = [np.NaN, np.product([1, 2])]", "import numpy as np\nx = [np.nan, np.prod([1, 2])]"),
        (f"{PD}r = pd.rolling_mean(pd.rolling_mean(s, 3), 5)", f"{PD}r = s.rolling(3).mean().rolling(5).mean()"),
        (f"{PD}r = pd.rolling_mean(s, 3)", f"{PD}r = s.rolling(3).mean()"),
        (f"{PD}t = pd.datetime.now()", f"from datetime import datetime\n{PD}t = datetime.now()"),
        (f"{PD}df = pd.DataFrame()\nfor k, v in df.iteritems(): pass", f"{PD}df = pd.DataFrame()\nfor k, v in df.items(): pass"),
        ("x = df.sum(level=0)", "x = df.groupby(level=0).sum()"),
        ("x = df.ix[df.a > 3, ['b']]", "x = df.loc[df.a > 3, ['b']]"),
        ("from sklearn.externals import joblib", "import joblib"),
        ("from sklearn.grid_search import GridSearchCV as G", "from sklearn.model_selection import GridSearchCV as G"),
        ("from IPython.core.display import display, HTML", "from IPython.display import display, HTML"),
        ("from collections import Mapping", "from collections.abc import Mapping"),
        ("import findspark\nfindspark.init()\nfindspark.find()\nx = 1", "x = 1"),
        ("ax.hist(x, normed=True, bins=3)", "ax.hist(x, density=True, bins=3)"),
        ("ax = fig.gca(projection='3d')", "ax = fig.add_subplot(projection='3d')"),
        ("plt.style.use('seaborn')", "import matplotlib.pyplot as plt\nplt.style.use(\"seaborn-v0_8\")"),
        (f"{PD}d = pd.read_csv('a.csv', error_bad_lines=False)", f"{PD}d = pd.read_csv('a.csv', on_bad_lines=\"skip\")"),
        (f"{PD}a = pd.read_csv('a')\nb = pd.read_csv('b')\nc = a.append(b)", f"{PD}a = pd.read_csv('a')\nb = pd.read_csv('b')\nc = pd.concat([a, b])"),
        ("import matplotlib.pyplot as plt\nc = plt.cm.get_cmap('viridis', 8)", "import matplotlib.pyplot as plt\nc = plt.get_cmap('viridis', 8)"),
        ("x = df.drop(['a', 'b'], 1).dropna(0)", "x = df.drop(['a', 'b'], axis=1).dropna(axis=0)"),
        (f"{PD}x = pd.concat([a, b], 1)", f"{PD}x = pd.concat([a, b], axis=1)"),
        ("x = df.a.str.split(' ', 1)", "x = df.a.str.split(' ', n=1)"),
        ("x = df.pivot('a', 'b', 'c')", "x = df.pivot(index='a', columns='b', values='c')"),
        ("x = df.describe(include='all', datetime_is_numeric=True)", "x = df.describe(include='all')"),
        ("x = df.a.between(1, 2, inclusive=False)", 'x = df.a.between(1, 2, inclusive="neither")'),
        ("import seaborn as sns\nsns.regplot('a', y, data=df)", "import seaborn as sns\nsns.regplot(x='a', y=y, data=df)"),
        ("import seaborn as sns\nsns.countplot('a', data=df)", "import seaborn as sns\nsns.countplot(x='a', data=df)"),
        ("import seaborn as sns\nsns.factorplot('a', 'b', data=df, size=4)", "import seaborn as sns\nsns.catplot(x='a', y='b', data=df, height=4, kind=\"point\")"),
        ("e = OneHotEncoder(sparse=False, drop='first')", "e = OneHotEncoder(sparse_output=False, drop='first')"),
        ("k = KMeans(n_jobs=2)", "k = KMeans()"),
        ("k = KMeans(n_jobs=2, n_clusters=3)", "k = KMeans(n_clusters=3)"),
        ("m = DecisionTreeRegressor(criterion='mse')", 'm = DecisionTreeRegressor(criterion="squared_error")'),
        ("m = LogisticRegression(C=1, penalty='none')", "m = LogisticRegression(C=1, penalty=None)"),
    ],
)  # fmt: skip
def test_what_has_one_safe_mend_is_mended(source: str, expected: str) -> None:
    assert mended_of(source) == [expected]


@pytest.mark.parametrize(
    "source",
    [
        "x = df.ix[3]",  # by label, or by place?
        "x = df.ix[rows, 'a']",
        "x = np + 1",  # not the module
        "t = datetime",
        "x = df.groupby('a').mean()",
        "xs = []\nxs.append(ys)",
        f"{PD}a = pd.read_csv('a')\nb = a.append({{'x': 1}}, ignore_index=True)",  # a row
        f"{PD}a = pd.read_csv('a')\nfor b in frames:\n    a = a.append(b)",
        "from sklearn.cross_validation import KFold",  # takes other arguments by now
        "import numpy as np\nint = max\nx = np.int(3)",
        "np = load()\nx = np.float",
        "from IPython.core.display import HTML",
        "col = 3\nx = col + 1",
        "x = sdf.drop('a', 'b')",  # Spark's
        "x = sdf.groupBy('a').pivot('b', ['c', 'd']).sum()",
        "x = 'a b'.split(' ', 1)",
        "x = array.any(1)",
        "import seaborn as sns\nsns.countplot(df)",
        "m = LinearRegression(normalize=True)",  # fits something else by now
        "m = LogisticRegression(multi_class='ovr')",
        "x = json + np_",
    ],
)
def test_what_could_mean_two_things_is_left(source: str) -> None:
    assert mended_of(source) == [source]


NP = "import numpy as np\n"
ML = "from pyspark.ml.clustering import "
SPLIT = "from sklearn.model_selection import train_test_split\n"


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ((f"{NP}x = np.random.rand(3)\nprint(x)",), (f"{NP}{NP}np.random.seed(0)\nx = np.random.rand(3)\nprint(x)",)),
        ((f"{SPLIT}a, b = train_test_split(range(9))", "print(a)"), (f"{SPLIT}{NP}np.random.seed(0)\na, b = train_test_split(range(9))", "print(a)")),
        (("import random\n# throw\nx = random.random()\nprint(x)",), ("import random\nimport random\nrandom.seed(0)\n# throw\nx = random.random()\nprint(x)",)),
        (("a, b = spark.range(9).randomSplit([0.7, 0.3])\na.show()",), ("a, b = spark.range(9).repartition(1).randomSplit([0.7, 0.3], seed=0)\na.show()",)),
        (("d = spark.range(9)\nd.sample(withReplacement=False, fraction=0.1).show()",), ("d = spark.range(9)\nd.coalesce(1).sample(withReplacement=False, fraction=0.1, seed=0).show()",)),
        (("d = spark.range(9)\nd.sample(0.1).show()",), ("d = spark.range(9)\nd.coalesce(1).sample(fraction=0.1, seed=0).show()",)),
        (("d = spark.range(9)\nd.sample(0.1, seed=4).show()",), ("d = spark.range(9)\nd.coalesce(1).sample(fraction=0.1, seed=4).show()",)),  # Spark heeds no seed by name behind a fraction by place
        (("d = spark.range(9)\nd.sample(0.1, 4).show()",), ("d = spark.range(9)\nd.coalesce(1).sample(0.1, 4).show()",)),
        (("d = spark.range(9)\nd.sample(False, 0.1).show()",), ("d = spark.range(9)\nd.coalesce(1).sample(False, 0.1, seed=0).show()",)),
        (("d = spark.range(9)\nd.stat.sampleBy('id', {1: 0.5}).show()",), ("d = spark.range(9)\nd.coalesce(1).stat.sampleBy('id', {1: 0.5}, seed=0).show()",)),
        (("a, b, d = 0.5, 4, spark.range(9)\nd.sample(a, b).show()",), ("a, b, d = 0.5, 4, spark.range(9)\nd.coalesce(1).sample(a, b).show()",)),
        (("a, b = sc.parallelize([1]).randomSplit([0.7, 0.3])\nprint(a.count())",), ("a, b = sc.parallelize([1]).randomSplit([0.7, 0.3], seed=0)\nprint(a.count())",)),
        ((f"{NP}r = np.random.default_rng()\nprint(r.normal())",), (f"{NP}r = np.random.default_rng(0)\nprint(r.normal())",)),
        (("import seaborn as sns\ndf = counts = {}\nsns.barplot(x='a', y='b', data=df)",), ("import seaborn as sns\ndf = counts = {}\nsns.barplot(x='a', y='b', data=df, seed=0)",)),
        (("import seaborn as sns\ndf = counts = {}\nsns.barplot(x='a', y='b', data=df, errorbar=None)",), ("import seaborn as sns\ndf = counts = {}\nsns.barplot(x='a', y='b', data=df, errorbar=None)",)),
        (("import seaborn as sns\ndf = counts = {}\nsns.barplot(x=counts.index, y=counts)",), ("import seaborn as sns\ndf = counts = {}\nsns.barplot(x=counts.index, y=counts)",)),
        (("import seaborn as sns\ndf = {}\nsns.catplot(x='a', data=df, kind='count')",), ("import seaborn as sns\ndf = {}\nsns.catplot(x='a', data=df, kind='count')",)),
        ((f"{ML}KMeans\nm = KMeans(k=2,\n)\nprint(m)",), (f"{ML}KMeans\nm = KMeans(k=2, seed=0,\n)\nprint(m)",)),
        ((f"{ML}KMeans as K, LDA\nm = LDA()\nprint(m)",), (f"{ML}KMeans as K, LDA\nm = LDA(seed=0)\nprint(m)",)),
        (("from pyspark.mllib.clustering import KMeans\nm = KMeans.train([], 2)\nprint(m)",), ("from pyspark.mllib.clustering import KMeans\nm = KMeans.train([], 2, seed=0)\nprint(m)",)),
        ((f"{NP}def draw():\n    return np.random.rand(2)", "print(draw().sum())"), (f"{NP}def draw():\n    return np.random.rand(2)", f"{NP}np.random.seed(0)\nprint(draw().sum())")),
    ],
)  # fmt: skip
def test_random_numbers_that_a_result_needs_get_a_seed(sources: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert tuple(mended_of(*sources)) == expected


@pytest.mark.parametrize(
    "sources",
    [
        (f"{NP}np.random.seed(4)\nx = np.random.rand(3)\nprint(x)",),
        (f"{SPLIT}a, b = train_test_split(range(9), random_state=1)", "print(a)"),
        (f"{ML}KMeans\nm = KMeans(k=2, seed=4)\nprint(m)",),
        (f"{ML}KMeans\nm = KMeans().setK(2).setSeed(4)\nprint(m)",),
        (f"{NP}x = np.random.rand(3)", "y = 3 * 4\nprint(y)"),  # no result needs it
        ("from sklearn.linear_model import LinearRegression\nm = LinearRegression().fit([[1], [2]], [1, 2])\nprint(m.coef_)",),
    ],
)  # fmt: skip
def test_what_is_seeded_or_not_needed_or_does_not_draw_is_left(sources: tuple[str, ...]) -> None:
    assert tuple(mended_of(*sources)) == sources


def test_each_cell_gets_the_import_that_it_misses() -> None:
    assert mended_of("a = np.ones(2)", "b = 1", "c = np.zeros(2)") == [
        "import numpy as np\na = np.ones(2)", "b = 1", "import numpy as np\nc = np.zeros(2)",
    ]  # fmt: skip


def test_a_person_can_leave_it() -> None:
    leave = Answer(Topic.MEND, "np.float", "leave")
    source = "import numpy as np\nx = [np.float(1), np.NaN]"
    assert mended_of(source, answers=(leave,)) == ["import numpy as np\nx = [np.float(1), np.nan]"]
    with pytest.raises(UnfitAnswer):
        mended_of(source, answers=(Answer(Topic.MEND, "np.float", "perhaps"),))


def test_mending_what_is_mended_changes_nothing() -> None:
    once = mended_of("x = np.float(pd.rolling_sum(s, 2)[0])", "ax.hist(y, normed=1)")
    assert mended_of(*once) == once


def test_functions_that_draw_are_known_through_each_other() -> None:
    source = "import numpy as np\ndef a(n): return np.random.rand(n)\ndef b(n): return a(n) * 2\ndef c(n): return n + 1"
    assert drawing_functions(analyse(notebook_of(source))) == {"a", "b"}


def test_what_the_proof_runs_installs_nothing_times_nothing_and_draws_at_the_usual_size() -> None:
    source = "%pip install x\n%matplotlib notebook\n%config InlineBackend.figure_format = 'retina'\n%time y = 1\n%timeit f(y)\nplot(y)"
    assert as_proven(source) == "y = 1\n%timeit -q f(y)\nplot(y)"
