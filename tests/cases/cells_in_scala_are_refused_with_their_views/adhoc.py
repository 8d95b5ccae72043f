# Databricks notebook source
orders = spark.read.csv("data/orders.csv", header=True)
orders.createOrReplaceTempView("orders")

# COMMAND ----------

# MAGIC %scala
# MAGIC // only for a look
# MAGIC spark.table("orders").show()

# COMMAND ----------

# MAGIC %scala
# MAGIC val large = spark.table("orders").where("amount > 100")
# MAGIC large.createOrReplaceTempView("large_orders")

# COMMAND ----------

# MAGIC %r
# MAGIC by_day <- SparkR::sql("select day, count(*) as n from large_orders group by day")
# MAGIC SparkR::createOrReplaceTempView(by_day, "by_day")

# COMMAND ----------

display(spark.table("by_day"))
