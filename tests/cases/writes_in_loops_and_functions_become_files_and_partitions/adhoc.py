# %%
import os

import pandas as pd
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()

# %%
OUT = "reports"
os.makedirs(OUT, exist_ok=True)

# %%
sales = pd.read_csv("sales.csv")
orders = spark.read.parquet("orders.parquet")

# %%
for region, part in sales.groupby("region"):
    part.to_csv(f"{OUT}/{region}.csv", index=False)

# %%
for year in [2023, 2024]:
    orders.where(orders.year == year).write.mode("overwrite").parquet(f"/data/orders/year={year}")


# %%
def keep(frame, place):
    """Save a table where it is asked for."""
    frame.to_csv(place)


keep(sales.describe(), "tables/summary.csv")
keep(sales.groupby("region").sum(), "tables/totals.csv")

# %%
if len(sales) > 2: sales.to_json("many.json"); print("many")
