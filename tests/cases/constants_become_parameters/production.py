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
#     - START
#     - END
#     - MIN_AMOUNT
#     - TOP_N
#     - MIN_ROWS
#     - sales_path
#     results:
#     - shown by revenue
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 4ab2d800ceb551d3978e0558dc5d3d69ab7f8962bae61e67f4c73965715e7ce7
#     version: 0.1.0
# ---

# %% [markdown]
# # Monthly revenue

# %%
import pandas as pd

from commonlib import parameters, validation

# %% tags=["parameters"]
START: "date" = "2024-01-01"  # first day that counts
END: "date" = "2024-06-30"  # last day that counts
MIN_AMOUNT: float = 10.5
TOP_N: int = 5
MIN_ROWS: int = 2  # rows of a region that are enough
sales_path: "path" = "notebooks/adhoc/data/sales.csv"

# %%
START = parameters.date_text("START", START)
END = parameters.date_text("END", END)
MIN_AMOUNT = parameters.number("MIN_AMOUNT", MIN_AMOUNT)
TOP_N = parameters.integer("TOP_N", TOP_N)
MIN_ROWS = parameters.integer("MIN_ROWS", MIN_ROWS)
sales_path = parameters.input_path("sales_path", sales_path)

# %%
REGIONS = ["north", "south"]
DATE_COLUMN = "day"

# %%
# sales of all regions
sales = pd.read_csv(sales_path, parse_dates=[DATE_COLUMN])
sales = validation.require(sales, "sales")

# %%
chosen = sales[(sales[DATE_COLUMN] >= START) & (sales[DATE_COLUMN] <= END)]
chosen = validation.require(chosen, "chosen (by START, END)")
chosen = chosen[chosen["amount"] >= MIN_AMOUNT]
chosen = validation.require(chosen, "chosen (by MIN_AMOUNT)")
chosen = chosen[chosen["region"].isin(REGIONS)]
chosen = chosen.groupby("region").filter(lambda rows: len(rows) >= MIN_ROWS)

# %%
revenue = chosen.groupby("region")["amount"].sum().nlargest(TOP_N)
revenue
