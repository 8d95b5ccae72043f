# %%
import pandas as pd
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()

# %%
ORDERS = "orders.csv"
orders = pd.read_csv(ORDERS, sep=";", parse_dates=["day"])  # as the shop sends it

# %%
clicks = spark.read.option("header", True).csv("clicks.csv", inferSchema=True).where("n > 0")

# %%
names = pd.read_csv("names.csv", usecols=["id", "name"])
shops = pd.read_csv("shops.csv")

# %%
found = orders.merge(names, on="id").merge(shops, on="id").merge(clicks.toPandas(), on="id")
found.to_parquet("found.parquet")
