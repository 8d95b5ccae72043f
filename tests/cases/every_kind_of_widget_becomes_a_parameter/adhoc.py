# Databricks notebook source
# MAGIC %md
# MAGIC # Sales of some days

# COMMAND ----------

dbutils.widgets.text("top", "2", "How many")
dbutils.widgets.dropdown("region", "north", ["north", "south"], "Region")
dbutils.widgets.combobox("kind", "shop", ["shop", "web"], "Kind of sale")
dbutils.widgets.multiselect("days", "mon", ["mon", "tue"], "Days")

# COMMAND ----------

# DBTITLE 1,Load the sales
days = dbutils.widgets.get("days").split(",")
top = int(dbutils.widgets.get("top"))
sales = spark.table("sales").where(f"day in {tuple(days)}")
sales.createOrReplaceTempView("some")

# COMMAND ----------

# DBTITLE 0,Hidden
# MAGIC %sql
# MAGIC SELECT day, sum(amount) AS amount FROM some
# MAGIC WHERE region = :region AND kind = '${kind}' GROUP BY day

# COMMAND ----------

# DBTITLE 1,The best
# MAGIC %py
# MAGIC best = _sqldf.orderBy("amount", ascending=False).limit(top)
# MAGIC display(best)
