-- Databricks notebook source
CREATE OR REPLACE TEMP VIEW daily AS SELECT day, count(*) AS n FROM ${table} GROUP BY day

-- COMMAND ----------

-- MAGIC %python
-- MAGIC counted = spark.table("daily")
