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
#     - orders_path
#     results:
#     - derived/reports
#     - derived/orders
#     - derived/tables
#     - derived/many
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 2cb9a5db87743c39383c13c84bebda0c9858ca7b10be4d4dacda2ff19b6a0661
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
import os

import pandas as pd

from commonlib import lake, parameters, validation
from commonlib.session import get_spark

# %% tags=["parameters"]
sales_path: "path" = "notebooks/adhoc/sales.csv"
orders_path: "path" = "notebooks/adhoc/orders.parquet"

# %%
sales_path = parameters.input_path("sales_path", sales_path)
orders_path = parameters.input_path("orders_path", orders_path)

# %%
spark = get_spark()

# %%
sales = pd.read_csv(sales_path)
sales = validation.require(sales, "sales", columns=("region",))
orders = spark.read.parquet(orders_path)
orders = validation.require(orders, "orders")

# %%
for region, part in sales.groupby("region"):
    with lake.write_file("derived/reports", f"{region}.csv") as path:
        part.to_csv(path, index=False)

# %%
for year in [2023, 2024]:
    lake.write(orders.where(orders.year == year), "derived/orders", partition={"year": year})


# %%
def keep(frame, place):
    """Save a table where it is asked for."""
    with lake.write_file("derived/tables", os.path.basename(place)) as path:
        frame.to_csv(path)


keep(sales.describe(), "tables/summary.csv")
keep(sales.groupby("region").sum(), "tables/totals.csv")

# %%
if len(sales) > 2:
    with lake.write_file("derived/many", "many.json") as path:
        sales.to_json(path)
    print("many")
