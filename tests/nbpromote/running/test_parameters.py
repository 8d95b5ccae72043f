"""Parameters: declared by the notebook, typed by the declaration, refused before a kernel starts."""

import datetime as dt
from collections.abc import Mapping
from textwrap import dedent

import pytest

from nbpromote.notebook import Cell, CellKind, Format, Notebook
from nbpromote.running.parameters import UnfitParameters, declared, defaults, fit, written


def notebook(source: str, *others: str) -> Notebook:
    cells = [Cell("p", 1, CellKind.CODE, dedent(source).strip(), tags=("parameters",))]
    cells += [Cell(f"c{number}", number, CellKind.CODE, other) for number, other in enumerate(others, 2)]
    return Notebook("notebooks/production/value.py", Format.TEXT, "python", tuple(cells))


VALUE = notebook(
    """
    from datetime import date  # what it needs
    cutoff: "date" = "1997-09-30"  # last day of calibration
    horizon: int = 39
    discount: float = 0.01  # a week
    currency: "Literal['USD', 'EUR']" = "USD"
    label = "all"
    fast = False
    limit: "int | None" = None
    price: "Decimal" = "12.50"
    seen: "datetime" = "1998-07-01T06:00:00"
    columns: "list[str]" = ["date", "spend"]
    source: "path" = "data/master.txt"
    client: str
    anything = None
    """,
    'parameters.text("label", label, choices=("all", "top"))',
)


def values(**given: object) -> Mapping[str, object]:
    return fit("n.py", declared(VALUE), values={"client": "acme", **given})


def typed(*words: str) -> Mapping[str, object]:
    return fit("n.py", declared(VALUE), words=["client=acme", *words])


def test_a_declaration_is_read_with_type_default_and_help() -> None:
    found = {one.name: one for one in declared(VALUE)}
    assert [(one.name, str(one.type), one.default, one.help) for one in found.values()] == [
        ("cutoff", "date", "'1997-09-30'", "last day of calibration"),
        ("horizon", "int", "39", ""),
        ("discount", "float", "0.01", "a week"),
        ("currency", "USD or EUR", "'USD'", ""),
        ("label", "all or top", "'all'", ""),
        ("fast", "bool", "False", ""),
        ("limit", "int or None", "None", ""),
        ("price", "decimal", "'12.50'", ""),
        ("seen", "datetime", "'1998-07-01T06:00:00'", ""),
        ("columns", "list of str", "['date', 'spend']", ""),
        ("source", "path", "'data/master.txt'", ""),
        ("client", "str", None, ""),
        ("anything", "any or None", "None", ""),
    ]
    assert defaults(found.values())["columns"] == ["date", "spend"]
    assert "client" not in defaults(found.values())


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("cutoff=1998-06-30", "1998-06-30"),
        ("horizon=52", 52),
        ("horizon=-1", -1),
        ("discount=1", 1.0),
        ("discount=1e-3", 0.001),
        ("currency=EUR", "EUR"),
        ("label=top", "top"),
        ("fast=yes", True),
        ("fast=0", False),
        ("limit=none", None),
        ("limit=7", 7),
        ("price=0.10", "0.10"),
        ("seen=1998-07-02 07:30", "1998-07-02T07:30:00"),
        ("columns=a,b", ["a", "b"]),
        ('columns=["1", "x, y"]', ["1", "x, y"]),
        ("columns=", []),
        ("client=a=b", "a=b"),
        ("client=None", "None"),
        ("client=00123", "00123"),
        ("anything=null", None),
        ("anything=3", 3),
    ],
)
def test_words_are_typed_by_the_declaration(word: str, value: object) -> None:
    name = word.partition("=")[0]
    given = fit("n.py", declared(VALUE), words=[word], values={"client": "acme"})
    assert given[name] == value
    assert type(given[name]) is type(value)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("cutof=1998-06-30", "parameter cutof is unknown; did you mean cutoff?"),
        ("cutoff=30.06.1998", "'30.06.1998' is not a date such as 1998-07-01"),
        ("cutoff=1998-02-30", "'1998-02-30' is not a date"),
        ("horizon=3.5", "'3.5' is not a whole number"),
        ("horizon=", "'' is not a whole number"),
        ("horizon=1_000", "is not a whole number"),
        ("discount=nan", "'nan' is not a number"),
        ("currency=EURO", "'EURO' is not one of USD, EUR; did you mean EUR?"),
        ("label=some", "'some' is not one of all, top"),
        ("fast=perhaps", "is not true or false"),
        ("price=cheap", "is not a decimal number"),
        ("horizon", "-p horizon: a parameter is given as name=value"),
    ],
)
def test_words_that_do_not_fit_are_refused_with_what_would(word: str, message: str) -> None:
    with pytest.raises(UnfitParameters) as refused:
        typed(word)
    assert message in str(refused.value)
    assert refused.value.exit_code == 2


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(UnfitParameters) as refused:
        fit("n.py", declared(VALUE), words=["horizon=x", "colour=red", "cutoff=now"])
    assert len(refused.value.problems) == 4  # client is missing


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"horizon": "52"}, "write it without quotes"),
        ({"horizon": True}, "True is not a whole number"),
        ({"horizon": 1.0}, "1.0 is not a whole number"),
        ({"client": 123}, "write it in quotes"),
        ({"cutoff": 19980630}, "is not a date"),
        ({"horizon": None}, "None is not a whole number"),
        ({"columns": "date"}, "is not a list"),
        ({"columns": [1]}, "write it in quotes"),
    ],
)
def test_values_of_a_file_are_not_bent_to_fit(given: Mapping[str, object], message: str) -> None:
    with pytest.raises(UnfitParameters, match=message):
        values(**given)


