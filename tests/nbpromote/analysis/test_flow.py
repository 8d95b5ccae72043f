"""The running order, hidden state, and slices."""
# ruff: noqa: E501 - a row is a line

import io
from contextlib import redirect_stdout

import pytest
from notebook_making import notebook_of

from nbpromote.analysis import analyse
from nbpromote.analysis.facts import OrderKind
from nbpromote.analysis.slices import slice_for


def test_document_order_stands_when_it_runs() -> None:
    facts = analyse(notebook_of("a = 1", "b = a", "a = b", counts=[3, 1, 2]))
    assert (facts.flow.order, facts.flow.order_kind) == (("c1", "c2", "c3"), OrderKind.DOCUMENT)


def test_execution_counts_tell_the_order_when_the_document_does_not_run() -> None:
    facts = analyse(notebook_of("print(b)", "a = 1", "b = a", counts=[3, 1, 2]))
    assert (facts.flow.order, facts.flow.order_kind) == (("c2", "c3", "c1"), OrderKind.EXECUTION)
    assert facts.flow.hidden == ()
    assert [(state.cell_id, state.name, state.kind) for state in facts.flow.hidden_in_document] == [
        ("c1", "b", "later")
    ]


def test_without_counts_cells_move_as_little_as_possible() -> None:
    facts = analyse(notebook_of("import os", "print(rate)", "x = 1", "rate = 2", "y = x"))
    assert (facts.flow.order, facts.flow.order_kind) == (("c1", "c4", "c2", "c3", "c5"), OrderKind.FLOW)


def test_a_cell_that_only_looks_moves_no_other() -> None:
    facts = analyse(notebook_of("len(rows)", "rows = [1]", "rows.append(2)", "print(sum(rows))", counts=[9, 1, 3, 2]))
    assert (facts.flow.order, facts.flow.order_kind) == (("c1", "c2", "c3", "c4"), OrderKind.DOCUMENT)


def test_what_no_cell_binds_is_gone_and_what_was_deleted_is_deleted() -> None:
    facts = analyse(notebook_of("print(ghost)", "a = 1", "del a", "print(a)"))
    assert [(state.cell_id, state.name, state.kind) for state in facts.flow.hidden] == [
        ("c1", "ghost", "gone"),
        ("c4", "a", "deleted"),
    ]


def test_a_star_import_may_bind_anything() -> None:
    facts = analyse(notebook_of("from pylab import *", "plot(x)"))
    assert facts.flow.hidden == ()
    assert ("c1", "c2") in {(edge.source, edge.target) for edge in facts.flow.edges}


def test_what_the_platform_gives_is_not_hidden() -> None:
    assert analyse(notebook_of("spark.table('t').show()", "display(dbutils)")).flow.hidden == ()


def test_each_cell_of_a_slice_says_why_it_is_in() -> None:
    facts = analyse(notebook_of("a = []", "b = 1", "a.append(1)", "print(a)"))
    found = slice_for(facts, ["c4"])
    assert found.cells == ("c1", "c3", "c4")
    assert found.reasons["c3"] == "changes a, which cell 4 uses"


