"""A parameter is what Papermill injected, else what the job's widget holds, else its default."""

import types
from typing import Any

import pytest

from commonlib import parameters


class Widgets:
    """As `dbutils.widgets` of Databricks: all values are text, and a name that is not there raises."""

    def __init__(self, values: dict[str, str]) -> None:
        self.values = values

    def get(self, name: str) -> str:
        if name not in self.values:
            raise RuntimeError(f"InputWidgetNotDefined: {name}")
        return self.values[name]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The names of a notebook, as IPython has them."""
    import IPython

    found: dict[str, Any] = {}
    monkeypatch.setattr(IPython, "get_ipython", lambda: types.SimpleNamespace(user_ns=found))
    return found


def test_a_widget_wins_over_the_default_and_is_cast_to_the_declared_type(names: dict[str, Any]) -> None:
    given = {"n": "7", "refit": "YES", "share": "0.5", "day": "2024-03-01", "ids": "1,2", "some": "", "env": "prod"}
    names["dbutils"] = types.SimpleNamespace(widgets=Widgets(given))
    assert parameters.integer("n", 1) == 7
    assert parameters.boolean("refit", False) is True
    assert parameters.number("share", 1.0) == 0.5
    assert parameters.date_text("day", "2020-01-01") == "2024-03-01"
    assert parameters.listing("ids", [], of=parameters.integer) == [1, 2]
    assert parameters.optional(parameters.integer, "some", 3) is None
    assert parameters.text("env", "dev", choices=("dev", "prod")) == "prod"
    assert parameters.integer("other", 5) == 5
    given["n"] = "many"
    with pytest.raises(parameters.ParameterError, match="parameter n: 'many' is not a whole number"):
        parameters.integer("n", 1)


def test_what_papermill_injected_wins_over_a_widget(names: dict[str, Any]) -> None:
    names["dbutils"] = types.SimpleNamespace(widgets=Widgets({"n": "7"}))
    names["In"] = ["", "n = 1", "# Parameters\nn = 3\n"]
    assert parameters.integer("n", 3) == 3


def test_without_dbutils_the_default_holds(names: dict[str, Any]) -> None:
    assert parameters.integer("n", 1) == 1
