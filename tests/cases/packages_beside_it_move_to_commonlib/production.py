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
#     results:
#     - derived/clean
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 43c8acf6e6d7b79e8fa1a09ca38b1b2b11b5a76a049751f23ad12b1c170d57b1
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
import pandas as pd

import commonlib.plots.colours
from commonlib import lake, parameters, plots
from commonlib.helpers import cleaning
from commonlib.plots import bars as b

# %% tags=["parameters"]
sales_path: "path" = "notebooks/adhoc/sales.csv"

# %%
sales_path = parameters.input_path("sales_path", sales_path)

# %%
clean = cleaning.cleaned(pd.read_csv(sales_path))
print(plots.colours.of("red"), b.height(clean))
with lake.write_file("derived/clean", "clean.csv") as path:
    clean.to_csv(path, index=False)
