"""Literals that want to be parameters: kind, confidence, comment, name, where else they occur."""

from dataclasses import replace

import pytest
from notebook_making import notebook_of

from nbpromote.analysis import analyse
from nbpromote.analysis.facts import Literal, LiteralKind


def literals(*cells: str) -> list[Literal]:
    return list(analyse(notebook_of(*cells)).literals)


# a constant that a later cell uses, its kind, whether it should become a parameter
NAMED = [
    ("CUTOFF = '1997-09-30'", LiteralKind.DATE, True),
    ("cutoff = '1997-09-30'", LiteralKind.DATE, True),
    ("day = '19970930'", LiteralKind.DATE, True),
    ("import datetime as dt\nend = dt.date(1998, 6, 30)", LiteralKind.DATE, True),
    ("PATH = 'data/sales.csv'", LiteralKind.PATH, True),
    ("base = '/mnt/lake/raw'", LiteralKind.PATH, True),
    ("out = 's3://bucket/results/'", LiteralKind.PATH, True),
    ("SOURCE = 'https://x.org/a.json'", LiteralKind.URL, True),
    ("TABLE = 'sales.orders'", LiteralKind.TABLE, True),
    ("HORIZON_WEEKS = 52", LiteralKind.NUMBER, True),
    ("min_amount = 10.5", LiteralKind.THRESHOLD, True),
    ("SEED = 42", LiteralKind.SEED, True),
    ("COUNTRY = 'UK'", LiteralKind.TEXT, True),
    ("x = 5", LiteralKind.NUMBER, False),
    ("learning_rate = 0.01", LiteralKind.MODEL_CONSTANT, False),
    ("GRAY = '#646369'", LiteralKind.COLOUR, False),
    ("cmap = 'viridis'", LiteralKind.COLOUR, False),
    ("COLOR = 'E'", LiteralKind.TEXT, True),
    ("N_ESTIMATORS = 100", LiteralKind.MODEL_CONSTANT, False),
    ("FEATURES = ['age', 'income']", LiteralKind.COLUMNS, False),
    ("target = 'churned'", LiteralKind.COLUMNS, False),
    ("FORMAT = '%Y-%m-%d'", LiteralKind.DATE_FORMAT, False),
    ("API_KEY = 'a8f5f167f44f4964e6c998dee827110c'", LiteralKind.CREDENTIAL, False),
    ("message = 'all done, thank you'", LiteralKind.TEXT, False),
    ("size = '1m'  # how much: 100k, 1m or 10m", LiteralKind.TEXT, True),
    ("movies_schema = 'id INT, title STRING'", LiteralKind.COLUMNS, False),
    ("feats = 93", LiteralKind.NUMBER, False),
]


@pytest.mark.parametrize(("code", "kind", "wanted"), NAMED)
def test_a_named_constant_is_told_by_name_and_value(code: str, kind: LiteralKind, wanted: bool) -> None:
    name = code.rpartition("\n")[2].partition(" =")[0]
    found = next(each for each in literals(code, f"use({name})") if each.name == name)
    assert found.kind is kind
    assert (found.confidence >= 0.6) is wanted, (found.confidence, found.reason)


def test_what_is_bound_again_or_never_used_is_no_parameter() -> None:
    found = {
        each.name: each
        for each in literals("best_days = 3\nunused_days = 4", "best_days = max(best_days, 5)", "print(best_days)")
    }
    assert found["best_days"].confidence < 0.5
    assert found["unused_days"].confidence < 0.5


def test_whatever_papermill_takes_for_a_parameter_is_one() -> None:
    cells = "x = 1\ncolumns = ['a']\nsince = None\nn_estimators = 9\npassword = 'hunter22'", "print(x)"
    notebook = notebook_of(*cells)
    tagged = replace(notebook.cells[0], tags=("parameters",))
    found = analyse(replace(notebook, cells=(tagged, *notebook.cells[1:]))).literals
    assert {one.name: (one.value, one.confidence) for one in found} == {
        "x": (1, 1.0),
        "columns": (["a"], 1.0),
        "since": (None, 1.0),
        "n_estimators": (9, 1.0),
        "password": ("hunter22", 0.0),
    }


def test_the_comment_beside_or_above_is_its_help() -> None:
    found = literals("A_DAYS = 1  # how far back\n# how far ahead\nB_DAYS = 2", "print(A_DAYS, B_DAYS)")
    assert [each.comment for each in found if each.name] == ["how far back", "how far ahead"]


def test_inline_literals_say_what_a_person_would_call_them() -> None:
    found = literals(
        "import pandas as pd\ndf = pd.read_csv('data/sales-2020.csv')",
        "df = df[df['date'] < '1998-01-01']",
        "df = df[df['date'] >= '1997-01-01']",
        "train = df.sample(frac=0.5, random_state=7)",
    )
    assert [(each.kind, each.suggested_name) for each in found if each.confidence >= 0.4] == [
        (LiteralKind.PATH, "sales_2020_path"),
        (LiteralKind.DATE, "end_date"),
        (LiteralKind.DATE, "start_date"),
        (LiteralKind.SEED, "seed"),
    ]


def test_a_long_name_of_a_file_gives_as_many_words_as_a_line_has_room_for() -> None:
    (found,) = literals("import pandas as pd\npd.read_excel('LinearRegression_Excel_Dataset_of_2020(HW).xlsx')")
    assert found.suggested_name == "linear_regression_excel_dataset_path"


def test_the_same_path_or_date_is_one_literal_with_occurrences() -> None:
    found = literals(
        "import pandas as pd\nCUTOFF = '1998-01-01'",
        "a = pd.read_csv('x/a.csv')\na = a[a.d < '1998-01-01']",
        "b = pd.read_csv('x/a.csv')\nprint(CUTOFF)",
    )
    assert [(each.value, [place[0] for place in each.occurrences]) for each in found] == [
        ("1998-01-01", ["c2"]),
        ("x/a.csv", ["c3"]),
    ]


def test_the_spans_hold_the_text() -> None:
    cell = "é = 1; CUTOFF = '1998-01-01'  # the end"
    (found,) = [each for each in literals(cell, "print(CUTOFF)") if each.name == "CUTOFF"]
    assert cell[found.span.column : found.span.end_column] == found.source == "'1998-01-01'"
    assert found.statement_span is not None
    assert cell[found.statement_span.column : found.statement_span.end_column] == "CUTOFF = '1998-01-01'"
