# Databricks notebook source
# MAGIC %run ./setup/helpers $day="2024-03-01" $table="clicks"

# COMMAND ----------

frame = spark.createDataFrame([(1, day), (2, day)], ["n", "day"])
frame.createOrReplaceTempView("clicks")

# COMMAND ----------

# MAGIC %run "./setup/counting" $table=clicks

# COMMAND ----------

busy = doubled(counted.filter(counted.n > 1))
display(busy)
