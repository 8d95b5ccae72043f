# Databricks notebook source
dbutils.widgets.text("n", "3")
n = int(dbutils.widgets.get("n"))
token = dbutils.secrets.get("scope", "key")

# COMMAND ----------

import pandas as pd
frame = pd.DataFrame({"a": range(n), "token_length": len(token)})
frame

# COMMAND ----------

dbutils.notebook.exit(str(len(frame)))
