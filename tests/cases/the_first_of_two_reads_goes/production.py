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
#     - stocks_by_symbol_and_day_path
#     results:
#     - shown by close.join(volume).groupby("symbol").mean()
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 3c8de55a3bc217e59c5ee45bfcbdc6de327a36dbda22e75ab236e0067786afa2
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
import pandas as pd

from commonlib import parameters, validation

# %% tags=["parameters"]
stocks_by_symbol_and_day_path: "path" = "notebooks/adhoc/data/stocks_by_symbol_and_day_2005_to_2015_clean.csv"

# %%
stocks_by_symbol_and_day_path = parameters.input_path(
    "stocks_by_symbol_and_day_path", stocks_by_symbol_and_day_path
)

# %%
close = pd.read_csv(stocks_by_symbol_and_day_path, usecols=["symbol", "close"], index_col="symbol")
close = validation.require(close, "close")
volume = pd.read_csv(stocks_by_symbol_and_day_path, usecols=["symbol", "volume"], index_col="symbol")
volume = validation.require(volume, "volume")

# %%
close.join(volume).groupby("symbol").mean()
