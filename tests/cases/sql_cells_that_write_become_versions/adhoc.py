# Databricks notebook source
sales = spark.read.parquet("/mnt/sales")
sales.createOrReplaceTempView("sales")

# COMMAND ----------

# MAGIC %sql
# MAGIC CREATE OR REPLACE TEMP VIEW good AS SELECT * FROM sales WHERE amount > 0

# COMMAND ----------

# MAGIC %sql
# MAGIC CREATE OR REPLACE TABLE totals AS SELECT region, sum(amount) AS amount FROM good GROUP BY region
