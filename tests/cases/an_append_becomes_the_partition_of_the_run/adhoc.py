# %% [markdown]
# # Daily clicks

# %%
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

spark = SparkSession.builder.getOrCreate()

# %%
AS_OF = "2024-03-01"  # the day that is added

# %%
clicks = spark.read.json("clicks.json").where(F.col("day") == AS_OF)
daily = clicks.groupBy("user").count()

# %%
daily.write.mode("append").parquet("/data/daily_clicks")

# %%
daily.write.insertInto("web.daily", overwrite=False)

# %%
with open("log.txt", "a") as log:
    log.write(f"{AS_OF}: {daily.count()} users\n")
