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
#     - stocks_path
#     results:
#     - shown by close.join(volume).groupby("symbol").mean()
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: f5cd730059303ef4e83e3032fcd5b64c037e46a129e940a47aa8de772da13822
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
import pandas as pd

from commonlib import parameters, validation

# %% tags=["parameters"]
stocks_path: "path" = "notebooks/adhoc/data/stocks.csv"

# %%
stocks_path = parameters.input_path("stocks_path", stocks_path)

# %%
close = pd.read_csv(stocks_path, usecols=["symbol", "close"], index_col="symbol")
close = validation.require(close, "close")
volume = pd.read_csv(stocks_path, usecols=["symbol", "volume"], index_col="symbol")
volume = validation.require(volume, "volume")

# %%
close.join(volume).groupby("symbol").mean()
