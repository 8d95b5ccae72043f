# %%
import pandas as pd
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
REGION = "north"

# %%
sales = spark.read.parquet("/data/sales")
sales.where("region = 'n'").write.mode("overwrite").parquet("/data/north")

# %%
shops = pd.read_csv("shops.csv")
shops = shops[shops["region"] == REGION]
shops.to_parquet("shops.parquet")
