# %%
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()

# %%
clicks = spark.read.json("clicks.json")

# %%
clicks.write.mode("append").parquet("/data/clicks")

# %%
for day in ["mon", "tue"]:
    clicks.where(clicks.day == day).write.parquet(f"/data/{day}")
