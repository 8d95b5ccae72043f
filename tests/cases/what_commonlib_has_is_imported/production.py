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
#     - rate
#     - DAYS
#     - payments_path
#     results:
#     - shown by doubled(payments)
#     - shown by worth
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 118857625303aa50293403570cb1944f8ea33b184b1909a3cb388de7b5a13d75
#     version: 0.1.0
# ---

# %% [markdown]
# # Cash, by month

# %%
import pandas as pd

from commonlib import parameters, validation
from commonlib.cash import present_value
from commonlib.story import doubled, late

# %% tags=["parameters"]
rate: float = 0.1  # per year
DAYS: int = 365
payments_path: "path" = "notebooks/adhoc/payments.csv"

# %%
rate = parameters.number("rate", rate)
DAYS = parameters.integer("DAYS", DAYS)
payments_path = parameters.input_path("payments_path", payments_path)

# %%
payments = pd.read_csv(payments_path, parse_dates=["date", "due", "paid"])
payments = validation.require(payments, "payments", columns=("days", "paid", "due"))
worth = present_value(days=payments["days"], amounts=payments["amount"], DAYS=DAYS, RATE=rate)
late(payments)

# %%
doubled(payments)

# %%
worth
