# %%
from pathlib import Path

import pandas as pd
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
CLEAN = "clean.csv"

# %%
sales = pd.read_csv("sales.csv").dropna()
sales.to_csv("sales.csv", index=False)
sales.to_csv(CLEAN, index=False)
sales.to_parquet("sales.parquet")
for region in ["n", "s"]:
    sales[sales["region"] == region].to_csv(f"parts/{region}.csv", index=False)

# %%
again = pd.read_csv(CLEAN)
typed = pd.read_parquet("sales.parquet")
north = pd.read_csv("parts/n.csv")
parts = {region: pd.read_csv(f"parts/{region}.csv") for region in ["n", "s"]}
Path("count.txt").write_text(str(len(again)))

# %%
count = int(Path("count.txt").read_text())
spark.createDataFrame(again).write.mode("overwrite").parquet("/data/sales")
spark.createDataFrame(again).write.mode("overwrite").saveAsTable("totals")

# %%
table = spark.read.parquet("/data/sales").toPandas()
total = spark.sql("select sum(amount) as amount from totals").toPandas()
total["count"] = count + len(typed) + len(north) + len(parts) + len(table)
total
