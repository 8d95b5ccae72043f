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
#     - shown by ranking
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 0c084eb63f033da9ade8388381a83d97015ceccb19e854c837ecc3b1c8b709b0
#     version: 0.1.0
# ---

# %% [markdown]
# # Stock by warehouse
#
# Quick look for the inventory meeting.

# %%
import pandas as pd

from commonlib import parameters, validation

# %% tags=["parameters"]
stock_path: "path" = "notebooks/adhoc/stock.csv"

# %%
stock_path = parameters.input_path("stock_path", stock_path)

# %%
stock = pd.read_csv(stock_path)
stock = validation.require(stock, "stock", columns=("warehouse",))

# %% [markdown]
# ## By group

# %%
by_warehouse = stock.groupby("warehouse", as_index=False)["units"].sum()

# %%
# largest first
ranking = by_warehouse.sort_values(["units", "warehouse"], ascending=[False, True])
ranking
