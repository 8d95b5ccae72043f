# Databricks notebook source
# MAGIC %run ./helpers

# COMMAND ----------

# MAGIC %run /Shared/setup

# COMMAND ----------

x = 1
print(x)
