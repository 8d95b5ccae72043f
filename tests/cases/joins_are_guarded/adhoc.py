# %%
import pandas as pd
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

spark = SparkSession.builder.getOrCreate()

# %%
orders = spark.read.parquet("orders.parquet")
people = spark.read.parquet("people.parquet")
shops = spark.read.parquet("shops.parquet")

# %%
sold = orders.join(people, "person_id").join(shops, orders.shop == shops["code"], "left")
sold.write.mode("overwrite").parquet("sold.parquet")

# %%
prices = pd.read_csv("prices.csv")
rates = pd.read_csv("rates.csv")
months = pd.read_csv("months.csv")
priced = prices.merge(rates, left_on=["currency", "day"], right_on=["code", "date"]).join(months, on="month")
priced.to_parquet("priced.parquet")
