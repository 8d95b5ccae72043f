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
#     results:
#     - derived/totals
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: b8b7eee53db6743a3092049a19ed028293de014e83ee4b19d43d91be8e2fbca4
#     version: 0.1.0
# ---

# %% [markdown]
# # Share of sales

# %%
import pandas as pd

from commonlib import lake, parameters, validation
from commonlib.story import share

# %% tags=["parameters"]
sales_path: "path" = "notebooks/adhoc/sales.csv"
WORST: float = 1.0  # regions below are left out

# %%
sales_path = parameters.input_path("sales_path", sales_path)
WORST = parameters.number("WORST", WORST)

# %%
sales = pd.read_csv(sales_path)
sales = validation.require(sales, "sales", columns=("region",))

# %%
totals = sales.groupby("region", as_index=False)["amount"].sum()
totals = totals[totals["amount"] >= WORST]
totals["share"] = share(totals["amount"], totals["amount"].sum())

# %%
with lake.write_file("derived/totals", "totals.csv") as path:
    totals.to_csv(path, index=False)
