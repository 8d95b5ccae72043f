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
#     - derived/sales
#     - derived/clean
#     - derived/sales_parquet
#     - derived/parts
#     - derived/count
#     - derived/sales_2
#     - derived/totals
#     - shown by total
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 674d93629d459086ace9f9eaddeb32ecfa3cb3bebb24288e78efa07fc3aa2580
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
from pathlib import Path

import pandas as pd

from commonlib import lake, parameters
from commonlib.session import get_spark

# %% tags=["parameters"]
sales_path: "path" = "notebooks/adhoc/sales.csv"

# %%
sales_path = parameters.input_path("sales_path", sales_path)

# %%
spark = get_spark()

# %%
sales = pd.read_csv(sales_path).dropna()
with lake.write_file("derived/sales", "sales.csv") as path:
    sales.to_csv(path, index=False)
with lake.write_file("derived/clean", "clean.csv") as path:
    sales.to_csv(path, index=False)
with lake.write_file("derived/sales_parquet", "sales.parquet") as path:
    sales.to_parquet(path)
for region in ["n", "s"]:
    with lake.write_file("derived/parts", f"{region}.csv") as path:
        sales[sales["region"] == region].to_csv(path, index=False)

# %%
again = pd.read_csv(lake.file("derived/clean", "clean.csv"))
typed = pd.read_parquet(lake.file("derived/sales_parquet", "sales.parquet"))
north = pd.read_csv(lake.file("derived/parts", "n.csv"))
parts = {region: pd.read_csv(lake.file("derived/parts", f"{region}.csv")) for region in ["n", "s"]}
with lake.write_file("derived/count", "count.txt") as path:
    Path(path).write_text(str(len(again)))

# %%
count = int(Path(lake.file("derived/count", "count.txt")).read_text())
lake.write(spark.createDataFrame(again), "derived/sales_2")
lake.write(spark.createDataFrame(again), "derived/totals")
lake.read("derived/totals").createOrReplaceTempView("totals")

# %%
table = lake.read("derived/sales_2").toPandas()
total = spark.sql("select sum(amount) as amount from totals").toPandas()
total["count"] = count + len(typed) + len(north) + len(parts) + len(table)
total
