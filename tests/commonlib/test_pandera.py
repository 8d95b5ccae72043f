"""Rules go to pandera and come back. Without pandera, which nothing here needs, these tests are skipped."""

import datetime
from decimal import Decimal

import pandas as pd
import pytest

from commonlib import validation
from commonlib.validation import pandera_schemas

RULES = validation.rules_of(
    [
        {"key": ["id"]},
        {"unique": ["shop", "n"]},
        {"pattern": {"column": "id", "matches": "[0-9]{3}"}},
        {"range": {"column": "amount", "min": 0.5}},
        {"range": {"column": "day", "min": datetime.date(1997, 1, 1), "max": datetime.date(1998, 6, 30)}},
        {"choices": {"column": "shop", "values": ["web", "café"]}},
        {"type": {"column": "id", "is": "string"}},
        {"type": {"column": "amount", "is": "decimal(10,2)"}},
    ]
)
DAY, HALF = datetime.date(1997, 9, 30), Decimal("0.50")
GOOD = {
    "id": ["001", "002", "003"],
    "shop": ["web", "café", None],
    "n": [1, 1, 1],
    "amount": [HALF, HALF, None],
    "day": [DAY, None, DAY],
}
BAD = [
    {"id": ["001", "001", "003"]},
    {"id": ["001", None, "003"]},
    {"id": ["001", "0022", "003"]},
    {"id": ["001", "002\n", "003"]},
    {"amount": [HALF, Decimal("0.49"), None]},
    {"day": [DAY, datetime.date(1999, 1, 1), DAY]},
    {"shop": ["web", "Web", None]},
    {"shop": ["web", "web", None]},
]


def test_without_pandera_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pandera.pandas", None)
    with pytest.raises(pandera_schemas.MissingPandera, match="pip install pandera"):
        pandera_schemas.to_pandera(RULES)


def test_pandera_judges_as_the_rules_that_it_was_made_of():
    pandera = pytest.importorskip("pandera.pandas", reason="pandera is not installed")
    schema = pandera_schemas.to_pandera(RULES)
    for change in ({}, *BAD):
        frame = pd.DataFrame(GOOD | change)
        ours = validation.validate(frame.astype({"n": "int64"}), _without_types(RULES)).passed
        try:
            schema.validate(frame, lazy=True)
            theirs = True
        except pandera.errors.SchemaErrors:
            theirs = False
        assert ours == theirs == (not change), change


def _without_types(rules: validation.Rules) -> validation.Rules:
    """A frame of pandas says of its decimals only as many digits as they have."""
    return validation.Rules(tuple(rule for rule in rules.rules if rule.kind != "type"))


def test_rules_come_back_from_pandera_as_they_went():
    pytest.importorskip("pandera.pandas", reason="pandera is not installed")
    back = pandera_schemas.from_pandera(pandera_schemas.to_pandera(RULES))
    assert set(back.rules) == set(RULES.rules)


def test_what_the_other_has_no_word_for_is_refused_by_name_or_left_out_when_asked():
    pandera = pytest.importorskip("pandera.pandas", reason="pandera is not installed")
    rules = validation.rules_of([{"not_null": ["id"]}, {"volume": {"min": 1}}, {"drift": {"rows": "5%"}}])
    with pytest.raises(
        validation.BadRules, match="no word for: the number of rows is at least 1; the number of rows is"
    ):
        pandera_schemas.to_pandera(rules)
    assert list(pandera_schemas.to_pandera(rules, partial=True).columns) == ["id"]

    class Sales(pandera.DataFrameModel):
        id: str = pandera.Field(str_matches="^[a-z]+$", unique=True)
        n: int = pandera.Field(ge=1, gt=0, nullable=True)

    with pytest.raises(
        validation.BadRules, match="there is no rule for: the check greater_than of column 'n'; partial"
    ):
        pandera_schemas.from_pandera(Sales)
    names = [rule.name for rule in pandera_schemas.from_pandera(Sales, partial=True).rules]
    assert names == [
        "id is not null", "id is unique", "id is of type string", "id matches [a-z]+", "n is of type bigint",
        "n is at least 1",
    ]  # fmt: skip
