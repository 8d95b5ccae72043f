# %% [markdown]
# # Nightly scores

# %%
import json

import pandas as pd
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

spark = SparkSession.builder.master("local[2]").appName("scores").getOrCreate()

# %%
events = spark.read.parquet("data/events.parquet")

# %%
scores = events.groupBy("user").agg(F.sum("points").alias("score"))
scores.write.mode("overwrite").parquet("/tmp/out/scores.parquet")

# %%
scores.write.saveAsTable("marketing.user_scores", mode="overwrite")

# %%
top = scores.orderBy(F.desc("score"), "user").limit(10).toPandas()
top.to_csv("top users.csv", index=False)
