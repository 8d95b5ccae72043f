# Databricks notebook source
# MAGIC %md
# MAGIC # Orders by day

# COMMAND ----------

# MAGIC %pip install humanize==4.9.0

# COMMAND ----------

dbutils.widgets.text("least", "10", "Smallest order")

# COMMAND ----------

# MAGIC %fs ls /mnt/orders

# COMMAND ----------

# MAGIC %sh
# MAGIC ls -l /tmp

# COMMAND ----------

# DBTITLE 1,Load
orders = spark.read.csv("data/orders.csv", header=True, inferSchema=True)
orders.createOrReplaceTempView("orders")

# COMMAND ----------

# MAGIC %scala
# MAGIC display(spark.table("orders"))

# COMMAND ----------

# MAGIC %sql
# MAGIC select day, sum(amount) as total from orders where amount > ${least} group by day

# COMMAND ----------

by_day = _sqldf.orderBy("day")
displayHTML(f"<b>{by_day.count()} days of {table('orders').count()} orders after {getArgument('least')}</b>")
display(by_day)
