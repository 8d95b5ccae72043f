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
#     decisions:
#       inputs:
#         clicks.csv: raw/clicks
#         orders.csv: validated/orders
#     parameters:
#     - names_path
#     - shops_path
#     results:
#     - derived/found
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 0f4e3a6af161fc507636cd8281674024630d0d87c7aff476a362d0f7586dfdd1
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
import pandas as pd

from commonlib import lake, parameters, validation
from commonlib.session import get_spark

# %% tags=["parameters"]
names_path: "path" = "notebooks/adhoc/names.csv"
shops_path: "path" = "notebooks/adhoc/shops.csv"

# %%
names_path = parameters.input_path("names_path", names_path)
shops_path = parameters.input_path("shops_path", shops_path)

# %%
spark = get_spark()

# %%
orders = lake.read_pandas("validated/orders")  # as the shop sends it
orders = validation.require(orders, "orders", columns=("id",))

# %%
clicks = lake.read("raw/clicks").where("n > 0")

# %%
names = pd.read_csv(names_path, usecols=["id", "name"])
names = validation.require(names, "names", columns=("id",))
shops = pd.read_csv(shops_path)
shops = validation.require(shops, "shops", columns=("id",))

# %%
found = orders.merge(names, on="id").merge(shops, on="id").merge(clicks.toPandas(), on="id")
lake.write(found, "derived/found")
