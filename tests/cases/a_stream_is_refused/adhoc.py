# %%
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()

# %%
clicks = spark.readStream.schema("day date, n int").json("/data/clicks")
clicks.writeStream.format("parquet").option("path", "/data/kept").start()
