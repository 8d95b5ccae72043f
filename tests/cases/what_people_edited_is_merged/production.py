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
#     - sales_path
#     - WORST
#     - DIGITS
#     results:
#     - derived/totals
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: ad4f380f6de5ea1fab97cde55f858e88655f6fc45efc0e460df25b97faad08ca
#     version: 0.1.0
# ---

# %% [markdown]
# # Share of sales

# %%
import pandas as pd

from commonlib import lake, parameters, validation
from commonlib.story import rounded, share

# %% tags=["parameters"]
sales_path: "path" = "notebooks/adhoc/sales.csv"
WORST: float = 1.0  # regions below are left out
DIGITS: int = 2  # of the share

# %%
sales_path = parameters.input_path("sales_path", sales_path)
WORST = parameters.number("WORST", WORST)
DIGITS = parameters.integer("DIGITS", DIGITS)

# %%
sales = pd.read_csv(sales_path)
sales = validation.require(sales, "sales", columns=("region",))

# %%
totals = sales.groupby("region", as_index=False)["amount"].sum()
totals = totals[totals["amount"] >= WORST]
totals["share"] = rounded(share(totals["amount"], totals["amount"].sum()), DIGITS=DIGITS)

# %%
with lake.write_file("derived/totals", "totals.csv") as path:
    totals.to_csv(path, index=False)