# the cells, the name wanted, the cells that it needs
SLICES = [
    (["a = [1]", "b = a", "b.append(2)", "c = 5", "a.append(3)"], "b", "1 2 3 5"),
    (["a = 1", "a = 2", "b = a"], "b", "2 3"),
    (["xs = [3, 1]", "ys = sorted(xs)", "xs.sort()", "z = ys[0]"], "z", "1 2 4"),
    (["k = 2", "f = lambda v: v + k", "a = f(1)", "k = 5", "b = f(1)"], "b", "2 4 5"),
    (["def count():\n    n = 0\n    def up():\n        nonlocal n\n        n += 1\n        return n\n    return up",
      "c = count()", "c()", "z = 1", "v = c()"], "v", "1 2 3 5"),
    (["total = 0\ndef f(x):\n    global total\n    total += x", "f(1)", "f(2)", "y = total"], "y", "1 2 3 4"),
    (["class A:\n    def __init__(self): self.x = []\n    def add(self, v): self.x.append(v)", "a = A()", "b = [a]", "b[0].add(1)",
      "n = len(a.x)"], "n", "1 2 3 4 5"),
    (["it = iter([1, 2, 3])", "next(it)", "print(1)", "v = next(it)"], "v", "1 2 4"),
    (["import random\nrandom.seed(1)", "a = random.random()", "b = random.random()"], "b", "1 2 3"),
    (["open('x.txt', 'w').write('1')", "open('x.txt', 'a').write('2')", "open('y.txt', 'w').write('3')", "t = open('x.txt').read()"],
     "t", "1 2 4"),
    (["from collections import defaultdict\nd = defaultdict(list)", "d[1].append(2)", "len(d)", "d[3]", "n = len(d)"], "n", "1 2 4 5"),
    (["hits = []\ndef log(f):\n    def w(*a):\n        hits.append(1)\n        return f(*a)\n    return w", "@log\ndef g(x): return x",
      "g(1)", "n = len(hits)"], "n", "1 2 3 4"),
    (["x = 0\nif x == 0:\n    y = []", "for i in range(3):\n    y.append(i)", "z = sum(y)"], "z", "1 2 3"),
    (["data = {}", "def load(n): data[n] = n * 2", "load(1)", "load(2)", "s = sum(data.values())"], "s", "1 2 3 4 5"),
    (["a = [[1], [2]]", "import copy\nb = copy.deepcopy(a)", "b[0].append(5)", "n = len(a[0])"], "n", "1 4"),
    (["x = 1", "try:\n    x = int('a')\nexcept ValueError:\n    pass", "y = x"], "y", "1 2 3"),
    (["import os\nos.environ['NB_TEST'] = '1'", "v = os.environ['NB_TEST']"], "v", "1 2"),
    (["import numpy as np\na = np.arange(5)", "v = a[1:3]", "w = a.copy()", "w[:] = 9", "v[:] = 0", "s = int(a.sum())"], "s", "1 2 5 6"),
    (["import pandas as pd\ndf = pd.DataFrame({'x': [1, 2]})", "df.head()", "s = df.x", "df['z'] = df.x * 2",
      "df.drop(columns='x', inplace=True)", "t = list(df.columns)"], "t", "1 4 5 6"),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "name", "needed"), SLICES)
