# %%
import glob

import pandas as pd

# %%
sales = pd.read_csv("sales.csv")
sales.to_parquet("parts/one.parquet")

# %%
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
found = spark.read.parquet("parts/*.parquet")
found.groupBy("region").count().write.parquet("counts")
