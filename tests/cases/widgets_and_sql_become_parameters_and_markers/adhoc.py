# Databricks notebook source
dbutils.widgets.text("start", "2024-03-01", "First day")
dbutils.widgets.dropdown("env", "dev", ["dev", "prod"])
dbutils.widgets.text("top_n", "2")
dbutils.widgets.text("data", "clicks.json", "Where the clicks lie")

# COMMAND ----------

start = dbutils.widgets.get("start")
top_n = int(dbutils.widgets.get("top_n"))

# COMMAND ----------

clicks = spark.read.json(dbutils.widgets.get("data"))
clicks.createOrReplaceTempView("clicks")
print(dbutils.widgets.get("env"), start)

# COMMAND ----------

# MAGIC %sql
# MAGIC CREATE OR REPLACE TEMP VIEW daily AS
# MAGIC SELECT user, count(*) AS n FROM clicks WHERE day >= '${start}' GROUP BY user

# COMMAND ----------

# MAGIC %sql SELECT * FROM daily WHERE n > :top_n ORDER BY user

# COMMAND ----------

display(_sqldf.toPandas())
