"""Which cells conclude the work, and what is only a peek."""

import pytest
from notebook_making import notebook_of

from nbpromote.analysis import analyse
from nbpromote.analysis.results import find_results
from nbpromote.notebook import parse
from nbpromote.notebook.model import Output

FRAME = "import pandas as pd\ndf = pd.read_csv('a.csv')"


def test_writes_are_results_and_reading_back_is_none() -> None:
    facts = analyse(notebook_of(FRAME, "df.head()", "df.to_csv('o.csv')", "pd.read_csv('o.csv').tail()"))
    assert [(result.cell_id, result.kind, result.name) for result in find_results(facts)] == [("c3", "write", "df")]


def test_a_table_or_plot_after_the_last_write_is_a_result_too() -> None:
    facts = analyse(notebook_of(FRAME, "df.plot()", "df.to_csv('o.csv')", "df.groupby('a').sum()", "df.plot()"))
    assert [(result.cell_id, result.kind) for result in find_results(facts)] == [
        ("c3", "write"),
        ("c4", "table"),
        ("c5", "plot"),
    ]


def test_without_a_write_the_last_things_shown_are_the_results() -> None:
    facts = analyse(notebook_of(FRAME, "df.head()", "t = df.groupby('a').sum()", "t", "df.info()"))
    assert [(result.cell_id, result.kind, result.name) for result in find_results(facts)] == [("c4", "table", "t")]


def test_work_that_ends_with_a_look_at_it_concludes_only_when_nothing_better_does() -> None:
    work = "df['x'] = df.a * 2\nprint(len(df))\ndf.head()"
    for cells, expected in (
        ((FRAME, "df.to_csv('o.csv')", work), ["c2"]),
        ((FRAME, "df.groupby('a').sum()", work), ["c2"]),
        ((FRAME, "df", "df.describe()", *[f"v{each} = df.a * {each}" for each in range(9)], work), ["c13"]),
        ((FRAME, work), ["c2"]),
        ((FRAME, "df.groupby('a').sum()", f"df.plot()\n{work}"), ["c2", "c3"]),
    ):
        assert [result.cell_id for result in find_results(analyse(notebook_of(*cells)))] == expected


@pytest.mark.parametrize(
    "last",
    [
        "df.groupby('a').size()",
        "print(df.groupby('a').size())",
        "df.groupby('a').size().sort_values().head(3)",
        "df.withColumn('b', df.a + 1).show()",
        "from pyspark.sql.functions import lit\ndf.select('a', lit(1).alias('b')).show(10)",
        "print(df.groupby('a').size())\nprint('-' * 80)\nprint('done')",
    ],
)
def test_a_table_that_is_computed_to_be_shown_concludes_the_work(last: str) -> None:
    for cells in ((FRAME, "df.to_csv('o.csv')", last), (FRAME, "x = df.head()", last)):
        assert find_results(analyse(notebook_of(*cells)))[-1].cell_id == "c3"


SECTIONS = """\
# %%
import pandas as pd
df = pd.read_csv('a.csv')
df.plot()

# %% [markdown]
# # Ages

# %%
df.age.plot()

# %%
df.age.hist(bins=20)

# %%
df.age.mean()

# %% [markdown]
# # Fares

# %%
df.fare.plot()
df.head()

# %% [markdown]
# # Both

# %%
a = df.age + df.fare

# %%
b = a * 2

# %%
c = b.groupby(a).sum()
c
"""


def test_the_plot_that_concludes_a_section_is_a_result_unless_something_is_written() -> None:
    cells = parse(SECTIONS.encode(), "work.py")
    found = [
        (result.kind, cells.cell(result.cell_id).source.splitlines()[0]) for result in find_results(analyse(cells))
    ]
    assert found == [("plot", "df.age.hist(bins=20)"), ("plot", "df.fare.plot()"), ("table", "c = b.groupby(a).sum()")]
    written = parse(f"{SECTIONS}c.to_csv('o.csv')\n".encode(), "work.py")
    assert [result.kind for result in find_results(analyse(written))] == ["write"]


def test_a_cell_that_failed_shows_no_result() -> None:
    failed = {3: (Output("error", error="KeyError", text="KeyError: 'b'"),)}
    facts = analyse(notebook_of(FRAME, "df.groupby('a').sum()", "df['b'].plot()", outputs=failed))
    assert [result.cell_id for result in find_results(facts)] == ["c2"]


@pytest.mark.parametrize(
    "look",
    ["df.select('a', df.b.alias('c')).show()", "df.filter(df.a > 3).show()", "print('done')", "type(df.select('a'))"],
)
def test_a_look_at_rows_or_printed_words_conclude_nothing(look: str) -> None:
    facts = analyse(notebook_of(FRAME, "df.groupby('a').size()", look))
    assert [result.cell_id for result in find_results(facts)] == ["c2"]


def test_what_kind_of_frame_it_is_concludes_nothing() -> None:
    shown = {3: (Output("execute_result", data={"text/plain": "DataFrame[a: string, b: bigint]"}),)}
    facts = analyse(notebook_of(FRAME, "df.groupby('a').size()", "df.select('a', 'b')", outputs=shown))
    assert [result.cell_id for result in find_results(facts)] == ["c2"]


def test_a_notebook_that_only_defines_has_none() -> None:
    assert find_results(analyse(notebook_of("import os", "def f(): pass"))) == ()


@pytest.mark.parametrize(
    ("code", "peeks"),
    [
        ("df.head()", True),
        ("df.shape", True),
        ("len(df), df.columns", True),
        ("df['a'].value_counts().head(10)", True),
        ("print(df.shape)", True),
        ("df.isnull().sum()", True),
        ("df", False),
        ("df.plot()", False),
        ("df.groupby('a').agg('sum')", False),
        ("n = len(df)", False),
        ("df.to_csv('o.csv')", False),
        ("df.drop(columns='a', inplace=True)", False),
    ],
)
def test_a_peek_only_looks(code: str, peeks: bool) -> None:
    assert analyse(notebook_of(FRAME, code)).cells[-1].is_peek is peeks


def test_a_plot_that_a_function_of_the_notebook_makes_is_a_result() -> None:
    draw = "def bars(s, title):\n    ax = s.plot(kind='bar')\n    return ax\n\ndef both(s):\n    bars(s, 'a')"
    facts = analyse(notebook_of(FRAME, draw, "ax = bars(df.a, 'A')\npass", "both(df.a)\nx = 1"))
    assert [(result.cell_id, result.kind) for result in find_results(facts)] == [("c3", "plot"), ("c4", "plot")]


def test_a_picture_that_was_shown_is_a_result_however_it_was_made() -> None:
    shown = {3: (Output("display_data", data={"image/png": "iVBO"}),)}
    facts = analyse(notebook_of(FRAME, "df.groupby('a').sum()", "import lib\nmade = lib.draw(df)", outputs=shown))
    assert [result.cell_id for result in find_results(facts)] == ["c2", "c3"]


def test_a_cell_that_styles_the_page_is_no_result() -> None:
    style = "from IPython.display import HTML\ndef css():\n    return HTML(open('styles/custom.css').read())\ncss()"
    facts = analyse(notebook_of(FRAME, "df.groupby('a').sum()", style))
    assert [result.cell_id for result in find_results(facts)] == ["c2"]
