"""Parameters as Papermill, the widgets of a job, and people give them."""

import datetime as dt
import doctest
import json
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonlib import parameters
from commonlib.parameters import ParameterError, lists

NOON = dt.datetime(1997, 9, 30, 12, tzinfo=dt.UTC)
DAY = dt.date(1997, 9, 30)
CHECKS: tuple[Callable[[str, object], object], ...] = (
    parameters.integer,
    parameters.number,
    parameters.decimal,
    parameters.text,
    parameters.boolean,
    parameters.date,
    parameters.date_text,
    parameters.timestamp,
    parameters.listing,
    parameters.input_path,
    parameters.dataset,
    partial(parameters.listing, of=parameters.integer),
    partial(parameters.optional, parameters.integer),
)


@pytest.mark.parametrize(
    ("check", "given_value", "value"),
    [
        (parameters.integer, 7, 7),
        (parameters.integer, " -7 ", -7),
        (parameters.integer, "+007", 7),
        (parameters.integer, np.int64(7), 7),
        (parameters.integer, np.array(7), 7),
        (parameters.number, 7, 7.0),
        (parameters.number, "1e-6", 1e-6),
        (parameters.number, ".5", 0.5),
        (parameters.number, np.float32(0.5), 0.5),
        (parameters.number, Decimal("0.95"), 0.95),
        (parameters.decimal, "0.10", Decimal("0.10")),
        (parameters.decimal, 0.1, Decimal("0.1")),
        (parameters.decimal, 3, Decimal(3)),
        (partial(parameters.decimal, places=2), "1.2300", Decimal("1.2300")),
        (partial(parameters.decimal, places=2), "1" * 30 + ".5", Decimal("1" * 30 + ".5")),
        (partial(parameters.decimal, places=2), "100", Decimal(100)),
        (parameters.text, "", ""),
        (parameters.text, np.str_("a"), "a"),
        (parameters.boolean, "TRUE", True),
        (parameters.boolean, "no", False),
        (parameters.boolean, np.bool_(False), False),
        (parameters.date, "1997-09-30", DAY),
        (parameters.date, DAY, DAY),
        (parameters.date, np.datetime64("1997-09-30"), DAY),
        (parameters.date_text, DAY, "1997-09-30"),
        (parameters.timestamp, "1997-09-30 12:00", NOON),
        (parameters.timestamp, "1997-09-30T14:00:00+02:00", NOON),
        (parameters.timestamp, "1997-09-30T12:00:00Z", NOON),
        (parameters.timestamp, pd.Timestamp("1997-09-30T12:00"), NOON),
        (parameters.timestamp, np.datetime64("1997-09-30T12:00", "ns"), NOON),
        (parameters.listing, ["a"], ["a"]),
        (parameters.listing, "a, b", ["a", "b"]),
        (parameters.listing, '["a", "b, c"]', ["a", "b, c"]),
        (parameters.listing, "", []),
        (partial(parameters.listing, of=parameters.integer), "1,2", [1, 2]),
        (partial(parameters.listing, of=parameters.integer), np.array([1, 2]), [1, 2]),
        (partial(parameters.listing, of=parameters.date), ("1997-09-30",), [DAY]),
        (partial(parameters.optional, parameters.integer), "", None),
        (partial(parameters.optional, parameters.integer), pd.NA, None),
        (partial(parameters.optional, parameters.integer), "3", 3),
        (parameters.input_path, "s3a://bucket/key", "s3a://bucket/key"),
        (parameters.input_path, "dbfs:/data", "dbfs:/data"),
        (parameters.dataset, "raw/purchases", "raw/purchases"),
    ],
)
def test_what_fits_becomes_its_type(check: Callable[[str, object], object], given_value: object, value: object) -> None:
    found = check("p", given_value)
    assert found == value
    assert type(found) is type(value), "a subclass, or a NumPy scalar, would behave otherwise later"


