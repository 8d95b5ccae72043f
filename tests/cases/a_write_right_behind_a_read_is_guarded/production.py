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
#     - REGION
#     - sales_path
#     - shops_path
#     results:
#     - derived/north
#     - derived/shops
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 3b15662c1bb1f3bcde25e0240ea508fbf1a70f2a08b07343b5f6580d20e6b8ad
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
import pandas as pd

from commonlib import lake, parameters, validation
from commonlib.session import get_spark

# %% tags=["parameters"]
REGION: str = "north"
sales_path: "path" = "/data/sales"
shops_path: "path" = "notebooks/adhoc/shops.csv"

# %%
REGION = parameters.text("REGION", REGION)
sales_path = parameters.input_path("sales_path", sales_path)
shops_path = parameters.input_path("shops_path", shops_path)

# %%
spark = get_spark()

# %%
sales = spark.read.parquet(sales_path)
sales = validation.require(sales, "sales")
lake.write(sales.where("region = 'n'"), "derived/north")

# %%
shops = pd.read_csv(shops_path)
shops = validation.require(shops, "shops", columns=("region",))
shops = shops[shops["region"] == REGION]
shops = validation.require(shops, "shops (by REGION)")
lake.write(shops, "derived/shops")