def test_a_slice_computes_what_the_whole_notebook_computes_and_holds_no_more(
    cells: list[str], name: str, needed: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = slice_for(analyse(notebook_of(*cells)), [], names=[name]).cells
    assert [cell_id.removeprefix("c") for cell_id in found] == needed.split()
    monkeypatch.chdir(str(tmp_path))
    whole = run(cells)[name]
    for leftover in ("x.txt", "y.txt"):
        (__import__("pathlib").Path(str(tmp_path)) / leftover).unlink(missing_ok=True)
    assert repr(run([cells[int(cell_id[1:]) - 1] for cell_id in found])[name]) == repr(whole)


def run(cells: list[str]) -> dict[str, object]:
    space: dict[str, object] = {"__name__": "__main__"}
    with redirect_stdout(io.StringIO()):
        for cell in cells:
            exec(compile(cell, "cell", "exec"), space)
    return space


@pytest.mark.parametrize(
    ("cells", "name", "needed"),
    [
        # Each generator has its own state, and before it is seeded nothing can be had again.
        (["import random, numpy as np", "np.random.seed(1)", "random.seed(2)", "np.random.rand()", "x = random.random()"], "x", "1 3 5"),
        (["import numpy as np", "a = np.random.rand(3)", "np.random.seed(1)\nb = np.random.rand(3)"], "b", "1 3"),
        (["import numpy as np", "np.random.seed(1)", "a = np.random.rand(3)", "b = np.random.rand(3)"], "b", "1 2 3 4"),
        (["import numpy as np", "np.random.seed(1)", "np.random.rand()", "np.random.seed(2)\nb = np.random.rand(3)"], "b", "1 4"),
        # A write to a place that is not known leaves the others as they are.
        (["p = names()", "open(p[0], 'w').write('1')", "open(p[1], 'w').write('2')", "t = open('a.txt').read()"],
         "t", "1 2 3 4"),
        (["p = names()", "open(p[0], 'w').write('1')", "x = open(p[1], 'w').write('2')"], "x", "1 3"),
        # What may have bound the name anew is needed, too.
        (["x = 1", "from os.path import *", "y = x"], "y", "1 2 3"),
        (["from os.path import *", "x = 1", "y = x"], "y", "2 3"),
    ],
)  # fmt: skip
def test_what_a_cell_takes_from_outside_names_is_followed(cells: list[str], name: str, needed: str) -> None:
    found = slice_for(analyse(notebook_of(*cells)), [], names=[name]).cells
    assert [cell_id.removeprefix("c") for cell_id in found] == needed.split()


@pytest.mark.parametrize(
    ("made", "used"),
    [
        ("spark.udf.register('f', len)", "r = spark.sql('SELECT f(id) FROM range(3)')"),
        ("sqlContext.registerFunction('f', len)", "r = sqlContext.sql('SELECT f(id) FROM range(3)')"),
        ("import shutil\nshutil.unpack_archive('a.zip')", "r = open('in/a.txt').read()"),
        (
            "import sympy\nsympy.init_printing()",
            "from sympy import Symbol\nx = Symbol('x')\nx",
        ),
        (
            "import matplotlib.pyplot as plt\nplt.rc('axes', labelsize=14)",
            "from sympy.plotting import plot\nplot(1)",
        ),
        ("import os\nos.environ['PYTHONHASHSEED'] = '0'", "from pyspark import SparkContext\nsc = SparkContext()"),
        ("import os\nos.chdir('in')", "import pandas as pd\ndf = pd.read_csv('a.csv')"),
        ("sc.stop()", "from pyspark import SparkContext\nsc = SparkContext()"),
        ("spark.stop()", "from pyspark.sql import SparkSession as S\nspark = S.builder.getOrCreate()"),
        (
            "import zipfile\nwith zipfile.ZipFile('a.zip') as z:\n    z.extractall()",
            "import os\nr = list(os.walk('in'))",
        ),
    ],
)
def test_what_a_cell_gives_by_the_session_or_the_disk_is_needed(made: str, used: str) -> None:
    facts = analyse(notebook_of(made, "x = 1", used))
    assert set(slice_for(facts, ["c3"]).cells) == {"c1", "c3"}


@pytest.mark.parametrize(
    "code", ["%timeit x = 5", "%%timeit\nx = 5\ny = x", "%%timeit x = 5\ny = x", "%timeit -n 1 x = 5\nw = 2"]
)
def test_what_is_timed_binds_nothing(code: str) -> None:
    facts = analyse(notebook_of("x = 1", code, "print(x)"))
    assert [(edge.source, edge.target) for edge in facts.flow.edges] == [("c1", "c3")]


def test_what_pip_installs_is_no_hidden_effect() -> None:
    facts = analyse(notebook_of("!pip install 'pandas>2'", "!{sys.executable} -m pip install foo", "%store x"))
    assert [(cell.opaque, cell.pip_requirements, cell.binds_unknown) for cell in facts.cells] == [
        ((), ("pandas>2",), False),
        ((), ("foo",), False),
        (("%store x",), (), False),
    ]


@pytest.mark.parametrize(
    ("shell", "kept"), [("head -3 in/a.csv\nwc -l in/a.csv", False), ("sort in/b.csv > in/a.csv", True)]
)
def test_shell_commands_that_only_look_are_not_needed(shell: str, kept: bool) -> None:
    facts = analyse(notebook_of(f"%%bash\n# a comment\n{shell}", "import pandas as pd\ndf = pd.read_csv('in/a.csv')"))
    assert ("c1" in slice_for(facts, ["c2"]).cells) is kept
