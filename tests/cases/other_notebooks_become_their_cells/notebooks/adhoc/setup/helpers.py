# Databricks notebook source
# MAGIC %md
# MAGIC # Helpers

# COMMAND ----------

# MAGIC %run ../names

# COMMAND ----------

dbutils.widgets.text("day", "2020-01-01")
day = dbutils.widgets.get("day")
print(FACTOR)

# COMMAND ----------

def doubled(frame):
    return frame.withColumn("twice", F.col("n") * 2)
