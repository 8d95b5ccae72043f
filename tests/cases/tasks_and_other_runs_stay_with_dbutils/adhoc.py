# Databricks notebook source
rows = dbutils.jobs.taskValues.get(taskKey="load", key="rows", debugValue=3)

# COMMAND ----------

answer = dbutils.notebook.run("./other", 60, {"rows": rows})
dbutils.jobs.taskValues.set(key="answer", value=answer)

# COMMAND ----------

dbutils.notebook.exit(answer)
