# %%
import shutil

import pandas as pd
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()

# %%
clicks = spark.read.json("clicks.json")

# %%
for day in ["mon", "tue"]:
    clicks.where(clicks.day == day).write.mode("append").parquet("/data/clicks")

# %%
log = open("days.txt", "w")
log.write("mon\n")

# %%
shutil.copyfile("days.txt", "/data/days.txt")

# %%
totals = clicks.groupBy("day").count().toPandas()
_ = [totals.to_csv(name) for name in ("a.csv", "b.csv")]

# %%
dbutils.fs.cp("file:/tmp/a.csv", "dbfs:/shared/a.csv")
