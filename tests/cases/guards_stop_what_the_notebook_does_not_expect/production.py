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
#     - sales_path
#     - rates_path
#     - big_path
#     - tables_path
#     results:
#     - shown by joined.groupby("region")["value"].sum() + len(tables) + s...
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: c132d5c3aca74135caf87079ff0f9a5e4414ff55a030977cd4ac103a735a0b28
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
import pandas as pd

from commonlib import parameters, validation

# %% tags=["parameters"]
START: "date" = "2024-01-01"  # first day that counts
sales_path: "path" = "notebooks/adhoc/sales.csv"
rates_path: "path" = "notebooks/adhoc/rates.csv"
big_path: "path" = "notebooks/adhoc/big.csv"
tables_path: "path" = "notebooks/adhoc/tables.html"

# %%
START = parameters.date_text("START", START)
sales_path = parameters.input_path("sales_path", sales_path)
rates_path = parameters.input_path("rates_path", rates_path)
big_path = parameters.input_path("big_path", big_path)
tables_path = parameters.input_path("tables_path", tables_path)

# %%
sales = pd.read_csv(sales_path)
sales = validation.require(sales, "sales", columns=("count", "day"), not_null=("count",))
rates = pd.read_csv(rates_path, header=None)
rates = validation.require(rates, "rates")
rates.columns = ["region", "rate"]
pieces = pd.read_csv(big_path, chunksize=1000)
tables = pd.read_html(tables_path)

# %%
sales["units"] = sales["count"].astype(int)
if "note" in sales.columns:
    print(sales["note"].nunique())
recent = sales[sales["day"] >= START]
recent = validation.require(recent, "recent (by START)")
joined = recent.merge(rates[["region", "rate"]], on="region")
joined["value"] = joined["units"] * joined["rate"]
joined.groupby("region")["value"].sum() + len(tables) + sum(len(piece) for piece in pieces)
