"""What a cell changes in place: through methods, items, attributes, functions, closures and aliases."""

from pathlib import Path

import pytest
from notebook_making import notebook_of

from nbpromote.analysis import analyse

FRAME = "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})"

# the cells before, the cell, what it changes
CHANGES = [
    (["a = [1]"], "a.append(2)", "a"),
    (["a = [1]"], "a.sort()", "a"),
    (["a = {}"], "a['k'] = 1", "a"),
    (["a = [1]"], "a += [2]", "a"),
    (["a = [1]", "b = a"], "b.append(2)", "a b"),
    (["a = [1]", "b = [a]"], "a.append(2)", "a b"),
    (["a = [1]", "b = [a]"], "b[0].append(2)", "a b"),
    (["a = [1]", "b = [a]"], "for each in b: each.append(2)", "a b"),
    (["a = [1]"], "for n in range(3):\n    a.append(n)", "a"),
    (["a = [1]", "push = a.append"], "push(2)", "a push"),
    (["a = [[1]]", "b = a[:]"], "b[0].append(2)", "a b"),
    (["groups = {}"], "groups.setdefault(1, []).append(2)", "groups"),
    ([FRAME], "df['b'] = 1", "df"),
    ([FRAME], "df.loc[0, 'a'] = 1", "df"),
    ([FRAME], "df.columns = ['z']", "df"),
    ([FRAME], "df.drop(columns='a', inplace=True)", "df"),
    ([FRAME], "del df['a']", "df"),
    ([FRAME], "df['a'].fillna(0, inplace=True)", "df"),
    ([FRAME], "df.insert(0, 'c', 1)", "df"),
    ([FRAME], "unknown(df)", "df"),
    ([FRAME], "df.frobnicate_in_place()", ""),  # pandas' methods change nothing unless its specification says so
    (["import numpy as np\na = np.zeros(3)", "b = a[1:]"], "b[0] = 1", "a b"),
    (["import numpy as np\na = np.zeros(3)"], "np.random.shuffle(a)", "a"),
    (["import numpy as np\nrng = np.random.default_rng(1)"], "rng.normal()", "rng"),
    (["it = iter([1, 2])"], "next(it)", "it"),
    (["it = map(str, [1])"], "list(it)", "it"),
    (["def f(x): x.append(1)", "a = []"], "f(a)", "a"),
    (["def f(x): g(x)\ndef g(x): x.append(1)", "a = []"], "f(a)", "a"),
    (["def f(x):\n    x['n'] = 1\n    return x", "a = {}", "b = f(a)"], "b['m'] = 2", "a b"),
    (["a = []", "def f(): a.append(1)"], "f()", "a"),
    (["a = []\ndef f(g): g(3)"], "f(a.append)", "a"),
    (["a = []", "def push(x): a.append(x)\ndef f(g): g(3)"], "f(push)", "a"),
    (
        ["def make():\n    n = 0\n    def up():\n        nonlocal n\n        n += 1\n    return up", "up = make()"],
        "up()",
        "up",
    ),
    (["class A:\n    def __init__(self): self.x = []\n    def add(self): self.x.append(1)", "a = A()"], "a.add()", "a"),
    (["class A:\n    n = 0\n    def __init__(self): A.n += 1"], "A()", "A"),
    (["class A: pass\nclass B(A):\n    def set(self): self.v = 1", "b = B()", "c = [b]"], "b.set()", "b c"),
    (["from sklearn.svm import SVC\nm = SVC()"], "m.fit(X, y)", "m"),
    (["import matplotlib.pyplot as plt\nfig, ax = plt.subplots()"], "ax.plot([1])", "ax fig"),
    (["x = thing()"], "x.do()", "x"),
    (["def f(x, seen=[]): seen.append(x)"], "f(1)", "f"),
    (["def f(t):\n    t.seen = 1\n    for c in t.children: f(c)", "t = tree()"], "f(t)", "t"),
]

# the cells before, the cell, none of which it changes
LOOKS = [
    (["a = [1]"], "b = a + [2]"),
    (["a = [1]"], "sorted(a); len(a); max(a); print(a); a.count(1); str(a)"),
    (["a = [1]", "b = list(a)"], "b = sorted(b)"),
    (["s = 'x'"], "s.upper(); s.frobnicate(); f(s)"),
    ([FRAME], "df.head(); df.describe(); df.groupby('a').sum(); df.drop(columns='a')"),
    ([FRAME], "df.plot(); df.hist(); df.a.nunique(); df['a'].value_counts().head()"),
    ([FRAME], "b = df.copy()\nb['c'] = 1"),
    ([FRAME], "b = df[df.a > 1]\nb = b.assign(c=1)"),
    ([FRAME], "df.to_csv('x.csv')"),
    ([FRAME], "df = df.dropna()"),
    (["import numpy as np\na = np.zeros(3)"], "np.mean(a); a.sum(); np.sort(a)"),
    (["from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\nd = spark.table('t')"],
     "d.filter('a > 1').count(); unknown(d); d.write.parquet('x')"),
    (["class A:\n    def __init__(self): self.x = []\n    def size(self): return len(self.x)", "a = A()"], "a.size()"),
    (["def f(x): return x.shape", FRAME], "f(df)"),
    (["def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)", "n = 5"], "fib(n)"),
    (["def depth(t): return 1 + max(depth(c) for c in t.children)", "t = tree()"], "depth(t)"),
    (["a = []"], "a = []\na.append(1)"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "cell", "changed"), CHANGES)
def test_a_change_in_place_is_found(before: list[str], cell: str, changed: str) -> None:
    facts = analyse(notebook_of(*before, cell)).cells[-1]
    assert facts.mutates >= set(changed.split()), facts.mutation_reasons
    assert facts.mutates - set(changed.split()) <= {"X", "y"}, facts.mutation_reasons


@pytest.mark.parametrize(("before", "cell"), LOOKS)
def test_looking_is_no_change(before: list[str], cell: str) -> None:
    facts = analyse(notebook_of(*before, cell)).cells[-1]
    assert not facts.mutates, facts.mutation_reasons


def test_an_unknown_call_is_taken_to_change_what_it_gets() -> None:
    facts = analyse(notebook_of("from mystery import stir\na, b = pot(), 3", "stir(a, b)"))
    assert facts.cells[-1].mutates == {"a"}
    assert "stir" in dict(facts.cells[-1].mutation_reasons or {})["a"]


def test_a_global_that_a_function_rebinds_is_bound_by_the_caller() -> None:
    facts = analyse(notebook_of("total = 0\ndef add(n):\n    global total\n    total += n", "add(2)", "print(total)"))
    assert "total" in facts.of("c2").binds
    assert ("c2", "c3") in {(edge.source, edge.target) for edge in facts.flow.edges}


def test_a_user_adds_a_specification(tmp_path: Path) -> None:
    (tmp_path / "mystery.toml").write_text(
        'module = "mystery"\npure = ["mystery"]\n[functions]\nchanges.stir = [0]\n[functions.reads]\n'
        'pour = { file = [0, "path"], format = "soup" }\n'
    )
    notebook = notebook_of(
        "import mystery\na, b = [1], [2]", "mystery.look(a)", "mystery.stir(a, b)", "mystery.pour('x.soup')"
    )
    facts = analyse(notebook, specifications=[tmp_path])
    assert [sorted(cell.mutates) for cell in facts.cells] == [[], [], ["a"], []]
    assert [(access.target, access.format) for access in facts.cells[-1].accesses] == [("x.soup", "soup")]