@pytest.mark.parametrize(
    ("check", "given_value", "message"),
    [
        (parameters.integer, True, "True is true or false, not a whole number"),
        (parameters.integer, 3.0, "3.0 is of type float, not a whole number; give a whole number, here 3"),
        (parameters.integer, "3.0", "'3.0' is not a whole number"),
        (parameters.integer, "1_000", "is not a whole number"),
        (parameters.integer, "٣", "is not a whole number"),
        (parameters.integer, "9" * 5000, "has too many digits"),
        (parameters.integer, None, "None is not set, and a whole number is needed"),
        (partial(parameters.integer, minimum=1, maximum=9), "10", "is more than 9; give a number from 1 to 9"),
        (partial(parameters.integer, choices=[26, 52]), 27, "27 is not one of the choices; give one of 26, 52"),
        (parameters.number, "nan", "'nan' is not a number"),
        (parameters.number, np.float64("nan"), "is not a finite number"),
        (parameters.number, "1e999", "is not a finite number"),
        (parameters.number, 10**400, "is not a finite number"),
        (parameters.number, "0,5", "is not a number"),
        (parameters.number, True, "is true or false"),
        (partial(parameters.number, minimum=0), -0.1, "is less than 0; give a number not less than 0"),
        (parameters.decimal, 0.1 + 0.2, "is a float of more than 15 digits, so not exact; give it as text"),
        (partial(parameters.decimal, places=2), "1.234", "has more than 2 decimal places"),
        (partial(parameters.decimal, places=2), "1" * 30 + ".123", "has more than 2 decimal places"),
        (parameters.decimal, "NaN", "is not a decimal number"),
        (parameters.text, 123, '123 is of type int, not text; give text; quote it: "123"'),
        (partial(parameters.text, choices=["weekly", "daily"]), "Weekley", "did you mean weekly? The choices are"),
        (partial(parameters.text, choices=["weekly", "daily"]), "x", "give one of weekly, daily"),
        (partial(parameters.text, pattern="[a-z]+"), "abc1", "does not match; give text that matches [a-z]+"),
        (parameters.boolean, 1, "1 is of type int, not true or false"),
        (parameters.boolean, "ture", "is neither true nor false; did you mean true?"),
        (parameters.boolean, "", "is neither true nor false"),
        (parameters.date, dt.datetime(1997, 9, 30), "is a date with a time of day; give the date alone, 1997-09-30"),
        (parameters.date, "1997-09-30T00:00", "is a date with a time of day; give the date alone, 1997-09-30"),
        (parameters.date, pd.Timestamp("1997-09-30"), "is a date with a time of day"),
        (parameters.date, pd.NaT, "NaT is not set"),
        (parameters.date, "1997-02-29", "is no day of the calendar (day is out of range for month)"),
        (parameters.date, "30.09.1997", "'30.09.1997' is not a date; give a date as year-month-day"),
        (parameters.date, 19970930, "is not a date"),
        (parameters.date, "", "is empty"),
        (partial(parameters.date_text, earliest="1997-10-01"), "1997-09-30", "is before 1997-10-01; give a date not"),
        (partial(parameters.date_text, latest=DAY), "1997-10-01", "is after 1997-09-30"),
        (parameters.timestamp, "1997-09-30", "is a date without a time of day"),
        (parameters.timestamp, DAY, "is a date without a time of day"),
        (parameters.timestamp, "1997-09-30T25:00", "does not exist (hour must be in 0..23)"),
        (parameters.listing, None, "is not set; give a list"),
        (parameters.listing, 5, "is not a list"),
        (parameters.listing, "(1, 2)", "is text of a tuple or set"),
        (parameters.listing, '["a"', "is not a JSON list"),
        (partial(parameters.listing, of=parameters.integer), [1, "x"], "parameter p[1]: 'x' is not a whole number"),
        (partial(parameters.listing, choices=["a", "b"]), "a, c", "parameter p[1]: 'c' is not one of the choices"),
        (partial(parameters.listing, not_empty=True), [], "is empty; give at least one value"),
        (parameters.dataset, "purchases", "is not the name of a dataset; give zone/name"),
        (parameters.dataset, "validate/purchases", "did you mean validated?"),
        (parameters.dataset, "raw/../x", "is not the name of a dataset"),
        (parameters.dataset, None, "is not set"),
        (parameters.input_path, None, "is not set"),
        (parameters.input_path, 5, "is not a path"),
    ],
)
def test_what_does_not_fit_is_told_with_the_remedy(
    check: Callable[[str, object], object], given_value: object, message: str
) -> None:
    with pytest.raises(ParameterError) as refused:
        check("p", given_value)
    assert message in str(refused.value)
    assert str(refused.value).startswith("parameter p")
    assert "; " in str(refused.value), "no remedy is told"


