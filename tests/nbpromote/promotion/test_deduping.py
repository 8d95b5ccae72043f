"""A production notebook without its copies: commonlib's functions are imported, and all else stays byte for byte."""

from nbpromote.promotion.deduping import without_copies
from nbpromote.promotion.library import Known, known_in

CASH = b'''\
import numpy as np


def factor(days, *, RATE):
    """Today's worth of one unit of money."""
    return (1 + RATE) ** (-days / 365)


def present_value(amounts, days, *, RATE):
    return float(np.sum(amounts * factor(days, RATE=RATE)))
'''
BEFORE = """\
# ---
# jupyter: {}
# ---

# %% [markdown]
# # Worth

# %%
import numpy as np
import pandas as pd

from commonlib import parameters
from commonlib.old import (
    factor as worth,
)

# %% tags=["parameters"]
rate: float = 0.1

# %%
rate = parameters.number("rate", rate)

# %%
# per day
def discount(d):
    return (1 + rate) ** (-d / 365)


# all of it
def total(xs, d):
    return float(np.sum(xs * discount(d)))


def own(x):
    return x


# %%
frame = pd.read_csv("x.csv")
value = total(
    frame["é"],
    d=frame["days"],  # from today
)


# %%
worth(3, RATE=rate), own(value)
"""
AFTER = """\
# ---
# jupyter: {}
# ---

# %% [markdown]
# # Worth

# %%
import pandas as pd

from commonlib import parameters
from commonlib.cash import factor as worth, present_value as total

# %% tags=["parameters"]
rate: float = 0.1

# %%
rate = parameters.number("rate", rate)

# %%
def own(x):
    return x

# %%
frame = pd.read_csv("x.csv")
value = total(
    frame["é"],
    days=frame["days"], RATE=rate  # from today
)

# %%
worth(3, RATE=rate), own(value)
"""


def library(**modules: bytes) -> tuple[Known, ...]:
    return known_in(tuple((f"commonlib/{name}.py", text) for name, text in modules.items()))


def test_copies_go_calls_follow_and_twins_become_one() -> None:
    made = without_copies(BEFORE, library(cash=CASH, old=CASH))
    assert made.text == AFTER
    assert {(one.name, one.known.whole_name) for one in made.replaced} == {
        ("discount", "commonlib.cash.factor"),
        ("total", "commonlib.cash.present_value"),
        ("worth", "commonlib.cash.factor"),
    }
    compile(made.text, "notebook", "exec")


def test_a_second_time_changes_nothing() -> None:
    twins = library(cash=CASH, old=CASH)
    assert without_copies(without_copies(BEFORE, twins).text, twins).replaced == ()


def test_what_is_only_near_stays() -> None:
    near = BEFORE.replace("365", "360").replace("commonlib.old", "commonlib.cash")
    assert without_copies(near, library(cash=CASH)).text == near
