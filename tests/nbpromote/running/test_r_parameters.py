"""Parameters of notebooks in R, as their cell declares them and as they are written into it."""

import pytest

from nbpromote.notebook import Notebook, parse
from nbpromote.running.parameters import UnfitParameters, declared, defaults, fit, written

HEADER = """\
# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .r, format_name: percent}
#   kernelspec: {display_name: R, language: R, name: ir}
# ---

# %% tags=["parameters"]
"""
CELL = """\
library(arrow)
as_of <- as.Date("1998-07-01")  # the last day
count <- 3L
rate = -0.5; name <- 'it"s'
regions <- c("n", "s")
big <- list(1,
  2.5)
when <- as.POSIXct("1998-07-01 06:00:00", tz = "UTC")
mode <- "fast"
lazy <- Sys.Date()
nothing <- NULL

# %%
stopifnot(mode %in% c("fast", "slow"))
"""


def notebook(cell: str = CELL) -> Notebook:
    return parse((HEADER + cell).encode(), "a.r")


def test_the_cell_says_types_defaults_choices_and_help() -> None:
    found = {one.name: one for one in declared(notebook())}
    types = {name: str(one.type) for name, one in found.items()}
    assert types == {
        "as_of": "Date", "count": "integer", "rate": "numeric", "name": "character", "regions": "list of character",
        "big": "list of numeric", "when": "POSIXct", "mode": "fast or slow", "lazy": "any", "nothing": "any or None",
    }  # fmt: skip
    assert found["as_of"].help == "the last day"
    whole = defaults(found.values())
    assert (whole["name"], whole["rate"], whole["regions"], whole["lazy"]) == ('it"s', -0.5, ["n", "s"], "Sys.Date()")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("as_of=1999-01-01", 'as.Date("1999-01-01")'),
        ("when=1999-01-01T01:02:03", 'as.POSIXct("1999-01-01 01:02:03", tz = "UTC")'),
        ("count=7", "7L"),
        ("rate=2", "2.0"),
        ("regions=a,b", 'c("a", "b")'),
        ("big=[1,2]", "list(1.0, 2.0)"),
        ('name=a\\b"c', '"a\\\\b\\"c"'),
        ("mode=slow", '"slow"'),
        ("nothing=none", "NULL"),
    ],
)
def test_a_value_is_written_as_the_class_of_its_default(words: str, code: str) -> None:
    one = notebook()
    (made,) = written(one, fit("a.r", declared(one), words=[words])).values()
    assert made == code


def test_what_does_not_fit_is_refused_all_at_once() -> None:
    with pytest.raises(UnfitParameters) as caught:
        fit("a.r", declared(notebook()), words=["as_of=1999-13-01", "coutn=1", "count=1.5", "mode=slwo"])
    said = str(caught.value)
    assert [word in said for word in ("not a date", "did you mean count", "not a whole number", "fast, slow")] == [
        True
    ] * 4