anything: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.dates()
    | st.datetimes()
    | st.decimals()
    | st.binary()
    | st.complex_numbers()
    | st.from_regex(r"[-+]?[0-9]{1,4}[-./:eE,_ T][0-9]{1,3}[-.:Z ]?[0-9]{0,9}", fullmatch=True)
    | st.sampled_from([np.float64("inf"), np.datetime64("NaT"), pd.NA, pd.NaT, np.array([]), pd.Timedelta(1), {1}, ()]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=5,
)


@given(anything)
def test_whatever_is_given_is_a_value_or_a_parameter_error(value: object) -> None:
    for check in CHECKS:
        try:
            found = check("p", value)
        except ParameterError:
            continue
        assert check("p", found) == found, "checked twice is checked once"


@given(st.integers())
def test_an_integer_comes_back_from_its_text(value: int) -> None:
    assert parameters.integer("p", str(value)) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_comes_back_from_its_text(value: float) -> None:
    assert parameters.number("p", repr(value)) == value


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_comes_back_from_its_text(value: Decimal) -> None:
    assert parameters.decimal("p", str(value)) == value


@given(st.dates())
def test_a_date_comes_back_from_its_text(value: dt.date) -> None:
    assert parameters.date("p", parameters.date_text("p", value.isoformat())) == value


@given(st.datetimes(timezones=st.just(dt.UTC)))
def test_a_moment_comes_back_from_its_text(value: dt.datetime) -> None:
    assert parameters.timestamp("p", value.isoformat()) == value


@given(st.lists(st.text()))
def test_a_list_comes_back_from_its_json(value: list[str]) -> None:
    assert parameters.listing("p", json.dumps(value)) == value


def test_a_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(ParameterError) as refused:
        parameters.integer("p", "x" * 10_000)
    assert len(str(refused.value)) < 200


def test_an_input_path_exists_and_holds_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "purchases.csv").write_text("a\n")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    for fits in ("purchases.csv", "*.csv", str(tmp_path), (tmp_path / "purchases.csv").as_uri()):
        assert parameters.input_path("p", fits) == fits
    assert parameters.input_path("p", Path("purchases.csv")) == "purchases.csv"
    for given_value, message in (
        ("purchase.csv", f"does not exist in {tmp_path}, but purchases.csv does"),
        ("data/old/purchases.csv", f"there is no folder {tmp_path / 'data'}"),
        ("purchases.csv/part", f"because {tmp_path / 'purchases.csv'} is a file"),
        ("empty.csv", "is an empty file"),
        ("folder", "is a folder without files"),
        ("*.parquet", "matches no file with data"),
        ("empty*", "matches no file with data"),
        ("a\0b", "does not exist"),
        ("x" * 5000, "cannot be looked up"),
        ((tmp_path / "gone").as_uri(), "does not exist"),
    ):
        with pytest.raises(ParameterError) as refused:
            parameters.input_path("p", given_value)
        assert message in str(refused.value)


def test_the_examples_in_the_documentation_are_right() -> None:
    for module in (parameters, lists):
        result = doctest.testmod(module)
        assert result.attempted
        assert not result.failed
