# ---
# jupyter:
#   jupytext:
#     notebook_metadata_filter: nbpromote,-jupytext.text_representation.jupytext_version
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   nbpromote:
#     parameters:
#     - RATE
#     - DAYS
#     results:
#     - shown by counted(value)
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: e6a5525e1ed0367cf5b372fa815846623b725f0e5dbd7cd166cd60266dbc09fa
#     version: 0.1.0
# ---

# %% [markdown]
# # Discounted cash

# %%
import numpy as np

from commonlib import parameters
from commonlib.story import present_value

# %% tags=["parameters"]
RATE: float = 0.1  # discount rate, per year
DAYS: int = 365

# %%
RATE = parameters.number("RATE", RATE)
DAYS = parameters.integer("DAYS", DAYS)

# %%
amounts = np.array([100.0, 50.0])
days = np.array([30, 400])

# %%
calls = 0

def counted(x):
    global calls
    calls += 1
    return x


# %%
value = present_value(
    amounts,
    days, DAYS=DAYS, RATE=RATE  # the plan
)
counted(value)
