"""Many runs: what a sweep, a grid and a table say, and what need not run again."""

from collections.abc import Mapping

import pytest

from nbpromote.notebook import Cell, CellKind, Format, Notebook
from nbpromote.running.batch import Wanted, plan
from nbpromote.running.fitting import Unfit
from nbpromote.running.kinds import Kind, Type
from nbpromote.running.parameters import UnfitParameters, declared
from nbpromote.running.sweeps import expand

SOURCE = 'as_of: "date" = "1998-01-01"\nleast: float = 1.0\nname = "a"\nnames: "list[str]" = []\n'
NOTEBOOK = Notebook("n.py", Format.TEXT, "python", (Cell("p", 1, CellKind.CODE, SOURCE, tags=("parameters",)),))


@pytest.mark.parametrize(
    ("words", "kind", "values"),
    [
        ("1998-01-01..1998-03-01/month", Kind.DATE, ["1998-01-01", "1998-02-01", "1998-03-01"]),
        ("1998-01-31..1998-04-30/month", Kind.DATE, ["1998-01-31", "1998-02-28", "1998-03-31", "1998-04-30"]),
        ("1998-02-27..1998-03-01", Kind.DATE, ["1998-02-27", "1998-02-28", "1998-03-01"]),
        ("1998-01-01..1998-01-20/2 weeks", Kind.DATE, ["1998-01-01", "1998-01-15"]),
        ("1996-02-29..1998-12-31/year", Kind.DATE, ["1996-02-29", "1997-02-28", "1998-02-28"]),
        ("1998-01-01..1998-12-31/quarter", Kind.DATE, ["1998-01-01", "1998-04-01", "1998-07-01", "1998-10-01"]),
        ("1998-01-01T22:00..1998-01-02/hour", Kind.DATETIME, [f"1998-01-0{t}:00:00" for t in ("1T22", "1T23", "2T00")]),
        ("1..7/3", Kind.INT, [1, 4, 7]),
        ("-1..1", Kind.INT, [-1, 0, 1]),
        ("0..0.3/0.1", Kind.FLOAT, [0.0, 0.1, 0.2, 0.3]),
        ("1.00..1.10/0.05", Kind.DECIMAL, ["1.00", "1.05", "1.10"]),
        ('a, "b, c",d', Kind.STR, ["a", "b, c", "d"]),
        ("a..b", Kind.STR, ["a..b"]),
        ("[a, b];[c]", Kind.LIST, [["a", "b"], ["c"]]),
        ("true,no", Kind.BOOL, [True, False]),
    ],
)
def test_a_sweep_says_these_values(words: str, kind: Kind, values: list[object]) -> None:
    assert list(expand(words, Type(kind))) == values


@pytest.mark.parametrize(
    ("words", "kind", "said"),
    [
        ("1998-06-01..1998-01-01/month", Kind.DATE, "no step leads from"),
        ("1998-01-01..1998-06-01/fortnight", Kind.DATE, "write day, week, month, quarter or year"),
        ("1998-02-30..1998-06-01/month", Kind.DATE, "is not a date"),
        ("0..1", Kind.FLOAT, "needs a step"),
        ("1..9/0", Kind.INT, "no step leads from"),
        ("0..1/0.5", Kind.INT, "is not a whole number"),
        ("1..999999999", Kind.INT, "more than 100,000"),
        ("", Kind.STR, "has no values"),
    ],
)
def test_a_sweep_that_leads_nowhere_is_refused(words: str, kind: Kind, said: str) -> None:
    with pytest.raises(Unfit, match=said):
        expand(words, Type(kind))


def planned(**wanted: object) -> list[Mapping[str, object]]:
    return list(plan("n.py", declared(NOTEBOOK), Wanted(**wanted)))  # type: ignore[arg-type]


def test_a_grid_crosses_sweeps_and_rows_and_what_is_the_same_runs_once() -> None:
    rows = ({"name": "x", "least": ""}, {"name": "y", "least": "3"}, {"name": "x", "least": ""})
    found = planned(words=("names=[q]",), sweeps=("as_of=1998-01-01,1998-02-01",), rows=rows, is_text=True)
    assert found == [
        {"names": ["q"], "as_of": day, "name": name, **least}
        for name, least in (("x", {}), ("y", {"least": 3.0}))
        for day in ("1998-01-01", "1998-02-01")
    ]


def test_what_is_wrong_with_many_runs_is_said_together_before_any_begins() -> None:
    with pytest.raises(UnfitParameters) as caught:
        planned(words=("name=a",), sweeps=("asof=1998-01-01..1998-02-01", "least=x", "name=b,c", "names"))
    assert [problem.partition(";")[0] for problem in caught.value.problems] == [
        "parameter asof is unknown",
        "parameter least: 'x' is not a number such as 0.5",
        "parameter name is given twice",
        "--sweep names: a sweep is given as name=values",
    ]
    with pytest.raises(UnfitParameters, match=r"row 2: parameter least: 'one' is not a number"):
        planned(rows=({"least": "1"}, {"least": "one"}), is_text=True)
    with pytest.raises(UnfitParameters, match="10,000,000,000 runs; 100,000 at most"):
        planned(sweeps=("least=1..100000/1", "name=" + ",".join(map(str, range(100_000)))))
