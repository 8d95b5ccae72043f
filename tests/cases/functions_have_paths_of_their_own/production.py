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
#     - derived/keep
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 60202aad019e4aaf3fdd6f1c2480a4aaa4c013511bc2825131b9e71590abaf2a
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
import os
import sys

import pandas as pd

from commonlib import lake, parameters, validation
from commonlib.story import size

# %% tags=["parameters"]
sales_path: "path" = "notebooks/adhoc/sales.csv"

# %%
sales_path = parameters.input_path("sales_path", sales_path)

# %%
sales = pd.read_csv(sales_path)
sales = validation.require(sales, "sales")
folder = os.path.join(sys.prefix, "sales")


# %%
def keep(name):
    path = os.path.join(folder, name + ".csv")
    with lake.write_file("derived/keep", os.path.basename(path)) as output_path:
        sales.to_csv(output_path)


# %%
keep("a")
print(size("b"))