def test_typed_words_win_over_the_file() -> None:
    given = fit("n.py", declared(VALUE), words=["horizon=1"], values={"client": "x", "horizon": 2, "discount": 1})
    assert given == {"client": "x", "horizon": 1, "discount": 1.0}


def test_a_notebook_without_parameters_takes_none() -> None:
    plain = Notebook("n.ipynb", Format.IPYNB, "python", ())
    assert declared(plain) == ()
    with pytest.raises(UnfitParameters, match="no cell tagged 'parameters'"):
        fit("n.ipynb", (), words=["x=1"])


MADE = notebook(
    """
    import datetime as dt
    from decimal import Decimal
    day = dt.date(1998, 6, 30)
    since: dt.date = dt.date.today() - dt.timedelta(days=1)
    at = dt.datetime(1998, 6, 30, 12)
    amount: Decimal = Decimal("10.50")
    rates = (Decimal("0.1"), Decimal("0.2"))
    codes = {1, 2}
    until: dt.date | None = None
    text: "date" = "1998-06-30"
    first: "date | None" = None
    """
)


def test_a_value_is_of_the_class_that_its_default_is_made_by() -> None:
    assert [str(one.type) for one in declared(MADE)] == [
        *("date", "date", "datetime", "decimal", "list of decimal", "list of int"),
        *("date or None", "date", "date or None"),
    ]
    words = "day=1999-01-31 since=1999-01-31 at=1999-01-31T05:00 amount=0.10 rates=1.50 codes=7,8 until=1999-02-28"
    given = fit("n.py", declared(MADE), words=[*words.split(), "text=1999-01-31", "first=1999-01-31"])
    assert given["amount"] == "0.10", "the record keeps plain values"
    assert {name: str(value) for name, value in written(MADE, given).items()} == {
        "day": 'dt.date.fromisoformat("1999-01-31")',
        "since": 'dt.date.fromisoformat("1999-01-31")',
        "at": 'dt.datetime.fromisoformat("1999-01-31T05:00:00")',
        "amount": 'Decimal("0.10")',
        "rates": '(Decimal("1.50"),)',
        "codes": "{7, 8}",
        "until": 'dt.date.fromisoformat("1999-02-28")',
        "text": "1999-01-31",
        "first": "1999-01-31",
    }


def test_a_default_that_is_made_by_a_call_is_kept_as_its_value() -> None:
    kept = defaults(declared(MADE))
    assert (kept["day"], kept["at"], kept["amount"]) == ("1998-06-30", "1998-06-30T12:00:00", "10.50")
    assert (kept["rates"], kept["since"]) == (["0.1", "0.2"], "dt.date.today() - dt.timedelta(days=1)")


def test_a_date_may_come_as_a_time_at_midnight_as_pandas_keeps_it() -> None:
    kept = {"text": dt.datetime(1998, 6, 30), "day": dt.datetime(1998, 6, 30)}
    assert fit("n.py", declared(MADE), values=kept) == {"text": "1998-06-30", "day": "1998-06-30"}
    with pytest.raises(UnfitParameters, match=r"parameter day: '1998-06-30T12:00:00' is not a date"):
        fit("n.py", declared(MADE), values={"day": dt.datetime(1998, 6, 30, 12)})
