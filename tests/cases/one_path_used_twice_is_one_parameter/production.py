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
#     - stock_path
#     results:
#     - derived/summary
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: d7983e340854a6d4bef45235e6a81e912c1c45d59a2fcf5f8181b7f04f0cf38d
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
import pandas as pd

from commonlib import lake, parameters, validation

# %% tags=["parameters"]
stock_path: "path" = "notebooks/adhoc/data/2024/stock.csv"

# %%
stock_path = parameters.input_path("stock_path", stock_path)

# %%
first = pd.read_csv(stock_path)
first = validation.require(first, "first")
rows = len(first)

# %%
again = pd.read_csv(stock_path, nrows=rows // 2)
again = validation.require(again, "again")

# %%
with lake.write_file("derived/summary", "summary.json") as path:
    again.describe().to_json(path)
